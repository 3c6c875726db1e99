using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>
/// Which segments the users of a group come from, for users of whom nothing else is known: a group for each value of a static
/// feature, and one for each combination of the four. A user has a number of two bytes, kept here and not in their row. Bounded:
/// what comes beyond <see cref="MostGroups"/> groups or <see cref="MostCombinations"/> combinations is not told apart. One thread.
/// </summary>
internal sealed class UserGroups
{
    /// <summary>Most groups.</summary>
    public const int MostGroups = 8_192;

    /// <summary>Most combinations of features.</summary>
    public const int MostCombinations = ushort.MaxValue;

    /// <summary>In which a visit counts half, seconds: tastes of whole groups change slowly.</summary>
    public const float HalfLifeSeconds = 14 * 86_400;

    // Visits after which a group speaks for half of what is said; the rest is said by what is coarser.
    private const float Shrinkage = 20;

    private sealed class Group
    {
        public readonly float[] Visits = new float[UserSegments.Most];
        public float All;
        public uint TimeSeconds;
    }

    private readonly Dictionary<StaticFeatures, ushort> _numbers = [];
    private readonly List<StaticFeatures> _combinations = [default];
    private readonly Dictionary<ulong, Group> _groups = [];
    private readonly List<ushort[]> _ofUser = [];

    /// <summary>Groups that are known.</summary>
    public int Count => _groups.Count;

    /// <summary>Bytes of memory, nearly.</summary>
    public long MemoryBytes => _ofUser.Sum(u => (long)u.Length * sizeof(ushort)) + _groups.Count * (UserSegments.Most * sizeof(float) + 100L) + _combinations.Count * 48L;

    /// <summary>Says what is known of a user.</summary>
    /// <param name="user">Shard ≪ 32 | row.</param>
    /// <param name="features">Their features, in place of what was said before.</param>
    public void Describe(ulong user, in StaticFeatures features)
    {
        ushort number = 0;
        if (!features.IsEmpty && !_numbers.TryGetValue(features, out number) && _combinations.Count < MostCombinations)
        {
            number = (ushort)_combinations.Count;
            _numbers[features] = number;
            _combinations.Add(features);
        }

        var shard = (int)(user >> 32);
        var row = (uint)user;
        while (_ofUser.Count <= shard) _ofUser.Add([]);
        var users = CollectionsMarshal.AsSpan(_ofUser);
        if (row >= users[shard].Length)
        {
            if (number == 0) return;
            Array.Resize(ref users[shard], (int)Math.Min(Array.MaxLength, (row + 1L) * 5 / 4));
        }

        users[shard][row] = number;
    }

    /// <summary>A user of a segment came to something.</summary>
    public void Visit(ulong user, int segment, uint timeSeconds, float strength)
    {
        var shard = (int)(user >> 32);
        var row = (uint)user;
        if (shard >= _ofUser.Count || row >= _ofUser[shard].Length || _ofUser[shard][row] is not (var number and not 0)) return;
        var features = _combinations[number];
        Span<ulong> keys = stackalloc ulong[StaticFeatures.Count + 1];
        foreach (var key in keys[..Keys(features, keys)])
        {
            ref var group = ref CollectionsMarshal.GetValueRefOrNullRef(_groups, key);
            if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref group))
            {
                if (_groups.Count == MostGroups) continue;
                CountVisit(_groups[key] = new Group(), segment, timeSeconds, strength);
            }
            else
            {
                CountVisit(group, segment, timeSeconds, strength);
            }
        }
    }

    /// <summary>
    /// What share of the visits of users with these features comes from each segment; false when nothing is known of any of them. The
    /// combination speaks as far as it has been seen, the single features in equal parts for the rest.
    /// </summary>
    public bool TryShares(in StaticFeatures features, Span<float> shares)
    {
        shares.Clear();
        Span<ulong> keys = stackalloc ulong[StaticFeatures.Count + 1];
        var count = Keys(features, keys);
        if (count == 0) return false;
        float heard = 0;
        foreach (var key in keys[1..count])
        {
            if (!_groups.TryGetValue(key, out var group) || group.All <= 0) continue;
            var worth = group.All / (group.All + Shrinkage);
            heard += worth;
            for (var i = 0; i < shares.Length; i++) shares[i] += worth * group.Visits[i] / group.All;
        }

        // No single feature known means no combination known.
        if (heard <= 0) return false;
        foreach (ref var share in shares) share /= heard;
        if (!_groups.TryGetValue(keys[0], out var whole) || whole.All <= 0) return true;
        var part = whole.All / (whole.All + Shrinkage);
        for (var i = 0; i < shares.Length; i++) shares[i] += part * (whole.Visits[i] / whole.All - shares[i]);
        return true;
    }

    /// <summary>A segment became part of another.</summary>
    public void Merge(int gone, int kept)
    {
        foreach (var group in _groups.Values)
        {
            group.Visits[kept - 1] += group.Visits[gone - 1];
            group.Visits[gone - 1] = 0;
        }
    }

    // The combination first, then the features that are known.
    private static int Keys(in StaticFeatures features, Span<ulong> keys)
    {
        if (features.IsEmpty) return 0;
        ReadOnlySpan<uint> values = [features.Age, features.Gender, features.Region, features.Language];
        ulong whole = 0;
        var count = 1;
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] != 0) keys[count++] = (ulong)(i + 1) << 32 | values[i];
            whole = KeyHash.Mix(whole ^ values[i]);
        }

        keys[0] = whole | 1UL << 63;
        return count;
    }

    private static void CountVisit(Group group, int segment, uint timeSeconds, float strength)
    {
        var elapsed = ExponentialDecay.Elapsed(group.TimeSeconds, timeSeconds);
        // As exact as it needs to be: a decay of less than a thousandth waits for the next.
        if (elapsed > HalfLifeSeconds / 1_000)
        {
            var factor = ExponentialDecay.Factor(elapsed, HalfLifeSeconds);
            foreach (ref var visits in group.Visits.AsSpan()) visits *= factor;
            group.All *= factor;
            group.TimeSeconds = timeSeconds;
        }

        strength *= ExponentialDecay.Factor(ExponentialDecay.Elapsed(timeSeconds, group.TimeSeconds), HalfLifeSeconds);
        group.Visits[segment - 1] += strength;
        group.All += strength;
    }
}
