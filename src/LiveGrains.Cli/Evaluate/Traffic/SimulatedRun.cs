using System.Buffers;
using System.Diagnostics;
using LiveGrains.Core;
using LiveGrains.Engine;
using LiveGrains.Engine.Ingest;
using LiveGrains.Engine.Recommendations;
using LiveGrains.Simulator;

namespace LiveGrains.Cli.Evaluate.Traffic;

/// <summary>
/// Plays the simulated platform with a method in a closed loop, through what serves: a shard's state with its feed and ledger, the directory of items
/// and the recommender. Viewers act on what they are shown, their events are folded and learned before the next list is made, and nothing else is known
/// of them. Value is counted by the truth. One thread, in event time: the same instance and method give the same lists.
/// </summary>
internal sealed unsafe class SimulatedRun : IDisposable
{
    // Of candidates for who chooses by itself.
    private const int Longest = Recommender.MaxItems;
    private const double ByChance = 0.05;
    private const ulong HashKey0 = 0x452821E638D01377;
    private const ulong HashKey1 = 0xBE5466CF34E90C6C;

    private readonly SimulatedInstance _instance;
    private readonly TrafficMethod _method;
    private readonly FeedSimulator _feed;
    private readonly ArrayBufferWriter<byte> _events = new(1 << 16);
    private readonly KeyHash _hash = new(HashKey0, HashKey1);
    private readonly BodyReader _reader;
    private readonly IngestBlock _block = new();
    private readonly EngineClock _clock = new(ClockMode.Event, TimeProvider.System, long.MinValue);
    private readonly ShardState _state;
    private readonly ItemDirectory _items;
    private readonly Recommender _recommender;
    private readonly FeedLearner _learner;
    private readonly TrafficAudit _audit;
    private readonly PidTargets? _pid;
    private readonly TrafficLedger? _caps;
    private readonly SlotPrices _gate = new();
    private readonly double[] _heat;
    private readonly List<int> _shown = [];
    private readonly Dictionary<int, float> _estimates = [];
    private readonly HashSet<uint> _only = [];
    private byte[] _verdicts = new byte[1024];
    private byte[] _spare = new byte[64 << 10];
    private double _scale;
    private double _scaleWeight;

    private SimulatedRun(SimulatedInstance instance, TrafficMethod method)
    {
        _instance = instance;
        _method = method;
        _feed = new FeedSimulator(instance.Options);
        _reader = new BodyReader(new RequestLimits { MaxEvents = int.MaxValue }, _hash);
        _state = new ShardState(EngineOpening.Settings(new EngineOptions { Clock = ClockMode.Event }) with { HashKey0 = HashKey0, HashKey1 = HashKey1 }) { Feed = new InterestFeed() };
        _items = new ItemDirectory([_state], _clock);
        _recommender = new Recommender(_items);
        _learner = new FeedLearner(_items, _recommender);
        _audit = new TrafficAudit(instance);
        _heat = new double[instance.Rooms];
        if (method == TrafficMethod.Pid) _pid = new PidTargets(instance);
        if (IsPriced) return;
        _caps = new TrafficLedger(TrafficRun.PolicyOf(method, instance.Policy), 1, TrafficInstance.StartMs);
        for (var room = 0; room < instance.Rooms; room++)
        {
            _caps.Describe(TrafficInstance.Item(room), TrafficInstance.Name(room), $"h{instance.HostOf[room]}", "");
            // Rooms off air are not shown; of those on air only caps are counted.
            _caps.GoOnAir(TrafficInstance.Item(room), TrafficInstance.StartMs);
        }
    }

