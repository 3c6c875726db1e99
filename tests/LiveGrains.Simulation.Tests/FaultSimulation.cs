using System.Text.Json;
using System.Text.Json.Nodes;
using LiveGrains.Core;
using LiveGrains.Engine;
using LiveGrains.Engine.Ingest;
using LiveGrains.Engine.Log;
using LiveGrains.Engine.Shards;
using LiveGrains.Engine.Snapshots;
using LiveGrains.Engine.Storage;
using LiveGrains.Model;

namespace LiveGrains.Simulation.Tests;

/// <summary>
/// One run of a shard on a simulated disk, all of it from one seed: a client that sends events until they are acknowledged,
/// crashes at any operation of the disk (recoveries included), errors of the disk, a full disk, snapshots, clean restarts.
/// After each recovery and at the end the shard answers what the model answers. One thread.
/// </summary>
internal sealed class FaultSimulation
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private readonly SplitMix64 _random;
    private readonly SimulatedStorage _disk;
    private readonly EventGenerator _events;
    private readonly ModelEngine _model = new(new ModelOptions { EventClock = false });
    private readonly FoldSettings _settings;
    private readonly FakeTime _time = new();
    private EngineClock _clock;
    private Shard _shard;
    private List<byte[]> _unacknowledged = [];
    private long _unacknowledgedClock;
    private long _framesSeen;
    private long _accepted;

    private FaultSimulation(ulong seed)
    {
        _random = new SplitMix64(seed * 0x9E3779B97F4A7C15 + 1);
        _disk = new SimulatedStorage(new SplitMix64(seed ^ 0xD15C));
        // The keys of the hash are the seed's as well, so that a seed that fails fails again.
        _settings = EngineOpening.Settings(new EngineOptions { DedupeIds = 4096 }) with { HashKey0 = seed, HashKey1 = ~seed };
        _events = new EventGenerator(seed, new GeneratorOptions { Rooms = 3, Users = 8, Products = 4, Videos = 2, OddSpelling = false });
        _shard = Open();
        _clock = NewClock();
    }

    /// <summary>Crashes in this run.</summary>
    public int Crashes { get; private set; }

    /// <summary>Runs a seed; returns what was wrong, or null.</summary>
    public static string? Run(ulong seed, out int crashes)
    {
        var run = new FaultSimulation(seed);
        try
        {
            var steps = 12 + (int)(run._random.Next() % 24);
            for (var step = 0; step < steps; step++)
            {
                if (run.Step() is { } wrong) return $"step {step}: {wrong}";
            }

            run._disk.CrashAt = run._disk.FailAt = long.MaxValue;
            run._disk.IsFull = false;
            if (run._shard.IsBroken && run.Recover() is { } bad) return $"last recovery: {bad}";
            while (run._unacknowledged.Count > 0)
            {
                if (run.Send() is { } wrong) return $"last send: {wrong}";
            }

            return run.Compare("at the end", everything: true);
        }
        finally
        {
            crashes = run.Crashes;
            run._shard.Dispose();
        }
    }

    private string? Step()
    {
        if (_random.Next() % 6 == 0) _disk.CrashAt = _disk.Operations + 1 + (long)(_random.Next() % 12);
        if (_random.Next() % 20 == 0) _disk.FailAt = _disk.Operations + 1 + (long)(_random.Next() % 6);
        _disk.IsFull = _random.Next() % 8 == 0;
        try
        {
            switch (_random.Next() % 8)
            {
                case 0:
                    if (_shard.Point.Position > 0) SnapshotBuilder.Build(new FileShardLog(_disk), _shard.Point.Position, 0, 1);
                    new FileShardLog(_disk).Retain(0);
                    break;
                case 1:
                    if (!_shard.IsBroken) _shard.Seal();
                    break;
                case 2 when !_shard.IsBroken && _unacknowledged.Count == 0:
                    _shard.Seal();
                    _shard.WriteSnapshot(0, 1);
                    return Recover();
            }

            return Send();
        }
        catch (CrashException)
        {
            return Recover();
        }
        catch (StorageFullException)
        {
            return null; // Nothing was taken; the client sends it again.
        }
        catch (IOException)
        {
            // A failed snapshot is only a snapshot less. A failed write of the log breaks the shard: it has to be opened again.
            return _shard.IsBroken ? Recover() : null;
        }
    }

    private string? Send()
    {
        if (_shard.IsBroken) return Recover();
        if (_unacknowledged.Count == 0)
        {
            foreach (var e in _events.Events(1 + (int)(_random.Next() % 25)))
            {
                _unacknowledged.Add(e.Utf8);
                _time.NowMs = e.ClockMs;
            }
        }

        // A client that times out may send the same again.
        var block = Read(_unacknowledged);
        _clock.Stamp(block.Records);
        _unacknowledgedClock = _clock.NowMs();
        _shard.Commit([block], _clock.NowMs());
        _framesSeen = _shard.Point.Number;
        _shard.Fold(block);
        return Acknowledge(block);
    }

    private string? Acknowledge(IngestBlock block)
    {
        var verdicts = new List<Verdict>();
        foreach (var line in _unacknowledged)
        {
            var verdict = _model.Apply(line, _unacknowledgedClock);
            if (verdict.Outcome == ModelOutcome.Accepted) _accepted++;
            if (verdict.Outcome == ModelOutcome.Rejected) continue;
            verdicts.Add(verdict.Outcome == ModelOutcome.Accepted ? Verdict.Accepted : Verdict.Duplicate);
        }

        _unacknowledged = [];
        for (var i = 0; i < block.Count; i++)
        {
            if (i >= verdicts.Count || (Verdict)block.Verdicts[i] != verdicts[i]) return $"event {i} of {block.Count}: {(Verdict)block.Verdicts[i]}, the model says {(i < verdicts.Count ? verdicts[i] : null)}";
        }

        return null;
    }

    // The process is gone; what it had not acknowledged is either in the log as a whole or not at all.
    private string? Recover()
    {
        Crashes++;
        _shard.Dispose();
        _disk.Crash();
        while (true)
        {
            try
            {
                if (_random.Next() % 4 == 0) _disk.CrashAt = _disk.Operations + 1 + (long)(_random.Next() % 8);
                _disk.IsFull = false;
                _shard = Open();
                break;
            }
            catch (CrashException)
            {
                _disk.Crash();
            }
        }

        _disk.CrashAt = _disk.FailAt = long.MaxValue;
        _clock = NewClock();
        if (_unacknowledged.Count > 0 && LastEventsFrame() is { } last && last.Number >= _framesSeen)
        {
            // It reached the disk before the crash; the client does not know and will send it again.
            foreach (var line in _unacknowledged)
            {
                if (_model.Apply(line, _unacknowledgedClock).Outcome == ModelOutcome.Accepted) _accepted++;
            }
        }

        _framesSeen = _shard.Point.Number;
        // Everything now and then, which takes ten times as long; the totals always.
        return Compare("after recovery", everything: _random.Next() % 8 == 0);
    }

    private Engine.Log.FrameHead? LastEventsFrame()
    {
        var notes = new List<string>();
        using var state = Shard.LoadSnapshot(new FileShardLog(_disk), notes, out var head);
        using var reader = new Engine.Log.LogReader(_disk, head.Point, state == null ? null : head.LogId);
        Engine.Log.FrameHead? last = null;
        while (reader.TryRead(out var frame, out _))
        {
            if (frame.Kind == Engine.Log.FrameKind.Events) last = frame;
        }

        return last;
    }

    // Half of the processes make the next segment ahead of need.
    private Shard Open() => Shard.Open(_disk, _settings, 0x11AA, 64 << 10, _random.Next() % 2 == 0 ? action => action() : null);

    private EngineClock NewClock() => new(ClockMode.Wall, _time, _shard.State.ClockMs);

    private IngestBlock Read(List<byte[]> lines)
    {
        var body = new MemoryStream();
        foreach (var line in lines)
        {
            body.Write(line);
            body.WriteByte((byte)'\n');
        }

        var block = new IngestBlock();
        new BodyReader(new RequestLimits(), _shard.State.Hash).Read(body.ToArray(), EventFormat.NdJson, null, _clock.LatestEventTime(), block);
        return block;
    }

    private string? Compare(string when, bool everything)
    {
        var state = _shard.State;
        if (_model.ClockMs > 0) state.AdvanceTo(_model.ClockMs);
        var found = new List<string>();
        void Check(string what, JsonNode? expected, object? actual, params string[] ignoring) =>
            found.AddRange(JsonCompare.Differences(expected, JsonSerializer.SerializeToNode(actual, Json), [.. ignoring, "asOf"]).Select(d => $"{what}: {d}"));
        var totals = state.Totals;
        if (totals.Accepted != _accepted) found.Add($"{totals.Accepted} events accepted, not {_accepted}");
        foreach (var id in _model.RoomIds.Take(everything ? int.MaxValue : 1))
        {
            var key = System.Text.Encoding.UTF8.GetBytes(id);
            var room = RoomAnswers.Find(state, key);
            if (room == 0) return $"{when}: room {id} is unknown";
            Check($"room {id}", _model.Room(id), RoomAnswers.Metrics(state, room));
            Check($"online of {id}", _model.Series(id, "online", 60), RoomSeriesAnswers.Read(state, room, new SeriesQuery("online", 60)));
        }

        foreach (var id in everything ? _model.ProductIds : [])
        {
            var item = ItemAnswers.Find(state, false, System.Text.Encoding.UTF8.GetBytes(id));
            if (item == 0) return $"{when}: product {id} is unknown";
            Check($"product {id}", _model.Product(id), ItemAnswers.Metrics(state, false, item), "rooms.*.*.users");
        }

        foreach (var id in everything ? _model.UserIds : [])
        {
            var user = UserAnswers.Find(state, System.Text.Encoding.UTF8.GetBytes(id));
            if (user == 0) return $"{when}: user {id} is unknown";
            var (expected, actual) = (_model.User(id), JsonSerializer.SerializeToNode(UserAnswers.Profile(state, user), Json));
            Check($"user {id}", expected, actual, "interest");
            found.AddRange(InterestCompare.Differences(expected?["interest"], actual?["interest"]).Select(d => $"user {id}: {d}"));
        }

        return found.Count == 0 ? null : $"{when}: {found.Count} differences: {string.Join("; ", found.Take(5))}";
    }

    private sealed class FakeTime : TimeProvider
    {
        public long NowMs { get; set; } = 1_700_000_000_000;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(NowMs);
    }
}
