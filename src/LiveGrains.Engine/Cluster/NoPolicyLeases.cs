using System.Collections.Concurrent;

namespace LiveGrains.Engine.Cluster;

/// <summary>
/// Beside the first shard: which fronts were told that there is no policy of traffic. Each may go by that for <see cref="GoodFor"/>, and sends
/// no impressions here; so whoever sets the very first policy waits until none of them does any more (leases: Gray and Cheriton,
/// SOSP 1989). Any thread.
/// </summary>
/// <param name="time">For the age of leases.</param>
/// <param name="mayBeOlder">True: whoever had the shard before may have told fronts the same.</param>
internal sealed class NoPolicyLeases(TimeProvider time, bool mayBeOlder)
{
    /// <summary>How long a front may go by what it was told, from when it asked.</summary>
    public static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(5);

    // Fronts ask once a second; that is what is waited for.
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<long, long> _given = new();
    private readonly long _opened = time.GetTimestamp();

    /// <summary>True: some front may still go by there being no policy.</summary>
    public bool AnyLeft => (mayBeOlder && IsGood(_opened)) || _given.Values.Any(IsGood);

    /// <summary>A front asks; before it is looked at whether there is a policy, so that one that is set in between waits for the front.</summary>
    public void Give(long front)
    {
        foreach (var (other, given) in _given)
        {
            if (!IsGood(given)) _given.TryRemove(KeyValuePair.Create(other, given));
        }

        _given[front] = time.GetTimestamp();
    }

    /// <summary>The front says that it knows of a policy.</summary>
    public void End(long front) => _given.TryRemove(front, out _);

    /// <summary>Waits until no front goes by what it was told before: about a second, and at most <see cref="GoodFor"/> when one does not say that it heard.</summary>
    public async Task EndedAsync(CancellationToken cancellationToken)
    {
        while (AnyLeft) await Task.Delay(_pause, time, cancellationToken).ConfigureAwait(false);
    }

    private bool IsGood(long given) => time.GetElapsedTime(given) <= GoodFor;
}
