using LiveGrains.Core;

namespace LiveGrains.Engine.Recommendations;

/// <summary>
/// Lists that nobody asked for, made in a process's first seconds with rooms on air. The runtime compiles well only what was
/// called often (tiered compilation): the first list takes 70 ms and the hundredth 6 ms, of what later takes less than one. So
/// that no viewer waits for the compiler, these are those lists. They change nothing and teach nothing. On the
/// recommender's thread.
/// </summary>
internal sealed class ListPractice(TimeProvider time)
{
    // Two tiers of 30 calls each and the compiler's own delays between them.
    private const int Lists = 200;
    private const int FewestItems = 8;
    private const int Touches = 20;
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(10);

    // Code is compiled for a process, however many engines it has.
    private static int _made;

    private readonly RecommendedList _list = new();
    private readonly HistoryEntry[] _history = new HistoryEntry[Touches];
    private readonly RecommendationRequest _request = new() { Kind = InterestKind.Room, Limit = 20, WithoutBought = true, HostOnce = true };
    private long _last = time.GetTimestamp();

    /// <summary>Makes one list when it is time for one.</summary>
    public void MakeOne(Recommender recommender, ItemDirectory items, uint nowSeconds)
    {
        if (Volatile.Read(ref _made) >= Lists || time.GetElapsedTime(_last) < _pause) return;
        _last = time.GetTimestamp();
        var hottest = recommender.Hottest(InterestKind.Room);
        if (hottest.Length < FewestItems) return;
        var number = Interlocked.Increment(ref _made);
        // Somebody who was in some of the rooms, now in these and now in those.
        var history = _history.AsSpan(0, Math.Min(Touches, hottest.Length));
        for (var i = 0; i < history.Length; i++)
            history[i] = new HistoryEntry { Item = hottest[(number + i) % hottest.Length], TimeSeconds = nowSeconds - (uint)(Touches - i), Weight = (Half)1, Flags = HistoryFlags.Seen };
        RecommendationAnswers.Texts(recommender.Recommend(0, history, nowSeconds, _request, default, _list), items);
    }
}
