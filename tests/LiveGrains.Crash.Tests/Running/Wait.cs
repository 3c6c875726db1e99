using System.Diagnostics;

namespace LiveGrains.Crash.Tests;

/// <summary>Waiting for what other processes do: looked at again and again, never longer than a limit.</summary>
internal static class Wait
{
    /// <summary>Longer than anything takes on a machine that others keep busy too; what comes about costs no more for it.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Returns when a condition is true; throws with <paramref name="what"/> when it is not in time.</summary>
    public static Task UntilAsync(Func<bool> condition, string what, TimeSpan? limit = null) =>
        UntilAsync(() => Task.FromResult(condition()), what, limit);

    /// <summary>Returns when a condition is true; throws with <paramref name="what"/> when it is not in time.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what, TimeSpan? limit = null)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > (limit ?? Limit)) throw new TimeoutException($"Not in {limit ?? Limit}: {what}");
            await Task.Delay(_pause);
        }
    }
}
