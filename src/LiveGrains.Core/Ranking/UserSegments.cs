using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>
/// Users in at most <see cref="Most"/> segments by what they are interested in: spherical k-means (Dhillon, Modha 2001) learned
/// online, a visit at a time, with a learning rate for each centre that falls with what the centre has seen (Sculley, WWW 2010) but
/// not below one in <see cref="MemoryVisits"/>, so that centres follow the times. A user who is like none opens a segment while there
/// is one; then, now and then, the two that are most alike become one and the newcomer takes what is free. No chance: the same visits
/// in the same order give the same segments. About 1.5 µs a visit. One thread.
/// </summary>
internal sealed class UserSegments
{
    /// <summary>Most segments; they are numbered from 1.</summary>
    public const int Most = 32;

    /// <summary>In which a segment's visits count half, seconds: a day.</summary>
    public const float HalfLifeSeconds = 86_400;

    /// <summary>A centre forgets a visit at this rate at the latest.</summary>
    public const int MemoryVisits = 2_000;

    // Below this cosine a user is like nobody yet. Two rooms of one category have more, two of different ones less.
    private const float Alike = 0.5f;

    // How much more alike two segments must be than a newcomer is to any, and how many visits there are between two such changes.
    private const float Margin = 0.15f;
    private const int VisitsBetweenChanges = 500;

    private readonly float[] _centres = new float[Most * FeatureVector.Dimensions];
    private readonly Head[] _heads = new Head[Most];
    private int _sinceChange;

    // Plain memory: saved and loaded as it lies.
    private struct Head
    {
        /// <summary>Visits that the centre knows, at most <see cref="MemoryVisits"/>.</summary>
        public float Known;
        /// <summary>Visits, decayed to the time.</summary>
        public float Visits;
        public uint TimeSeconds;
    }

    /// <summary>Segments in use.</summary>
    public int Count { get; private set; }

    /// <summary>Says that a segment, given first, became part of another, given second; the first is free from then on.</summary>
    public Action<int, int>? Merged { get; set; }

    /// <summary>The segment whose centre is nearest; 0: there is none.</summary>
    /// <param name="interest">A user's interest, of length 1.</param>
    /// <param name="cosine">How near, −1 to 1.</param>
    public int Nearest(ReadOnlySpan<float> interest, out float cosine)
    {
        var nearest = 0;
        cosine = 0;
        for (var segment = 1; segment <= Count; segment++)
        {
            var match = FeatureVector.Dot(interest, Centre(segment));
            if (nearest != 0 && match <= cosine) continue;
            (nearest, cosine) = (segment, match);
        }

        return nearest;
    }

    /// <summary>The segment's share of all visits, as of the last one each; 0 to 1.</summary>
    public float Share(int segment, uint nowSeconds)
    {
        float all = 0;
        for (var i = 0; i < Count; i++) all += Visits(_heads[i], nowSeconds);
        return all > 0 ? Visits(_heads[segment - 1], nowSeconds) / all : 0;
    }

    /// <summary>A user with this interest came to something: moves the nearest centre towards them and says which it is.</summary>
    /// <param name="interest">The user's interest, of length 1.</param>
    /// <param name="timeSeconds">When, seconds since 1970 UTC.</param>
    public int Learn(ReadOnlySpan<float> interest, uint timeSeconds)
    {
        _sinceChange++;
        var segment = Nearest(interest, out var cosine);
        if (segment == 0 || cosine < Alike)
        {
            if (Count < Most) return Open(++Count, interest, timeSeconds);
            if (_sinceChange >= VisitsBetweenChanges && TryMerge(cosine + Margin) is var free and not 0) return Open(free, interest, timeSeconds);
        }

        ref var head = ref _heads[segment - 1];
        head.Known = Math.Min(head.Known + 1, MemoryVisits);
        var rate = 1 / head.Known;
        var centre = Centre(segment);
        for (var i = 0; i < centre.Length; i++) centre[i] += (interest[i] - centre[i]) * rate;
        FeatureVector.Normalise(centre);
        CountVisit(ref head, timeSeconds);
        return segment;
    }

    /// <summary>Writes the segments.</summary>
    public void Save(IStateSink sink)
    {
        sink.Put(Count);
        sink.Put(_sinceChange);
        sink.Write(MemoryMarshal.AsBytes(_centres.AsSpan()));
        sink.Write(MemoryMarshal.AsBytes(_heads.AsSpan()));
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(IStateSource source)
    {
        var count = source.Take<int>();
        if (count is < 0 or > Most) throw new InvalidDataException("number of segments");
        Count = count;
        _sinceChange = source.Take<int>();
        source.Read(MemoryMarshal.AsBytes(_centres.AsSpan()));
        source.Read(MemoryMarshal.AsBytes(_heads.AsSpan()));
    }

    private Span<float> Centre(int segment) => _centres.AsSpan((segment - 1) * FeatureVector.Dimensions, FeatureVector.Dimensions);

    private int Open(int segment, ReadOnlySpan<float> interest, uint timeSeconds)
    {
        interest.CopyTo(Centre(segment));
        _heads[segment - 1] = new Head { Known = 1, Visits = 1, TimeSeconds = timeSeconds };
        _sinceChange = 0;
        return segment;
    }

    // Makes one of the two segments that are most alike, when they are more alike than a bound; the one that is free then, or 0.
    private int TryMerge(float bound)
    {
        _sinceChange = 0;
        int first = 0, second = 0;
        for (var a = 2; a <= Most; a++)
        {
            for (var b = 1; b < a; b++)
            {
                var cosine = FeatureVector.Dot(Centre(a), Centre(b));
                if (cosine <= bound) continue;
                (bound, first, second) = (cosine, a, b);
            }
        }

        if (first == 0) return 0;
        var (gone, kept) = _heads[first - 1].Known <= _heads[second - 1].Known ? (first, second) : (second, first);
        ref var head = ref _heads[kept - 1];
        ref readonly var part = ref _heads[gone - 1];
        var centre = Centre(kept);
        var other = Centre(gone);
        for (var i = 0; i < centre.Length; i++) centre[i] = centre[i] * head.Known + other[i] * part.Known;
        FeatureVector.Normalise(centre);
        head.Known = Math.Min(head.Known + part.Known, MemoryVisits);
        var time = Math.Max(head.TimeSeconds, part.TimeSeconds);
        head.Visits = Visits(head, time) + Visits(part, time);
        head.TimeSeconds = time;
        Merged?.Invoke(gone, kept);
        return gone;
    }

    private static void CountVisit(ref Head head, uint timeSeconds)
    {
        var late = ExponentialDecay.Elapsed(timeSeconds, head.TimeSeconds);
        head.Visits = Visits(head, timeSeconds) + ExponentialDecay.Factor(late, HalfLifeSeconds);
        head.TimeSeconds = Math.Max(head.TimeSeconds, timeSeconds);
    }

    private static float Visits(in Head head, uint nowSeconds) =>
        head.Visits * ExponentialDecay.Factor(ExponentialDecay.Elapsed(head.TimeSeconds, nowSeconds), HalfLifeSeconds);
}
