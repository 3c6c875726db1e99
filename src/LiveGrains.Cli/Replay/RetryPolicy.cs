namespace LiveGrains.Cli.Replay;

/// <summary>
/// Exponential backoff with full jitter: attempt n waits a random time up to base × 2ⁿ, at most the ceiling, and at least what
/// the server asked for. A request is given up when it has been tried for longer than the limit, so no loop is endless.
/// </summary>
public sealed record RetryPolicy
{
    /// <summary>The longest first wait.</summary>
    public TimeSpan Base { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait that this side chooses.</summary>
    public TimeSpan Ceiling { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest wait taken from Retry-After.</summary>
    public TimeSpan LongestRetryAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A request that had no outcome for this long is given up.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>One attempt without any answer is given up after this time.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The wait before attempt <paramref name="attempt"/> + 1, with attempts counted from 0.</summary>
    /// <param name="attempt">Attempts that failed before this one.</param>
    /// <param name="retryAfter">What the server asked for, or null.</param>
    /// <param name="jitter">0 to 1.</param>
    public TimeSpan Wait(int attempt, TimeSpan? retryAfter, double jitter)
    {
        var longest = Math.Min(Ceiling.TotalMilliseconds, Base.TotalMilliseconds * Math.Pow(2, Math.Min(attempt, 30)));
        var wait = TimeSpan.FromMilliseconds(longest * jitter);
        if (retryAfter is not { } asked || asked <= TimeSpan.Zero) return wait;
        // The jitter comes on top, so that clients that were refused together do not return together.
        return (asked < LongestRetryAfter ? asked : LongestRetryAfter) + wait / 4;
    }
}
