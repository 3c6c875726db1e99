using System.Security.Cryptography;

namespace LiveGrains.Engine.Cluster;

/// <summary>
/// Looks at every shard of the cluster once a second: how it is, how many events it counted, and what its items are like, which it passes
/// on to the recommenders of this machine. A shard that nobody has anywhere is taken up by being asked. Any thread.
/// </summary>
internal sealed class ClusterWatch : IAsyncDisposable
{
    private static readonly TimeSpan _period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _silence = TimeSpan.FromSeconds(5);

    private readonly IShardLinks _links;
    private readonly TimeProvider _time;
    private readonly Action<long> _clock;
    private readonly RateMeter _rate;
    private readonly Seen[] _seen;
    // Another one for each process.
    private readonly long _front = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8));
    private long _policy = -1;
    private long _noPolicyAt;
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    /// <summary>Makes the watch; it looks at nothing before it is started.</summary>
    public ClusterWatch(IShardLinks links, int shards, TimeProvider time, Action<long> clock)
    {
        _links = links;
        _time = time;
        _clock = clock;
        _rate = new RateMeter(time);
        _seen = [.. Enumerable.Range(0, shards).Select(_ => new Seen())];
    }

    /// <summary>Begins to look.</summary>
    public void Start() => _loop = Task.WhenAll(Enumerable.Range(0, _seen.Length).Select(shard => Task.Run(() => WatchAsync(shard))));

    /// <summary>Who had a shard when it answered last; null: it never did.</summary>
    public string? MachineOf(int shard) => _seen[shard].Report?.Machine;

    /// <summary>False: there is no policy of traffic, as far as the first shard has said. True until it was heard of.</summary>
    public bool MayHavePolicy => Volatile.Read(ref _policy) != 0;

    /// <summary>
    /// True: impressions go to the first shard as well. Only while that has said lately that there is no policy they do not (<see cref="NoPolicyLeases"/>), so that none is
    /// missed once there is one.
    /// </summary>
    public bool CountsImpressions => MayHavePolicy || _time.GetElapsedTime(Volatile.Read(ref _noPolicyAt)) > NoPolicyLeases.GoodFor;

    /// <summary>The first shard had a version of the policy, 0: none. Once there is one there is one for good, also where an older answer comes later.</summary>
    public void NotePolicy(long version)
    {
        lock (_seen) Volatile.Write(ref _policy, Math.Max(_policy, version));
    }

    /// <summary>Accepted events of the whole cluster a second.</summary>
    public double EventsPerSecond() => _rate.PerSecond();

    /// <summary>`starting` until every shard was heard of, or asked for in vain for a while; then `ready`, `full`, or `unavailable` with what is wrong where.</summary>
    public (string State, string? Detail) State()
    {
        if (Array.Exists(_seen, s => !s.IsKnown)) return ("starting", null);
        var silent = Numbers(s => _time.GetElapsedTime(s.AnsweredAt) > _silence);
        if (silent != null) return ("unavailable", $"Nobody answers for shard {silent}.");
        var wrong = Array.Find(_seen, s => s.Report is not { State: "ready" or "full" or "closing" });
        if (wrong != null) return ("unavailable", wrong.Report!.Detail);
        var full = Array.Find(_seen, s => s.Report!.State == "full");
        return full == null ? ("ready", null) : ("full", full.Report!.Detail);
    }

    /// <summary>Ends; more than once is no harm.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
    }

    private string? Numbers(Predicate<Seen> which)
    {
        var numbers = string.Join(", ", Enumerable.Range(0, _seen.Length).Where(i => which(_seen[i])));
        return numbers.Length == 0 ? null : numbers;
    }

    private async Task WatchAsync(int shard)
    {
        var began = _time.GetTimestamp();
        var page = LiveItems.Start;
        while (!_stop.IsCancellationRequested)
        {
            // Who does not answer in this time is asked again: what is on its way to a machine that is gone would wait for longer.
            using var silent = new CancellationTokenSource(_silence, _time);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, silent.Token);
            var isFirstPolicy = false;
            try
            {
                var askedAt = _time.GetTimestamp();
                var known = Math.Max(0, Volatile.Read(ref _policy));
                var report = await _links.AskAsync(shard, new ReportQuestion(_front, known), end.Token).ConfigureAwait(false);
                Note(_seen[shard], report);
                if (shard == 0)
                {
                    if (report.Policy == 0) Volatile.Write(ref _noPolicyAt, askedAt);
                    NotePolicy(report.Policy);
                    isFirstPolicy = known == 0 && report.Policy != 0;
                }

                // Each alone: one that is about to end keeps nothing from the others.
                if (report.Policy != 0) await Task.WhenAll(_links.Hosts.Select(h => TryAsync(() => h.TakePricesAsync(_links, end.Token)))).ConfigureAwait(false);
                // Only who ranks needs to know them; a shard of this machine's own is looked at directly.
                var hosts = _links.Hosts.Where(h => h.Shard != shard).ToList();
                if (hosts.Count > 0)
                {
                    var items = await _links.AskAsync(shard, new LiveItemsQuestion(page), end.Token).ConfigureAwait(false);
                    page = items.Next;
                    await Task.WhenAll(hosts.Select(h => TryAsync(() => h.NoteAsync(items).WaitAsync(end.Token)))).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The shard is moving, or stopped: the state says so, and the next second asks again. Whatever else it is must not end the watch.
                ReportUnexpected(e);
                if (_time.GetElapsedTime(began) >= _silence) _seen[shard].IsKnown = true;
            }

            // Whoever set it waits until all say that they heard of it.
            if (isFirstPolicy) continue;
            try
            {
                await Task.Delay(_period, _time, _stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task TryAsync(Func<Task> tell)
    {
        try
        {
            await tell().ConfigureAwait(false);
        }
        catch (Exception e) when (!_stop.IsCancellationRequested)
        {
            ReportUnexpected(e);
        }
    }

    private static void ReportUnexpected(Exception e)
    {
        if (e is not (LiveGrainsException or OperationCanceledException)) LiveGrainsEngine.Report(e);
    }

    private void Note(Seen seen, ShardReport report)
    {
        if (seen.Report is { } before && report.Events > before.Events) _rate.Add((int)Math.Min(int.MaxValue, report.Events - before.Events));
        _clock(report.ClockMs);
        seen.Report = report;
        seen.AnsweredAt = _time.GetTimestamp();
        seen.IsKnown = true;
    }

    private sealed class Seen
    {
        public volatile ShardReport? Report;
        public long AnsweredAt;
        public volatile bool IsKnown;
    }
}
