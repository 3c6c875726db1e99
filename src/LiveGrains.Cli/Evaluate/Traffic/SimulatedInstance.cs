using System.Buffers;
using LiveGrains.Simulator;

namespace LiveGrains.Cli.Evaluate.Traffic;

/// <summary>
/// Four hours of the simulated platform, from eight in the morning on, when ever more users come: who comes when, which rooms are on air, and what a card of each is
/// truly worth to that user at that moment. All of it is the same whatever is shown.
/// </summary>
internal sealed class SimulatedInstance : TrafficInstance
{
    private const int ListSlots = 5;
    // A user comes four times on average.
    private const int ListsPerUser = 4;
    private const double ActivityOfMorning = 1.6;
    private const int Boosted = 10;
    private const int LeastBoostSlices = Slices / 6;

    private readonly List<FeedRequest> _requests = [];
    private readonly List<(int[] OnAir, float[] Values)> _lists = [];
    private readonly int[] _firstOfSlice = new int[Slices + 1];
    private readonly long[] _onAirMs;
    private readonly long[] _offAirMs;
    private readonly bool[] _stays;
    private readonly int[] _slicesOnAir;

    public SimulatedInstance(ulong seed, int rooms, int impressions)
        : base(rooms)
    {
        Options = new SimulatorOptions
        {
            Seed = seed,
            Rooms = rooms,
            Users = Math.Max(1, impressions / ListSlots / ListsPerUser),
            Minutes = Hours * 60,
            Start = DateTimeOffset.FromUnixTimeMilliseconds(StartMs),
            Activity = ActivityOfMorning,
        };
        _onAirMs = new long[rooms];
        _offAirMs = new long[rooms];
        _stays = new bool[rooms];
        _slicesOnAir = new int[rooms];
        Watch(new FeedSimulator(Options));
        Impressions = _requests.Count * ListSlots;
        MostCandidates = _lists.Count == 0 ? 0 : _lists.Max(l => l.OnAir.Length);
        Policy = PolicyOf([], FindNew());
        Policy = Policy with { Boosts = FindBoosts() };
    }

    /// <summary>Of the simulator that plays it.</summary>
    public SimulatorOptions Options { get; }

    public override int Impressions { get; }
    public override TrafficPolicy Policy { get; }
    public override int MostCandidates { get; }
    public override int Slots => ListSlots;

    /// <summary>Lists of all users.</summary>
    public int Lists => _requests.Count;

    /// <summary>Who gets a list, and when.</summary>
    public FeedRequest Request(int list) => _requests[list];

    /// <summary>The rooms on air then, in order.</summary>
    public ReadOnlySpan<int> OnAir(int list) => _lists[list].OnAir;

    /// <summary>What a card of a room on air is worth on average.</summary>
    public float ValueOf(int list, int room) => _lists[list].Values[Array.BinarySearch(_lists[list].OnAir, room)];

    /// <inheritdoc/>
    public override long OnAirMs(int room) => _onAirMs[room];

    /// <inheritdoc/>
    public override bool StaysOnAir(int room) => _stays[room];

    /// <inheritdoc/>
    public override int SlicesOnAir(int room) => _slicesOnAir[room];

    /// <inheritdoc/>
    public override int FirstOf(int slice) => _firstOfSlice[slice];

    /// <inheritdoc/>
    public override int Fill(int slice, int list, Span<int> rooms, Span<float> values)
    {
        _lists[list].OnAir.CopyTo(rooms);
        _lists[list].Values.CopyTo(values);
        return _lists[list].Values.Length;
    }

    // Nobody is shown anything: what rooms do and who comes does not depend on it.
    private void Watch(FeedSimulator feed)
    {
        // The policy's, which keeps the defaults.
        var objective = new TrafficObjective();
        var events = new ArrayBufferWriter<byte>();
        var onAir = Array.Empty<int>();
        var last = -1;
        while (feed.TryNext(events, out var request))
        {
            events.ResetWrittenCount();
            var slice = Math.Min(Slices - 1, SliceOf(request.TimeMs));
            var now = Enumerable.Range(0, Rooms).Where(feed.IsOnAir).ToArray();
            if (!now.AsSpan().SequenceEqual(onAir))
            {
                Note(onAir, now, request.TimeMs);
                onAir = now;
            }

            while (last < slice)
            {
                _firstOfSlice[++last] = _requests.Count;
                foreach (var room in onAir) _slicesOnAir[room]++;
            }

            _requests.Add(request);
            _lists.Add((onAir, Array.ConvertAll(onAir, room =>
            {
                var card = feed.Expect(request.User, room);
                return (float)(objective.WatchSeconds * card.WatchSeconds + objective.Interactions * card.Interactions + objective.PaidAmount * card.PaidAmount);
            })));
        }

        while (last < Slices) _firstOfSlice[++last] = _requests.Count;
        foreach (var room in onAir) _stays[room] = _offAirMs[room] == 0;
        for (var room = 0; room < Rooms; room++)
        {
            HostOf[room] = feed.HostOf(room);
            if (_offAirMs[room] == 0) _offAirMs[room] = StartMs + (long)Slices * SliceMs;
        }
    }

    // Of each room the first broadcast.
    private void Note(int[] before, int[] now, long timeMs)
    {
        foreach (var room in now.Except(before))
        {
            if (_onAirMs[room] == 0) _onAirMs[room] = timeMs;
        }

        foreach (var room in before.Except(now))
        {
            if (_offAirMs[room] == 0) _offAirMs[room] = timeMs;
        }
    }

    // The first rooms of their hosts that begin after the policy and last as long as their guarantee; says how many hosts begin.
    private int FindNew()
    {
        const long GuaranteeMs = 3_600_000;
        var begin = 0;
        foreach (var host in Enumerable.Range(0, Rooms).Where(r => _onAirMs[r] != 0).GroupBy(r => HostOf[r]))
        {
            var first = host.MinBy(r => _onAirMs[r]);
            if (SliceOf(_onAirMs[first]) == 0) continue;
            begin++;
            IsNew[first] = _offAirMs[first] - _onAirMs[first] > GuaranteeMs && SliceOf(_onAirMs[first] + GuaranteeMs) < Slices;
        }

        return begin;
    }

    // Who buys impressions has few: the rooms that are worth least of those that are on air for long enough.
    private List<TrafficBoost> FindBoosts()
    {
        var sums = new double[Rooms];
        var counts = new long[Rooms];
        foreach (var (onAir, values) in _lists)
        {
            for (var i = 0; i < onAir.Length; i++)
            {
                sums[onAir[i]] += values[i];
                counts[onAir[i]]++;
            }
        }

        var boosts = new List<TrafficBoost>();
        foreach (var room in Enumerable.Range(0, Rooms).Where(r => counts[r] > 0 && !IsNew[r]).OrderBy(r => sums[r] / counts[r]))
        {
            if (boosts.Count == Math.Min(Boosted, Rooms / 10)) break;
            var from = SliceOf(_onAirMs[room]) + 1;
            var until = SliceOf(_offAirMs[room] - 1);
            if (until - from < LeastBoostSlices) continue;
            until = Math.Min(until, from + Slices / 2);
            // Three quarters of what its cap lets it have: more than it would get unasked.
            boosts.Add(BoostOf(room, boosts.Count, from, until, (int)(0.75 * Policy.Caps[0].Share!.Value * ImpressionsOf(from, until))));
        }

        return boosts;
    }
}
