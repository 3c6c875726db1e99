using LiveGrains.Core;

namespace LiveGrains.Cli.Evaluate.Traffic;

/// <summary>
/// Four hours of a platform that is made up: each impression has a moment, a viewer's segment and candidates, each candidate a
/// value to this viewer. The same for the same kind, seed and sizes; values are computed, not stored.
/// </summary>
internal sealed class GeneratedInstance : TrafficInstance
{
    /// <summary>Candidates of an impression.</summary>
    public const int Candidates = 64;

    /// <summary>Probability that something follows an impression of value 1.</summary>
    public const float ChancePerValue = 0.05f;

    private const int Categories = 14;
    private const int Segments = 50;
    private const int NoiseSize = 1 << 12;
    private readonly ulong _seed;
    private readonly float[] _noise = new float[NoiseSize];
    private readonly float[] _quality;
    private readonly float[] _taste;
    private readonly int[] _firstOfSlice = new int[Slices + 1];
    private readonly int[][] _liveOfSlice = new int[Slices][];
    private readonly float[][] _qualityOfSlice = new float[Slices][];
    private readonly float[][] _segmentsOfSlice = new float[Slices][];
    private readonly long[] _onAirSlice;

    public GeneratedInstance(TrafficInstanceKind kind, ulong seed, int rooms, int impressions)
        : base(rooms)
    {
        Kind = kind;
        Impressions = impressions;
        _seed = KeyHash.Mix(seed * 0x9E3779B97F4A7C15 + 17);
        _quality = new float[rooms];
        _onAirSlice = new long[rooms];
        CategoryOf = new int[rooms];
        _taste = new float[Segments * Categories];
        for (var i = 0; i < NoiseSize; i++) _noise[i] = (float)PortableMath.Exp(0.3 * Gauss(0x101, (ulong)i));
        for (var i = 0; i < _taste.Length; i++) _taste[i] = (float)PortableMath.Exp(0.5 * Gauss(0x202, (ulong)i));
        for (var room = 0; room < rooms; room++)
        {
            IsNew[room] = room % 10 == 9;
            CategoryOf[room] = (int)(Hash(0x303, (ulong)room) % Categories);
            // Hosts have two rooms, new ones have one.
            HostOf[room] = IsNew[room] ? room : room / 2 * 2 % 10 == 8 ? room : room / 2 * 2;
            _quality[room] = (float)PortableMath.Exp(0.5 * Gauss(0x404, (ulong)room)) * (IsNew[room] ? 0.8f : 1);
            _onAirSlice[room] = IsNew[room] ? (long)(Hash(0x505, (ulong)room) % (Slices * 3 / 4)) : 0;
        }

        FillTime();
        // Who buys impressions has few.
        var weak = Enumerable.Range(0, Rooms).Where(r => !IsNew[r]).OrderBy(r => _quality[r]).Take(Math.Min(10, Rooms / 10));
        Policy = PolicyOf([.. weak.Select((room, i) => BoostOf(room, i))], IsNew.Count(n => n));
    }

    public TrafficInstanceKind Kind { get; }
    public int[] CategoryOf { get; }
    public override int Impressions { get; }
    public override TrafficPolicy Policy { get; }
    public override int MostCandidates => Candidates;
    public override int Slots => 1;

    /// <inheritdoc/>
    public override long OnAirMs(int room) => StartMs + _onAirSlice[room] * SliceMs;

    /// <inheritdoc/>
    public override bool StaysOnAir(int room) => true;

    /// <inheritdoc/>
    public override int SlicesOnAir(int room) => Slices - (int)_onAirSlice[room];

    /// <inheritdoc/>
    public override int FirstOf(int slice) => _firstOfSlice[slice];

    /// <summary>When an impression is.</summary>
    public long TimeMs(int slice, int impression)
    {
        var count = _firstOfSlice[slice + 1] - _firstOfSlice[slice];
        return StartMs + (long)slice * SliceMs + (long)(impression - _firstOfSlice[slice]) * SliceMs / count;
    }

    /// <inheritdoc/>
    public override int Fill(int slice, int impression, Span<int> rooms, Span<float> values)
    {
        var live = _liveOfSlice[slice];
        var quality = _qualityOfSlice[slice];
        var hash = Hash(0x606, (ulong)impression);
        var segment = SegmentOf(slice, hash);
        var taste = _taste.AsSpan(segment * Categories, Categories);
        var count = Math.Min(Candidates, live.Length);
        // A walk with a step that has no divisor in common with any prime above it: no room twice.
        var at = (int)(hash % (uint)live.Length);
        var step = 1 + (int)(hash >> 33) % Math.Max(1, live.Length / count - 1);
        for (var i = 0; i < count; i++)
        {
            var room = live[at];
            at += step;
            if (at >= live.Length) at -= live.Length;
            hash = hash * 0x5851F42D4C957F2D + 0x14057B7EF767814F;
            rooms[i] = room;
            values[i] = quality[room] * taste[CategoryOf[room]] * _noise[hash >> 52];
        }

        return count;
    }

    /// <summary>The segment of an impression's viewer, from 1.</summary>
    public int SegmentOf(int slice, int impression) => 1 + SegmentOf(slice, Hash(0x606, (ulong)impression));

