namespace LiveGrains.Server.Ingest;

/// <summary>
/// The bytes that all bodies in memory may take together, so that many large bodies at once are refused and not paid for.
/// Invariant: 0 ≤ taken ≤ limit.
/// </summary>
internal sealed class BodyBudget(long limitBytes)
{
    private long _taken;

    /// <summary>Bytes taken now.</summary>
    internal long Taken => Interlocked.Read(ref _taken);

    /// <summary>Takes bytes, or takes none and says no.</summary>
    internal bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= limitBytes) return true;
        Interlocked.Add(ref _taken, -bytes);
        return false;
    }

    /// <summary>Gives bytes back.</summary>
    internal void Return(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
