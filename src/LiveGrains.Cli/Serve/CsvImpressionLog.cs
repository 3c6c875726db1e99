using System.Globalization;
using System.Threading.Channels;

namespace LiveGrains.Cli.Serve;

/// <summary>
/// The impressions under a policy of traffic as CSV, in the form that `evaluate bandit` reads (that of the Open Bandit Dataset). Bounded: a file
/// that is full becomes FILE.1, in place of the one before; what the disk cannot keep up with is left out and counted.
/// </summary>
public sealed class CsvImpressionLog : IImpressionLog, IAsyncDisposable
{
    private const string Header = "timestamp,item_id,position,click,propensity_score,user_feature_0";

    private readonly Channel<ShownSlot> _slots = Channel.CreateBounded<ShownSlot>(new BoundedChannelOptions(1 << 16) { SingleReader = true });
    private readonly string _path;
    private readonly long _maxBytes;
    private readonly TextWriter _error;
    private readonly Task _writing;
    private long _dropped;

    /// <summary>Begins to write, behind what the file has.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">Bytes of a file.</param>
    /// <param name="error">Is told once when the file cannot be written.</param>
    public CsvImpressionLog(string path, long maxBytes, TextWriter error)
    {
        _path = path;
        _maxBytes = maxBytes;
        _error = error;
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Slots that were left out.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <inheritdoc/>
    public void Write(in ShownSlot slot)
    {
        if (!_slots.Writer.TryWrite(slot)) Interlocked.Increment(ref _dropped);
    }

    /// <summary>Writes what is left and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        _slots.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
    }

    private async Task WriteAsync()
    {
        try
        {
            var writer = Open();
            try
            {
                while (await _slots.Reader.WaitToReadAsync().ConfigureAwait(false))
                {
                    while (_slots.Reader.TryRead(out var slot)) await writer.WriteLineAsync(Line(slot)).ConfigureAwait(false);
                    await writer.FlushAsync().ConfigureAwait(false);
                    if (writer.BaseStream.Length < _maxBytes) continue;
                    await writer.DisposeAsync().ConfigureAwait(false);
                    File.Move(_path, _path + ".1", overwrite: true);
                    writer = Open();
                }
            }
            finally
            {
                // The one that is open now, which is another one after a full file.
                await writer.DisposeAsync().ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Lists go on without it.
            await _error.WriteLineAsync($"The impression log cannot be written any more: {exception.Message}").ConfigureAwait(false);
        }
    }

    private StreamWriter Open()
    {
        var stream = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read);
        var writer = new StreamWriter(stream);
        if (stream.Length == 0) writer.WriteLine(Header);
        return writer;
    }

    private static string Line(in ShownSlot slot) => string.Create(
        CultureInfo.InvariantCulture, $"{slot.Time:yyyy-MM-dd HH:mm:sszzz},{slot.Item},{slot.Position},{(slot.Clicked ? 1 : 0)},{slot.Propensity:R},segment-{slot.Segment}");
}
