using System.Buffers;
using System.Buffers.Text;

namespace LiveGrains.Simulator.Lines;

/// <summary>
/// Writes events as JSON lines straight into the caller's buffer. A line is <see cref="Begin"/>, members, <see cref="End"/>;
/// <see cref="Flush"/> hands over what was written. Texts given to it are JSON string content, already escaped.
/// </summary>
internal ref struct LineWriter(LineState state, IBufferWriter<byte> output)
{
    /// <summary>No line is longer: the longest source, title and tags together stay below it.</summary>
    private const int MaxLineBytes = 4096;

    private Span<byte> _span;
    private int _at;
    private int _lineStart;
    private EventKind _kind;

    /// <summary>Opens a line. <paramref name="ms"/>: milliseconds since the start of the stream.</summary>
    public void Begin(EventKind kind, long ms)
    {
        if (_span.Length - _at < MaxLineBytes)
        {
            output.Advance(_at);
            _span = output.GetSpan(4 * MaxLineBytes);
            _at = 0;
        }

        _kind = kind;
        _lineStart = _at;
        Raw("{\"id\":\""u8);
        Raw(state.NextId());
        if (state.Sequence)
        {
            Raw("\",\"seq\":"u8);
            Digits(state.Lines + 1);
        }

        Raw(state.Heads[(int)kind]);
        Time(state.StartMs + ms);
    }

    /// <summary>Closes the line.</summary>
    public void End()
    {
        Raw("}\n"u8);
        state.Counts[(int)_kind]++;
        state.Lines++;
        state.Bytes += _at - _lineStart;
    }

    /// <summary>Hands the written bytes to the output. The writer is not used afterwards.</summary>
    public void Flush()
    {
        output.Advance(_at);
        _span = default;
        _at = 0;
    }

    public void Room(int number)
    {
        Raw(",\"room\":\"r"u8);
        Digits(number);
        Quote();
    }

    public void Product(int number)
    {
        Raw(",\"product\":\"p"u8);
        Digits(number);
        Quote();
    }

    public void Video(int number)
    {
        Raw(",\"video\":\"v"u8);
        Digits(number);
        Quote();
    }

    public void User(int number)
    {
        Raw(",\"user\":\"u"u8);
        var width = state.UserDigits;
        for (var i = width - 1; i >= 0; i--)
        {
            var rest = number / 10;
            _span[_at + i] = (byte)('0' + (number - rest * 10));
            number = rest;
        }

        _at += width;
        Quote();
    }

    /// <summary>Writes a member with a number. <paramref name="head"/> is all up to the digits, such as <c>,"ms":</c>.</summary>
    public void Number(ReadOnlySpan<byte> head, long value)
    {
        Raw(head);
        Digits(value);
    }

    /// <summary>Writes a member with a text. <paramref name="head"/> is all up to the opening quote.</summary>
    public void Text(ReadOnlySpan<byte> head, ReadOnlySpan<byte> value)
    {
        Raw(head);
        Quote();
        Raw(value);
        Quote();
    }

    /// <summary>Writes bytes as they are.</summary>
    public void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_span[_at..]);
        _at += bytes.Length;
    }

    public void Quote() => _span[_at++] = (byte)'"';

    public void Digits(long value)
    {
        if ((ulong)value < 10)
        {
            _span[_at++] = (byte)('0' + value);
            return;
        }

        Utf8Formatter.TryFormat(value, _span[_at..], out var written);
        _at += written;
    }

    private void Time(long unixMs)
    {
        var second = unixMs / 1000;
        var ms = (int)(unixMs - second * 1000);
        Raw(state.Second(second));
        _span[_at] = (byte)('0' + ms / 100);
        _span[_at + 1] = (byte)('0' + ms / 10 % 10);
        _span[_at + 2] = (byte)('0' + ms % 10);
        _at += 3;
    }
}
