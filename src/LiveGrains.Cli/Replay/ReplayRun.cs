using System.Threading.Channels;

namespace LiveGrains.Cli.Replay;

/// <summary>One replay: a reader ahead of the sink by a few batches, the pace, the progress.</summary>
public sealed class ReplayRun
{
    private const int BatchesAhead = 4;

    private readonly ToolEnvironment _environment;
    private readonly ReplaySettings _settings;
    private readonly ReplayTotals _totals;
    private readonly ReplayPacer? _pacer;
    private readonly long? _bytesInAll;

    /// <summary>Makes a run.</summary>
    public ReplayRun(ToolEnvironment environment, ReplaySettings settings, ReplayTotals totals)
    {
        _environment = environment;
        _settings = settings;
        _totals = totals;
        _pacer = settings.Speed is { } speed ? new ReplayPacer(environment.Time, speed) : null;
        _bytesInAll = settings.Files.Contains("-") ? null : settings.Files.Sum(f => new FileInfo(f).Length);
    }

    /// <summary>Runs to the end of all inputs and returns the time it took.</summary>
    public async Task<TimeSpan> RunAsync(IEventSink sink, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var progress = new ProgressLine(_environment);
        var batches = Channel.CreateBounded<EventBatch>(new BoundedChannelOptions(BatchesAhead) { SingleReader = true, SingleWriter = true });
        var reading = Task.Run(() => ReadAsync(batches.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var batch in batches.Reader.ReadAllAsync(stop.Token).ConfigureAwait(false))
            {
                if (_pacer is not null) await _pacer.WaitAsync(batch, cancellationToken).ConfigureAwait(false);
                var position = batch.InputPosition;
                await sink.SendAsync(batch, cancellationToken).ConfigureAwait(false);
                if (progress.Due) Show(progress, position);
            }
            await sink.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (batches.Reader.TryRead(out var left)) left.Dispose();
        }
        return progress.Elapsed;
    }

    private async Task ReadAsync(ChannelWriter<EventBatch> writer, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            var before = 0L;
            foreach (var file in _settings.Files)
            {
                using var input = EventInput.Open(file, _environment.OpenInput);
                var reader = new EventBatchReader(input, _settings.Batch, _pacer?.SliceOfEventTimeMs);
                while (reader.Read() is { } batch)
                {
                    batch.InputPosition += before;
                    await writer.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
                }
                before += input.Length ?? 0;
            }
        }
        catch (Exception exception)
        {
            failure = exception;
        }
        writer.TryComplete(failure);
    }

    private void Show(ProgressLine progress, long position)
    {
        var events = _totals.Events;
        var rate = Words.Short(events / Math.Max(progress.Elapsed.TotalSeconds, 0.001));
        var retries = _totals.Retries is > 0 and var again ? $"  {Words.Count(again, "retry").Replace("retrys", "retries", StringComparison.Ordinal)}" : "";
        progress.Update(_bytesInAll is > 0 and var all ? (double)position / all : null, $"{Words.Whole(events)} events  {rate}/s{retries}");
    }
}
