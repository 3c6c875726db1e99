using LiveGrains.Engine;
using LiveGrains.Model;
using LiveGrains.Tests;

namespace LiveGrains.Postgres.Tests;

/// <summary>One producer that sends each batch again until it is acknowledged, and the model that says what must have come of it.</summary>
internal sealed class EngineRun(ulong seed)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);
    private readonly EventGenerator _generator = new(seed);
    private readonly SplitMix64 _random = new(seed * 77);
    private readonly ModelEngine _model = new(new ModelOptions { EventClock = false });
    private readonly ModelEngine _filter = new(new ModelOptions { EventClock = false });
    private readonly BatchTime _time = new();
    private volatile ILiveGrains? _engine;
    private int _acknowledged;
    private int _refusals;

    /// <summary>Batches that were acknowledged.</summary>
    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Answers that said to send it again.</summary>
    public int Refusals => Volatile.Read(ref _refusals);

    /// <summary>Options with small snapshots, so that one is often under way.</summary>
    public static EngineOptions Options(string connectionString, int shards = 1) => new()
    {
        Shards = shards,
        DedupeIds = 1 << 16,
        SnapshotLogBytes = 128 << 10,
        Store = new PostgresStore(connectionString),
    };

    /// <summary>Opens an engine with this run's clock: a batch has the same time however often it is sent.</summary>
    public Task<LiveGrainsEngine> OpenAsync(string connectionString, int shards = 1) =>
        Task.Run(async () => await LiveGrainsEngine.OpenAsync(Options(connectionString, shards), _time));

    /// <summary>An engine of its own whose clock is that of the events.</summary>
    public static Task<LiveGrainsEngine> OpenByEventTimeAsync(string connectionString, int shards = 1) =>
        Task.Run(async () => await LiveGrainsEngine.OpenAsync(Options(connectionString, shards) with { Clock = ClockMode.Event }));

    /// <summary>This run's clock.</summary>
    public TimeProvider Time => _time;

    /// <summary>Where batches go from now on.</summary>
    public void SendTo(ILiveGrains? engine) => _engine = engine;

    /// <summary>Sends so many batches, one after another.</summary>
    public Task SendAsync(int batches) => Task.Run(async () =>
    {
        for (var i = 0; i < batches; i++)
        {
            var events = _generator.Events(1 + (int)(_random.Next() % 60)).ToList();
            var clock = _time.NowMs = events[^1].ClockMs;
            // Several shards judge another event under a known id each for itself; one that is sent again they all know.
            var lines = events.Select(e => e.Utf8).Where(l => _filter.Apply(l, clock).Outcome != ModelOutcome.Duplicate).ToList();
            if (lines.Count == 0) continue;
            await SendAsync([.. lines.SelectMany(l => l.Append((byte)'\n'))]);
            foreach (var line in lines) _model.Apply(line, clock);
            Interlocked.Increment(ref _acknowledged);
        }
    });

    /// <summary>Waits until so many batches more are acknowledged.</summary>
    public void AwaitBatches(int more, Task sending)
    {
        var target = Acknowledged + more;
        Assert.True(SpinWait.SpinUntil(() => Acknowledged >= target || sending.IsCompleted, Limit), "The producer gets on.");
    }

    /// <summary>Compares all answers of an engine with the model's.</summary>
    public async Task CompareAsync(ILiveGrains engine) => Assert.Empty(await EngineComparison.Differences(engine, _model));

    private async Task SendAsync(byte[] body)
    {
        var started = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            try
            {
                if (_engine is { } engine)
                {
                    await engine.IngestAsync(body, EventFormat.NdJson).AsTask().WaitAsync(Limit);
                    return;
                }
            }
            catch (LiveGrainsException e) when (e.Code is ErrorCode.StorageUnavailable or ErrorCode.ShardMoved or ErrorCode.ShardUnavailable or ErrorCode.ShuttingDown)
            {
                Interlocked.Increment(ref _refusals);
            }

            Assert.True(started.Elapsed < Limit, "A batch is taken.");
            await Task.Delay(2);
        }
    }

    private sealed class BatchTime : TimeProvider
    {
        private long _nowMs = 1_700_000_000_000;

        public long NowMs
        {
            get => Volatile.Read(ref _nowMs);
            set => Volatile.Write(ref _nowMs, value);
        }

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(NowMs);
    }
}
