#pragma warning disable RS0030 // This is the storage: the one place where files are touched.
using System.Globalization;

namespace LiveGrains.Engine.Storage;

/// <summary>A data directory, held by one process at a time through a lock on its file `lock`.</summary>
internal sealed class DataDirectory : IDisposable
{
    private readonly string _path;
    private readonly FileStream _lock;

    private DataDirectory(string path, FileStream fileLock)
    {
        _path = path;
        _lock = fileLock;
    }

    /// <summary>Opens and locks a directory, and makes it when it is not there. Throws <see cref="ErrorCode.DirectoryNotWritable"/> and <see cref="ErrorCode.DirectoryInUse"/>.</summary>
    public static DataDirectory Open(string path)
    {
        path = Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(path);
            var probe = Path.Combine(path, ".write-test");
            using (File.Create(probe)) { }
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (e is IOException io && FileStorage.IsFull(io)) throw new LiveGrainsException(ErrorCode.StorageFull, null, e);
            throw new LiveGrainsException(ErrorCode.DirectoryNotWritable, $"{path} cannot be written: {e.Message}", e);
        }

        try
        {
            return new DataDirectory(path, new FileStream(Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e)
        {
            throw new LiveGrainsException(ErrorCode.DirectoryInUse, $"{path} is used by another process.", e);
        }
    }

    /// <summary>
    /// Holds a directory that is there against engines, for reading. Null: it has no lock, so no engine ever held it. Throws
    /// <see cref="ErrorCode.InputNotReadable"/> and <see cref="ErrorCode.DirectoryInUse"/>.
    /// </summary>
    public static IDisposable? HoldForReading(string path)
    {
        if (!Directory.Exists(path)) throw new LiveGrainsException(ErrorCode.InputNotReadable, $"{path} is not a directory.");
        try
        {
            var file = Path.Combine(path, "lock");
            return File.Exists(file) ? new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None) : null;
        }
        catch (IOException e)
        {
            throw new LiveGrainsException(ErrorCode.DirectoryInUse, $"{path} is used by a running engine.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new LiveGrainsException(ErrorCode.InputNotReadable, $"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Number of shards that are there.</summary>
    public int Shards() => ShardDirectories(_path).Count;

    /// <summary>The storage of a shard.</summary>
    public IStorage Shard(int number) => new FileStorage(Path.Combine(_path, $"shard-{number:00}"));

    /// <summary>The directories of shards, in order.</summary>
    public static List<string> ShardDirectories(string path) =>
        [.. Directory.EnumerateDirectories(path, "shard-*")
            .Where(d => int.TryParse(Path.GetFileName(d).AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();
}
