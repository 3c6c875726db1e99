using LiveGrains.Engine.Storage;
using LiveGrains.Model;

namespace LiveGrains.Simulation.Tests;

/// <summary>The machine lost power, or the process was killed, in the middle of an operation.</summary>
internal sealed class CrashException : Exception;

/// <summary>What a simulated disk may do wrong without saying so.</summary>
internal enum Lie { None, LostWrite, MisdirectedWrite }

/// <summary>
/// A disk in memory. Writes are volatile until they are synced, and so are creations, renames and deletions until their
/// directory is. A crash keeps of what is volatile what chance wants: nothing, all, or some sectors of 512 bytes. Operations
/// fail on demand. One thread.
/// </summary>
internal sealed class SimulatedStorage(SplitMix64 random) : IStorage
{
    private const int Sector = 512;
    private SortedDictionary<string, Content> _names = new(StringComparer.Ordinal);
    private SortedDictionary<string, Content> _durableNames = new(StringComparer.Ordinal);
    private readonly List<Action> _namesChanged = [];

    /// <summary>Operations so far.</summary>
    public long Operations { get; private set; }

    /// <summary>The number of the operation at which the machine stops; long.MaxValue: never.</summary>
    public long CrashAt { get; set; } = long.MaxValue;

    /// <summary>The number of the operation that fails with an error of the disk.</summary>
    public long FailAt { get; set; } = long.MaxValue;

    /// <summary>No room for new files.</summary>
    public bool IsFull { get; set; }

    /// <summary>The number of the write that lies, and how.</summary>
    public long LieAt { get; set; } = long.MaxValue;

    public Lie Lie { get; set; }

    /// <summary>True once a write lied.</summary>
    public bool Lied { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<string> List() => [.. _names.Keys];

    /// <inheritdoc/>
    public IStorageFile Open(string name) => _names.TryGetValue(name, out var content)
        ? new OpenFile(this, content)
        : throw new FileNotFoundException(name);

    /// <inheritdoc/>
    public IStorageFile Create(string name, long bytes)
    {
        Step();
        if (IsFull && bytes > 0) throw new StorageFullException("full");
        var content = new Content { Bytes = new byte[bytes], Durable = new byte[bytes] };
        Change(() => _durableNames[name] = content);
        _names[name] = content;
        return new OpenFile(this, content);
    }

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        Step();
        var content = _names[from];
        _names.Remove(from);
        _names[to] = content;
        Change(() =>
        {
            _durableNames.Remove(from);
            _durableNames[to] = content;
        });
    }

    /// <inheritdoc/>
    public void Delete(string name)
    {
        Step();
        _names.Remove(name);
        Change(() => _durableNames.Remove(name));
    }

    /// <inheritdoc/>
    public void SyncDirectory()
    {
        Step();
        foreach (var change in _namesChanged) change();
        _namesChanged.Clear();
    }

    /// <summary>The disk as it is found after the crash.</summary>
    public void Crash()
    {
        CrashAt = FailAt = long.MaxValue;
        // Changes of names reach the disk in order, up to where chance stopped them.
        var kept = (int)(random.Next() % (ulong)(_namesChanged.Count + 1));
        foreach (var change in _namesChanged.Take(kept)) change();
        _namesChanged.Clear();
        foreach (var content in _durableNames.Values.Distinct())
        {
            var mode = random.Next() % 3;
            foreach (var (offset, bytes) in content.Pending)
            {
                for (var at = 0; at < bytes.Length; at += Sector)
                {
                    if (mode == 0 || (mode == 1 && random.Next() % 2 == 0)) continue;
                    content.KeepDurable(offset + at, bytes.AsSpan(at, Math.Min(Sector, bytes.Length - at)));
                }
            }

            content.Pending.Clear();
            content.Bytes = (byte[])content.Durable.Clone();
        }

        _names = new(_durableNames, StringComparer.Ordinal);
    }

    private void Change(Action durable) => _namesChanged.Add(durable);

    private void Step()
    {
        Operations++;
        if (Operations >= CrashAt) throw new CrashException();
        if (Operations == FailAt) throw new IOException("the disk failed");
    }

    private sealed class Content
    {
        public byte[] Bytes = [];
        public byte[] Durable = [];
        public readonly List<(long Offset, byte[] Bytes)> Pending = [];

        public void KeepDurable(long offset, ReadOnlySpan<byte> bytes)
        {
            if (offset + bytes.Length > Durable.Length) Array.Resize(ref Durable, (int)offset + bytes.Length);
            bytes.CopyTo(Durable.AsSpan((int)offset));
        }
    }

    private sealed class OpenFile(SimulatedStorage disk, Content content) : IStorageFile
    {
        public long Length => content.Bytes.Length;

        public int Read(Span<byte> bytes, long offset)
        {
            var length = (int)Math.Clamp(content.Bytes.Length - offset, 0, bytes.Length);
            content.Bytes.AsSpan((int)Math.Min(offset, content.Bytes.Length), length).CopyTo(bytes);
            return length;
        }

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            disk.Operations++;
            // A crash in a write: some of it may have reached the disk.
            if (disk.Operations >= disk.CrashAt)
            {
                content.Pending.Add((offset, bytes.ToArray()));
                throw new CrashException();
            }

            if (disk.Operations == disk.FailAt) throw new IOException("the disk failed");
            if (disk.Operations >= disk.LieAt && !disk.Lied)
            {
                disk.Lied = true;
                if (disk.Lie == Lie.LostWrite) return;
                offset = (offset + 4096) % Math.Max(4096, content.Bytes.Length - bytes.Length);
            }

            if (offset + bytes.Length > content.Bytes.Length) Array.Resize(ref content.Bytes, (int)offset + bytes.Length);
            bytes.CopyTo(content.Bytes.AsSpan((int)offset));
            content.Pending.Add((offset, bytes.ToArray()));
        }

        public void Sync()
        {
            disk.Step();
            foreach (var (offset, bytes) in content.Pending) content.KeepDurable(offset, bytes);
            content.Pending.Clear();
        }

        public void Dispose()
        {
        }
    }
}
