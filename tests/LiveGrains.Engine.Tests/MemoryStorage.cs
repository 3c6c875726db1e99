using LiveGrains.Engine.Storage;

namespace LiveGrains.Engine.Tests;

/// <summary>A directory in memory. A fork shares its files until one of the two writes to them.</summary>
internal sealed class MemoryStorage : IStorage
{
    private readonly SortedDictionary<string, Content> _files = new(StringComparer.Ordinal);

    public IReadOnlyList<string> List() => [.. _files.Keys];

    public IStorageFile Open(string name) => _files.TryGetValue(name, out var file) ? new OpenFile(file) : throw new FileNotFoundException(name);

    public IStorageFile Create(string name, long bytes) => new OpenFile(_files[name] = new Content { Bytes = new byte[bytes], Length = (int)bytes });

    public void Rename(string from, string to)
    {
        _files[to] = _files[from];
        _files.Remove(from);
    }

    public void Delete(string name) => _files.Remove(name);

    public void SyncDirectory()
    {
    }

    /// <summary>The bytes of a file as they are now.</summary>
    public byte[] Read(string name) => _files[name].Bytes.AsSpan(0, _files[name].Length).ToArray();

    /// <summary>Puts a file in place; the array is used as it is until somebody writes to the file.</summary>
    public void Put(string name, byte[] bytes, int length) => _files[name] = new Content { Bytes = bytes, Length = length, Shared = true };

    public MemoryStorage Fork()
    {
        var fork = new MemoryStorage();
        foreach (var (name, file) in _files) fork.Put(name, file.Bytes, file.Length);
        return fork;
    }

    private sealed class Content
    {
        public byte[] Bytes = [];
        public int Length;
        public bool Shared;
    }

    private sealed class OpenFile(Content file) : IStorageFile
    {
        public long Length => file.Length;

        public int Read(Span<byte> bytes, long offset)
        {
            var count = (int)Math.Clamp(file.Length - offset, 0, bytes.Length);
            if (count > 0) file.Bytes.AsSpan((int)offset, count).CopyTo(bytes);
            return count;
        }

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            var end = (int)offset + bytes.Length;
            if (file.Shared || end > file.Bytes.Length)
            {
                Array.Resize(ref file.Bytes, end <= file.Bytes.Length ? file.Bytes.Length : Math.Max(end, file.Bytes.Length * 2));
                if (file.Shared) file.Bytes = [.. file.Bytes];
                file.Shared = false;
            }

            if (end > file.Length) file.Length = end;
            bytes.CopyTo(file.Bytes.AsSpan((int)offset));
        }

        public void Sync()
        {
        }

        public void Dispose()
        {
        }
    }
}