    /// <summary>Plays it to its end.</summary>
    public static TrafficOutcome Play(SimulatedInstance instance, TrafficMethod method, CancellationToken cancellationToken = default)
    {
        using var run = new SimulatedRun(instance, method);
        return run.Play(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _recommender.Dispose();
        _items.Dispose();
        _state.Dispose();
    }

    private bool IsPriced => _method is TrafficMethod.Allocator or TrafficMethod.NoGuarantees or TrafficMethod.NoNewHosts;

    private TrafficOutcome Play(CancellationToken cancellationToken)
    {
        var value = 0.0;
        var ticks = 0L;
        var cooled = 0;
        for (var list = 0; _feed.TryNext(_events, out var request); list++)
        {
            if (request != _instance.Request(list)) throw new InvalidOperationException("The simulated platform depends on what was shown.");
            if (list % 1000 == 0) cancellationToken.ThrowIfCancellationRequested();
            var slice = Math.Min(TrafficInstance.Slices - 1, TrafficInstance.SliceOf(request.TimeMs));
            Fold();
            if (list == 0) SetPolicy(request.TimeMs);
            // As often as a busy server looks at its rooms.
            _recommender.Refresh(InterestKind.Room, int.MaxValue);
            var start = Stopwatch.GetTimestamp();
            _shown.Clear();
            if (IsPriced) Ask(request, null, _instance.Slots);
            else Choose(list, request);
            ticks += Stopwatch.GetTimestamp() - start;
            foreach (var room in _shown)
            {
                var worth = _instance.ValueOf(list, room);
                value += worth;
                _heat[room] += worth;
                _audit.Count(slice, room);
                _feed.Show(_events, request.User, room);
            }

            for (; cooled < slice / 20; cooled++)
            {
                foreach (ref var heat in _heat.AsSpan()) heat *= 0.7;
            }
        }

        return _audit.Outcome(value, Stopwatch.GetElapsedTime(0, ticks).TotalMicroseconds / Math.Max(1, _instance.Impressions));
    }

    // What happened reaches the state, and the models at once.
    private void Fold()
    {
        if (_events.WrittenCount == 0) return;
        _reader.Read(_events.WrittenSpan, EventFormat.NdJson, null, long.MaxValue, _block);
        if (_block.Rejected > 0) throw new InvalidOperationException($"An event of the simulator was refused: {_block.Errors[0].Message}");
        Fold(_block);
        _block.Reset();
        _events.ResetWrittenCount();
    }

    private void Fold(IngestBlock block)
    {
        _clock.Stamp(block.Records);
        if (_verdicts.Length < block.Count) _verdicts = new byte[2 * block.Count];
        _state.Fold(block.Records, _verdicts);
        var taken = _state.Feed!.Take(_spare);
        var position = 0;
        _learner.Learn(0, taken, int.MaxValue, ref position);
        _spare = taken.Array!;
    }

    // Who chooses by itself wants to know values alone.
    private void SetPolicy(long nowMs)
    {
        var policy = IsPriced
            ? TrafficRun.PolicyOf(_method, _instance.Policy)
            : new TrafficPolicy { Objective = _instance.Policy.Objective, Exploration = new TrafficExploration { Bound = 0, Share = 0 } };
        Fold(LiveGrainsEngine.PolicyBlock(policy, 1, nowMs, _hash));
    }

    // The product's list; with what it expects of each.
    private void Ask(in FeedRequest request, HashSet<uint>? only, int limit)
    {
        var key = System.Text.Encoding.ASCII.GetBytes(_feed.UserId(request.User));
        var user = _state.Users.Find(_hash.Of(key), key);
        if (user != 0) _state.Feed!.Follow(user);
        _recommender.TakePrices(_state.Traffic!.Prices, local => _items.Resolve(0, local), _ => new TrafficExclusionSet([], [], []));
        var wanted = new RecommendationRequest { Kind = InterestKind.Room, Limit = limit, HostOnce = false, Lambda = 1, IsPriced = true, Only = only };
        var list = _recommender.Recommend(
            user == 0 ? 0 : FeedLearner.UserOf(0, user), user == 0 ? default : _learner.Translate(0, _state.Histories.Entries(_state.UserDetailAt(user)->History)),
            ShardState.SecondsOf(request.TimeMs), wanted, user == 0 ? default : _state.FeaturesOf(user));
        foreach (ref readonly var item in list.Items.AsSpan())
        {
            var room = int.Parse(_items.Id(item.Item).AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);
            _estimates[room] = item.Traffic.Value;
            _shown.Add(room);
        }
    }

    // By the product's estimates or without, below the caps that are counted here.
    private void Choose(int list, in FeedRequest request)
    {
        _caps!.AdvanceTo(request.TimeMs);
        _gate.Take(_caps.Prices, item => item);
        _pid?.Tick(request.TimeMs, _audit);
        _estimates.Clear();
        if (_method is not (TrafficMethod.Heat or TrafficMethod.Random))
        {
            AskFor(list, request, _ => true, _method == TrafficMethod.Pid ? Longest : _instance.Slots * 2);
            if (_pid != null) AskFor(list, request, _pid.Raises, Longest);
            _shown.Clear();
        }

        for (var slot = 0; slot < _instance.Slots; slot++)
        {
            var chance = KeyHash.Mix(KeyHash.Mix((ulong)list) + (ulong)slot);
            var room = _estimates.Count == 0 || (_method == TrafficMethod.EpsilonGreedy && (chance >> 40) * (1.0 / (1 << 24)) < ByChance) ? Draw(list, KeyHash.Mix(chance)) : Best();
            if (room < 0) continue;
            if (_estimates.TryGetValue(room, out var estimate))
            {
                _scale = 0.999 * _scale + 0.001 * estimate;
                _scaleWeight = 0.999 * _scaleWeight + 0.001;
            }

            _shown.Add(room);
            _gate.Shown(_gate.Reserve(TrafficInstance.Item(room)), request.TimeMs / 1000);
            _caps.Delivered(TrafficInstance.Item(room), 1, request.TimeMs);
        }
    }

    private void AskFor(int list, in FeedRequest request, Func<int, bool> isWanted, int limit)
    {
        _only.Clear();
        foreach (var room in _instance.OnAir(list))
        {
            if (isWanted(room) && _gate.Allows(TrafficInstance.Item(room))) _only.Add(_items.Find(InterestKind.Room, TrafficInstance.Name(room)));
        }

        if (_only.Count > 0) Ask(request, _only, limit);
    }

    private int Best()
    {
        var scale = (float)(_scaleWeight > 0 ? _scale / _scaleWeight : 1);
        var (best, score) = (-1, float.MinValue);
        foreach (var (room, estimate) in _estimates)
        {
            var of = estimate + (_pid == null ? 0 : scale * _pid.Of(room));
            if (of > score && IsFree(room)) (best, score) = (room, of);
        }

        return best;
    }

    private int Draw(int list, ulong hash)
    {
        var all = 0.0;
        foreach (var room in _instance.OnAir(list)) all += Weight(room);
        var x = (hash >> 11) * (1.0 / (1UL << 53)) * all;
        var at = -1;
        foreach (var room in _instance.OnAir(list))
        {
            var weight = Weight(room);
            if (weight == 0) continue;
            at = room;
            x -= weight;
            if (x < 0) break;
        }

        return at;
    }

    // Heat begins as the first seconds that somebody watches a room.
    private double Weight(int room) => !IsFree(room) ? 0 : _method == TrafficMethod.Heat ? 1 + _heat[room] : 1;

    private bool IsFree(int room) => !_shown.Contains(room) && _gate.Allows(TrafficInstance.Item(room));
}
