#pragma warning disable RS0030 // This is the storage: the one place where files are touched.
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LiveGrains.Engine.Storage;

/// <summary>A directory of the file system.</summary>
internal sealed partial class FileStorage : IStorage
{
    // errno of Linux.
    private const int Interrupted = 4;
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;

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
        System.IO.File.Delete(path);
        SafeFileHandle? handle = null;
        try
        {
            handle = System.IO.File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            if (bytes > 0) Reserve(handle, bytes);
            return new StorageFile(handle);
        }
        catch (IOException e)
        {
            handle?.Dispose();
            System.IO.File.Delete(path);
            if (IsFull(e)) throw new StorageFullException($"No room for {bytes} bytes.", e);
            throw;
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

    // The rest is ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL of Windows.
    internal static bool IsFull(IOException e) => e is StorageFullException || (e.HResult & 0xFFFF) is NoSpace or QuotaExceeded or 112 or 39;

    // The preallocation of OpenHandle is not used: it leaves the length as it was, so that a reader could not tell a segment that
    // was cut, and its exception for a full disk has no code to know it by.
    private static void Reserve(SafeFileHandle handle, long bytes)
    {
        if (OperatingSystem.IsLinux())
        {
            int error;
            do error = PosixFAllocate(handle, 0, bytes); while (error == Interrupted);
            if (error == NoSpace || error == QuotaExceeded) throw new StorageFullException($"posix_fallocate failed (errno {error}).");
            if (error == 0) return;
        }

        // A file system that cannot reserve: a full disk is found by the write.
        RandomAccess.SetLength(handle, bytes);
    }

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    private static partial int PosixFAllocate(SafeFileHandle file, long offset, long length);

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
