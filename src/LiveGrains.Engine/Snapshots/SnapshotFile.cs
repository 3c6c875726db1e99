using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LiveGrains.Core;
using LiveGrains.Engine.Log;
using LiveGrains.Engine.Storage;

namespace LiveGrains.Engine.Snapshots;

/// <summary>The head of a snapshot file, 256 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal struct SnapshotHead
{
    public const int Bytes = 256;
    public const uint MagicNumber = 0x3150474C; // LGP1
    public const uint CurrentVersion = 5;

    public uint Magic;
    public uint Version;
    public ulong LogId;
    public long Position;
    public long Number;
    public ulong PreviousChecksum;
    public long SegmentBytes;
    public FoldSettings Settings;
    public uint Shard;
    public uint Shards;
    public uint Pad;
    public ulong Checksum;

    public static ulong Compute(SnapshotHead head)
    {
        head.Checksum = 0;
        return Core.Checksum.Of(MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref head, 1)));
    }

    public readonly LogPoint Point => new(Position, Number, PreviousChecksum);
}

/// <summary>
/// Writes a snapshot: the head, then pages of up to 256 KiB with eight bytes of length and eight of checksum, which also
/// covers the page's place; a page of length 0 ends it. The file has another name until it is whole and durable.
/// </summary>
internal sealed class SnapshotWriter : IStateSink, IDisposable
{
    public const int PageBytes = 256 << 10;
    private const int SyncBytes = 4 << 20;
    private readonly IShardLog _log;
    private readonly IStorageFile _file;
    private readonly SnapshotHead _head;
    private readonly byte[] _page = new byte[16 + PageBytes];
    private int _used;
    private long _offset = SnapshotHead.Bytes;
    private long _synced;
    private ulong _chain;

    public SnapshotWriter(IShardLog log, SnapshotHead head)
    {
        _log = log;
        head.Magic = SnapshotHead.MagicNumber;
        head.Version = SnapshotHead.CurrentVersion;
        head.Checksum = SnapshotHead.Compute(head);
        _head = head;
        _chain = head.Checksum;
        _file = log.CreateSnapshot(head.Point);
    }

    /// <summary>Bytes written.</summary>
    public long Bytes => _offset;

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var part = Math.Min(bytes.Length, PageBytes - _used);
            bytes[..part].CopyTo(_page.AsSpan(16 + _used));
            _used += part;
            bytes = bytes[part..];
            if (_used == PageBytes) Flush();
        }
    }

    /// <summary>Ends the file, makes it durable and gives it its name.</summary>
    public void Finish()
    {
        if (_used > 0) Flush();
        Flush();
        _file.Write(MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in _head, 1)), 0);
        _log.PublishSnapshot(_file, _head.Point);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Flush()
    {
        Unsafe.WriteUnaligned(ref _page[0], (long)_used);
        _chain = Checksum.Of(_page.AsSpan(16, _used), Checksum.Of(_page.AsSpan(0, 8), _chain ^ (ulong)_offset));
        Unsafe.WriteUnaligned(ref _page[8], _chain);
        _file.Write(_page.AsSpan(0, 16 + _used), _offset);
        _offset += 16 + _used;
        _used = 0;
        // In small portions, so that a commit of the log never waits behind a gigabyte of dirty pages.
        if (_offset - _synced < SyncBytes) return;
        _file.Sync();
        _synced = _offset;
    }
}

/// <summary>Reads a snapshot and owns its file; throws <see cref="InvalidDataException"/> at the first byte that is not as it was written.</summary>
internal sealed class SnapshotReader : IStateSource, IDisposable
{
    private readonly IStorageFile _file;
    private byte[] _page = ArrayPool<byte>.Shared.Rent(16 + SnapshotWriter.PageBytes);
    private readonly CancellationToken _cancellation;
    private int _at = 16;
    private int _end = 16;
    private long _offset = SnapshotHead.Bytes;
    private ulong _chain;
    private SnapshotHead _head;

    public SnapshotReader(IStorageFile file, long position, CancellationToken cancellationToken = default)
    {
        _cancellation = cancellationToken;
        _file = file;
        var read = _file.Read(MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref _head, 1)), 0);
        var isWhole = read >= SnapshotHead.Bytes && _head.Magic == SnapshotHead.MagicNumber && _head.Checksum == SnapshotHead.Compute(_head) && _head.Position == position;
        if (!isWhole || _head.Version != SnapshotHead.CurrentVersion)
        {
            Dispose();
            throw new InvalidDataException(isWhole
                ? $"it has format {_head.Version}, which another version of LiveGrains reads; this one reads {SnapshotHead.CurrentVersion}"
                : "its head is damaged");
        }

        _chain = _head.Checksum;
    }

    /// <summary>The head.</summary>
    public SnapshotHead Head => _head;

    /// <summary>Place of the next page, for messages.</summary>
    public long Offset => _offset;

    /// <inheritdoc/>
    public void Read(Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_at == _end && !NextPage()) throw new InvalidDataException("it ends too early");
            var part = Math.Min(bytes.Length, _end - _at);
            _page.AsSpan(_at, part).CopyTo(bytes);
            _at += part;
            bytes = bytes[part..];
        }
    }

    /// <summary>Throws unless all was read and the file ends here.</summary>
    public void ExpectEnd()
    {
        if (_at != _end || NextPage() || _file.Length != _offset) throw new InvalidDataException("something follows its end");
    }

    /// <summary>Reads and checks the next page only; false at the end.</summary>
    public bool NextPage()
    {
        _cancellation.ThrowIfCancellationRequested();
        if (_file.Read(_page.AsSpan(0, 16), _offset) < 16) throw new InvalidDataException($"it is cut off at {_offset}");
        var length = Unsafe.ReadUnaligned<long>(ref _page[0]);
        if (length is < 0 or > SnapshotWriter.PageBytes) throw new InvalidDataException($"the page at {_offset} is damaged");
        var sum = Unsafe.ReadUnaligned<ulong>(ref _page[8]);
        if (_file.Read(_page.AsSpan(16, (int)length), _offset + 16) < length) throw new InvalidDataException($"it is cut off at {_offset}");
        _chain = Checksum.Of(_page.AsSpan(16, (int)length), Checksum.Of(_page.AsSpan(0, 8), _chain ^ (ulong)_offset));
        if (sum != _chain) throw new InvalidDataException($"the page at {_offset} is damaged");
        _offset += 16 + length;
        _at = 16;
        _end = 16 + (int)length;
        return length > 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        if (_page.Length > 0) ArrayPool<byte>.Shared.Return(_page);
        _page = [];
    }
}
