using System.Globalization;
using System.Text.Json;

namespace LiveGrains.Cli.Replay;

/// <summary>
/// Cuts an input into batches of lines. Empty lines are skipped; a last line without a line feed counts. With a time slice,
/// a batch ends where event time leaves the slice of its first event, so that a paced replay can wait between batches.
/// </summary>
public sealed class EventBatchReader
{
    /// <summary>A batch is closed at this many bytes; servers take 8 MiB.</summary>
    public const int MaxBatchBytes = 4 << 20;

    /// <summary>A line longer than this is not sent; servers take 32 KiB.</summary>
    public const int MaxLineBytes = 1 << 20;

    private readonly EventInput _input;
    private readonly int _maxEvents;
    private readonly long? _sliceMs;
    private readonly byte[] _buffer = new byte[MaxLineBytes + (1 << 18)];
    private int _start;
    private int _end;
    private long _line;
    private bool _ended;
    private bool _skipping;

    /// <summary>Makes a reader.</summary>
    /// <param name="input">The input; not disposed.</param>
    /// <param name="maxEvents">Events of a batch.</param>
    /// <param name="sliceMs">Event time of a batch in ms; null: do not look at times.</param>
    public EventBatchReader(EventInput input, int maxEvents, long? sliceMs = null)
    {
        _input = input;
        _maxEvents = maxEvents;
        _sliceMs = sliceMs;
    }

    /// <summary>The next batch, or null at the end. Throws <see cref="ErrorCode.InputNotReadable"/>.</summary>
    public EventBatch? Read()
    {
        var batch = new EventBatch(_input.Name);
        while (batch.Count < _maxEvents && batch.Bytes < MaxBatchBytes)
        {
            if (!TryPeekLine(batch, out var line, out var consumed)) break;
            if (!line.IsEmpty)
            {
                if (_sliceMs is { } slice && EventTimeMs(line) is { } time)
                {
                    if (batch.TimeMs is { } first && time / slice > first / slice) break;
                    batch.TimeMs ??= time;
                }
                batch.Add(line, _line + 1);
            }
            _line++;
            _start += consumed;
        }
        batch.InputPosition = _input.Position;
        if (batch.Count > 0 || batch.Oversized.Count > 0) return batch;
        batch.Dispose();
        return null;
    }

    /// <summary>The event time of a line, or null when it has none that can be read.</summary>
    public static long? EventTimeMs(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            while (reader.Read())
            {
                if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals("time"u8)) continue;
                reader.Read();
                if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var ms)) return ms;
                return reader.TokenType == JsonTokenType.String
                    && DateTimeOffset.TryParse(reader.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                    ? time.ToUnixTimeMilliseconds()
                    : null;
            }
        }
        catch (JsonException)
        {
            // The engine names what is wrong with the line; for pacing it has no time.
        }
        return null;
    }

    /// <summary>Finds the next line without taking it. Lines that are too long are taken and noted in the batch.</summary>
    private bool TryPeekLine(EventBatch batch, out ReadOnlySpan<byte> line, out int consumed)
    {
        var scanned = 0;
        while (true)
        {
            var unread = _buffer.AsSpan(_start, _end - _start);
            var feed = unread[scanned..].IndexOf((byte)'\n');
            if (feed >= 0 || (_ended && !unread.IsEmpty))
            {
                consumed = feed >= 0 ? scanned + feed + 1 : unread.Length;
                line = Trim(unread[..consumed]);
                if (!_skipping && line.Length <= MaxLineBytes) return true;
                if (!_skipping) batch.Oversized.Add(_line + 1);
                _skipping = false;
                _line++;
                _start += consumed;
                scanned = 0;
                continue;
            }
            if (_ended)
            {
                line = default;
                consumed = 0;
                return false;
            }
            scanned = unread.Length;
            if (unread.Length > MaxLineBytes)
            {
                if (!_skipping) batch.Oversized.Add(_line + 1);
                _skipping = true;
                _start = _end;
                scanned = 0;
            }
            Fill();
        }
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        try
        {
            var read = _input.Stream.Read(_buffer.AsSpan(_end));
            _end += read;
            _ended = read == 0;
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new LiveGrainsException(ErrorCode.InputNotReadable, $"{_input.Name} after line {_line}: {exception.Message}", exception);
        }
    }

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> line) => line.Trim(" \t\r\n"u8);
}
