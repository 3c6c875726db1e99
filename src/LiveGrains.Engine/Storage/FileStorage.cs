#pragma warning disable RS0030 // This is the storage: the one place where files are touched.
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LiveGrains.Engine.Storage;

/// <summary>A directory of the file system.</summary>
internal sealed partial class FileStorage : IStorage
{
    private readonly string _directory;

    /// <summary>Opens a directory and makes it when it is not there.</summary>
    public FileStorage(string directory)
    {
        _directory = directory;
        Directory.CreateDirectory(directory);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> List() => [.. Directory.EnumerateFiles(_directory).Select(p => Path.GetFileName(p)!).Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public IStorageFile Open(string name) =>
        new StorageFile(System.IO.File.OpenHandle(Path.Combine(_directory, name), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));

    /// <inheritdoc/>
    public IStorageFile Create(string name, long bytes)
    {
        var path = Path.Combine(_directory, name);
        try
        {
            System.IO.File.Delete(path);
            var handle = System.IO.File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            try
            {
                Reserve(handle, bytes);
            }
            catch
            {
                handle.Dispose();
                throw;
            }

            return new StorageFile(handle);
        }
        catch (IOException e) when (e is StorageFullException || IsFull(e))
        {
            System.IO.File.Delete(path);
            throw new StorageFullException($"No room for {bytes} bytes.", e);
        }
    }

    /// <inheritdoc/>
    public void Rename(string from, string to) => System.IO.File.Move(Path.Combine(_directory, from), Path.Combine(_directory, to), true);

    /// <inheritdoc/>
    public void Delete(string name) => System.IO.File.Delete(Path.Combine(_directory, name));

    /// <inheritdoc/>
    public void SyncDirectory()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS()) return;
        using var handle = new SafeFileHandle(OpenDirectory(_directory, 0), true);
        if (handle.IsInvalid || FSync(handle) != 0) throw new IOException($"The directory cannot be synchronised (errno {Marshal.GetLastPInvokeError()}).");
    }

    // ENOSPC (28) and EDQUOT (122) on Linux; ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL on Windows.
    internal static bool IsFull(IOException e) => (e.HResult & 0xFFFF) is 28 or 122 or 112 or 39;

    // The file gets its full length at once: a write within it then changes no metadata, and fdatasync has only data to write.
    private static void Reserve(SafeFileHandle handle, long bytes)
    {
        if (bytes == 0) return;
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.SetLength(handle, bytes);
            return;
        }

        var error = FAllocate(handle, 0, bytes);
        if (error is 28 or 122) throw new StorageFullException($"No room for {bytes} bytes.");
        if (error != 0) throw new IOException($"posix_fallocate failed (errno {error}).");
    }

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    private static partial int FAllocate(SafeFileHandle file, long offset, long length);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint OpenDirectory(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FDataSync(SafeFileHandle file);

    private sealed class StorageFile(SafeFileHandle handle) : IStorageFile
    {
        public long Length => RandomAccess.GetLength(handle);

        public int Read(Span<byte> bytes, long offset)
        {
            var total = 0;
            while (total < bytes.Length)
            {
                var read = RandomAccess.Read(handle, bytes[total..], offset + total);
                if (read == 0) break;
                total += read;
            }

            return total;
        }

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            try
            {
                RandomAccess.Write(handle, bytes, offset);
            }
            catch (IOException e) when (IsFull(e))
            {
                throw new StorageFullException("No room to write.", e);
            }
        }

        public void Sync()
        {
            if (!OperatingSystem.IsLinux())
            {
                RandomAccess.FlushToDisk(handle);
                return;
            }

            if (FDataSync(handle) != 0) throw new IOException($"fdatasync failed (errno {Marshal.GetLastPInvokeError()}).");
        }

        public void Dispose() => handle.Dispose();
    }
}
