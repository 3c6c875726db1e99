using System.Runtime.InteropServices;

namespace LiveGrains.Cli.Evaluate;

/// <summary>
/// The mean difference of two methods on the same targets, and between which bounds it lies with 95 %: a ratio whose numerator and
/// denominator are summed by user, because targets of one user are not independent (Cochran, Sampling Techniques, 1977, chapter 6). What
/// both methods find or miss does not widen it, as it does the two methods' own intervals.
/// </summary>
internal sealed class PairedDifference
{
    private readonly Dictionary<uint, (int Targets, int Difference)> _users = [];
    private long _targets;
    private long _difference;

    /// <summary>Takes a target of a user: what the one method got for it less what the other got.</summary>
    public void Add(uint user, int difference)
    {
        ref var of = ref CollectionsMarshal.GetValueRefOrAddDefault(_users, user, out _);
        of = (of.Targets + 1, of.Difference + difference);
        _targets++;
        _difference += difference;
    }

    /// <summary>The mean over the targets and half the width of its interval; 0 without targets.</summary>
    public (double Mean, double Half) Estimate
    {
        get
        {
            if (_targets == 0) return (0, 0);
            var mean = (double)_difference / _targets;
            var squares = _users.Values.Sum(u => Math.Pow(u.Difference - mean * u.Targets, 2));
            return (mean, 1.959964 * Math.Sqrt(squares) / _targets);
        }
    }
}
