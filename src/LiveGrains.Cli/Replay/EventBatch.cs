using System.Buffers;

namespace LiveGrains.Cli.Replay;

/// <summary>Some lines of one input, as they go out in one request. Not safe for several threads; dispose it once.</summary>
public sealed class EventBatch : IDisposable
{
    private byte[] _bytes;
    private int[] _ends = new int[64];
    private long[] _lines = new long[64];

    /// <summary>Makes an empty batch.</summary>
    public EventBatch(string input)
    {
        Input = input;
        _bytes = ArrayPool<byte>.Shared.Rent(1 << 18);
    }

    /// <summary>The name of the input.</summary>
    public string Input { get; }

    /// <summary>Number of events.</summary>
    public int Count { get; private set; }

    /// <summary>The lines, each with a line feed.</summary>
    public ReadOnlyMemory<byte> Body => _bytes.AsMemory(0, Bytes);

    /// <summary>Length of <see cref="Body"/>.</summary>
    public int Bytes => Count == 0 ? 0 : _ends[Count - 1];

    /// <summary>Event time of the first event that has one, in ms since 1970 UTC; only when the reader was asked for it.</summary>
    public long? TimeMs { get; set; }

    /// <summary>Numbers of lines that are too long to be sent at all.</summary>
    public List<long> Oversized { get; } = [];

    /// <summary>Bytes of the input that were read up to here, before decompression.</summary>
    public long InputPosition { get; set; }

    /// <summary>The line of the input (from 1) of an event of this batch.</summary>
    public long Line(int index) => index >= 0 && index < Count ? _lines[index] : 0;

    /// <summary>The lines of events <paramref name="from"/> to <paramref name="to"/>, exclusive.</summary>
    public ReadOnlyMemory<byte> Slice(int from, int to)
    {
        var start = from == 0 ? 0 : _ends[from - 1];
        return _bytes.AsMemory(start, (to == 0 ? 0 : _ends[to - 1]) - start);
    }

    /// <summary>Adds one line, which has no line feed.</summary>
    public void Add(ReadOnlySpan<byte> line, long number)
    {
        var start = Bytes;
        var end = start + line.Length + 1;
        if (end > _bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(end, _bytes.Length * 2));
            _bytes.AsSpan(0, start).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }
        if (Count == _ends.Length)
        {
            Array.Resize(ref _ends, Count * 2);
            Array.Resize(ref _lines, Count * 2);
        }
        line.CopyTo(_bytes.AsSpan(start));
        _bytes[end - 1] = (byte)'\n';
        _ends[Count] = end;
        _lines[Count] = number;
        Count++;
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        Count = 0;
    }
}
