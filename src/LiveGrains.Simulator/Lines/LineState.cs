using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace LiveGrains.Simulator.Lines;

/// <summary>What lasts from line to line: the id counter, the digits of the current second, the heads of each type.</summary>
internal sealed class LineState
{
    /// <summary>Type names in the order of <see cref="EventKind"/>.</summary>
    public static readonly string[] TypeNames =
    [
        "room.start", "room.update", "room.end", "product.upsert", "video.upsert", "user.upsert", "impression", "click",
        "enter", "heartbeat", "leave", "play", "like", "comment", "share", "dislike", "report", "follow", "unfollow",
        "subscribe", "gift", "cart", "order", "pay", "refund",
    ];

    private readonly byte[] _id = new byte[16];
    private readonly byte[] _second = new byte[20];
    private long _secondValue = -1;
    private int _idStart = 15;
    private int _secondLength;

    public LineState(SimulatorOptions options)
    {
        Sequence = options.Sequence;
        StartMs = options.Start.ToUnixTimeMilliseconds();
        UserDigits = Math.Max(6, Digits(options.Users - 1));
        _id[15] = (byte)'0';
        var source = options.Source.Length == 0 ? "" : $",\"source\":\"{JsonEncodedText.Encode(options.Source)}\"";
        Heads = new byte[TypeNames.Length][];
        for (var i = 0; i < TypeNames.Length; i++)
        {
            // With `seq` the number comes between id and source; its closing quote is written then.
            Heads[i] = Encoding.UTF8.GetBytes(
                (Sequence ? "" : "\"") + source + ",\"type\":\"" + TypeNames[i] + "\",\"time\":");
        }
    }

    public bool Sequence { get; }

    /// <summary>Milliseconds since 1970 of the start of the stream.</summary>
    public long StartMs { get; }

    public int UserDigits { get; }

    public byte[][] Heads { get; }

    public long[] Counts { get; } = new long[TypeNames.Length];

    public long Lines { get; set; }

    public long Bytes { get; set; }

    /// <summary>The next id: a counter in base 36.</summary>
    public ReadOnlySpan<byte> NextId()
    {
        var at = 15;
        while (true)
        {
            switch (_id[at])
            {
                case (byte)'9':
                    _id[at] = (byte)'a';
                    break;
                case (byte)'z':
                    _id[at--] = (byte)'0';
                    if (at < _idStart)
                    {
                        _idStart = at;
                        _id[at] = (byte)'0';
                    }

                    continue;
                default:
                    _id[at]++;
                    break;
            }

            return _id.AsSpan(_idStart);
        }
    }

    /// <summary>The digits of a second since 1970, formatted once a second.</summary>
    public ReadOnlySpan<byte> Second(long second)
    {
        if (second != _secondValue)
        {
            _secondValue = second;
            Utf8Formatter.TryFormat(second, _second, out _secondLength);
        }

        return _second.AsSpan(0, _secondLength);
    }

    private static int Digits(int value)
    {
        var digits = 1;
        for (; value >= 10; value /= 10)
            digits++;
        return digits;
    }
}