    /// <summary>Whether an impression's viewer does what value is counted in, when shown something of a value: with a probability in proportion to it.</summary>
    public bool Follows(int impression, float value) => Unit(0xF0F, (ulong)impression) < ChancePerValue * value;

    private int SegmentOf(int slice, ulong hash)
    {
        var x = (hash >> 11) * (1.0 / (1UL << 53));
        var sums = _segmentsOfSlice[slice];
        var low = 0;
        var high = Segments - 1;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (x < sums[middle]) high = middle;
            else low = middle + 1;
        }

        return low;
    }

    private void FillTime()
    {
        var weights = new double[Slices];
        for (var slice = 0; slice < Slices; slice++) weights[slice] = WeightOf(slice);
        var all = weights.Sum();
        var sum = 0.0;
        for (var slice = 0; slice < Slices; slice++)
        {
            _liveOfSlice[slice] = [.. Enumerable.Range(0, Rooms).Where(r => _onAirSlice[r] <= slice)];
            _qualityOfSlice[slice] = [.. Enumerable.Range(0, Rooms).Select(r => _quality[r] * FactorOf(r, slice))];
            _segmentsOfSlice[slice] = SegmentsOf(slice);
            sum += weights[slice];
            _firstOfSlice[slice + 1] = (int)Math.Round(Impressions * sum / all);
        }
    }

    // How much traffic a slice has.
    private double WeightOf(int slice) => Kind switch
    {
        TrafficInstanceKind.Drift => 1 + 0.6 * Wave(0x707, 0, slice),
        // Three crowds of ten minutes with four times the traffic.
        TrafficInstanceKind.Flash => Crowd(slice) >= 0 ? 4 : 1,
        _ => 1,
    };

    private float FactorOf(int room, int slice) => Kind switch
    {
        TrafficInstanceKind.Drift => (float)PortableMath.Exp(0.5 * Wave(0x808, (ulong)room, slice)),
        // One room in fifty is wanted three times as much for ten minutes, again and again; a crowd wants other rooms than usual.
        TrafficInstanceKind.Flash => (Hash(0x909, (ulong)(room * 1000 + slice / 20)) % 50 == 0 ? 3f : 1f)
            * (Crowd(slice) is var crowd and >= 0 && Hash(0xA0A, (ulong)(room * 10 + crowd)) % 4 == 0 ? 1.8f : 1f),
        _ => 1,
    };

    private float[] SegmentsOf(int slice)
    {
        var sums = new float[Segments];
        var sum = 0.0;
        for (var s = 0; s < Segments; s++)
        {
            var weight = 1.0 / (1 + s % 10);
            if (Kind == TrafficInstanceKind.Drift) weight *= PortableMath.Exp(1.0 * Wave(0xB0B, (ulong)s, slice));
            if (Kind == TrafficInstanceKind.Adversarial) weight = s == slice * Segments / Slices ? 1 : 0;
            sum += weight;
            sums[s] = (float)sum;
        }

        for (var s = 0; s < Segments; s++) sums[s] = (float)(sums[s] / sum);
        sums[^1] = 1;
        if (Kind == TrafficInstanceKind.Adversarial && slice == 0) SortTastes();
        return sums;
    }

    // The least valuable segment first, so that whoever spends early spends badly.
    private void SortTastes()
    {
        var rows = Enumerable.Range(0, Segments).Select(s => _taste.AsSpan(s * Categories, Categories).ToArray()).OrderBy(r => r.Sum()).ToArray();
        for (var s = 0; s < Segments; s++) rows[s].CopyTo(_taste, s * Categories);
    }

    private int Crowd(int slice)
    {
        for (var crowd = 0; crowd < 3; crowd++)
        {
            var from = (int)((crowd + 0.2 + 0.6 * Unit(0xC0C, (ulong)crowd)) * Slices / 3);
            if (slice >= from && slice < from + 20) return crowd;
        }

        return -1;
    }

    private double Wave(ulong what, ulong of, int slice)
    {
        // Two waves of periods from an hour to four, so that nothing comes back as it was.
        var time = (double)slice / Slices;
        return 0.7 * Math.Sin(2 * Math.PI * (time * (1 + 3 * Unit(what, 4 * of)) + Unit(what, 4 * of + 1))) + 0.5 * Math.Sin(2 * Math.PI * (time * (2 + 2 * Unit(what, 4 * of + 2)) + Unit(what, 4 * of + 3)));
    }

    private TrafficBoost BoostOf(int room, int number)
    {
        var from = (long)(Unit(0xD0D, (ulong)number) * (Slices / 2));
        return BoostOf(room, number, from, from + Slices / 4 + (long)(Unit(0xE0E, (ulong)number) * (Slices / 4)), Impressions / 1500);
    }

    private ulong Hash(ulong what, ulong key) => KeyHash.Mix(_seed ^ KeyHash.Mix(what * 0xD1342543DE82EF95 + key));

    private double Unit(ulong what, ulong key) => (Hash(what, key) >> 11) * (1.0 / (1UL << 53));

    // Sum of twelve uniforms: near enough to normal, and of + and × only.
    private double Gauss(ulong what, ulong key)
    {
        var sum = -6.0;
        for (ulong i = 0; i < 12; i++) sum += Unit(what, key * 12 + i);
        return sum;
    }
}
