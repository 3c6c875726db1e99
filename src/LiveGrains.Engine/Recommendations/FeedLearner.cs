using System.Runtime.InteropServices;
using LiveGrains.Core;

namespace LiveGrains.Engine.Recommendations;

/// <summary>Takes what shards' feeds tell into a recommender, in its own numbers. One thread: the recommender's.</summary>
internal sealed class FeedLearner(ItemDirectory items, Recommender recommender)
{
    private readonly HistoryEntry[] _entries = new HistoryEntry[HistoryStore.MostItems];
    private long _visits;

    /// <summary>Visits learned from. Any thread.</summary>
    public long Visits => Volatile.Read(ref _visits);

    /// <summary>Learns from the next records of a feed and moves behind them; when it throws, behind the one that it could not learn from.</summary>
    public void Learn(int shard, ReadOnlySpan<byte> feed, int most, ref int position)
    {
        var span = feed[position..];
        for (var left = most; left > 0 && InterestFeed.TryRead(ref span, out var head, out var body); left--)
        {
            position = feed.Length - span.Length;
            switch (head.Kind)
            {
                case FeedKind.Visit or FeedKind.PastVisit:
                    recommender.Visit(
                        Translate(shard, MemoryMarshal.Cast<byte, HistoryEntry>(body)), items.Resolve(shard, head.Item), head.TimeSeconds, head.Strength,
                        UserOf(shard, head.User), head.Kind == FeedKind.PastVisit);
                    _visits++;
                    break;
                case FeedKind.Item:
                    var item = items.Resolve(shard, head.Item);
                    if (!body.IsEmpty) items.Describe(item, body);
                    recommender.Describe(item, TextOf(body));
                    break;
                case FeedKind.Outcome:
                    recommender.Learner.Happened(UserOf(shard, head.User), items.Resolve(shard, head.Item), head.Type);
                    recommender.Learner.Settle(head.TimeSeconds);
                    recommender.HappenedToSlot(UserOf(shard, head.User), items.Resolve(shard, head.Item), head.Type, head.TimeSeconds);
                    break;
                case FeedKind.User:
                    recommender.Groups.Describe(UserOf(shard, head.User), MemoryMarshal.Read<StaticFeatures>(body));
                    break;
            }
        }
    }

    /// <summary>A history of a shard in the numbers of the recommender; valid until the next call.</summary>
    public ReadOnlySpan<HistoryEntry> Translate(int shard, ReadOnlySpan<HistoryEntry> history)
    {
        for (var i = 0; i < history.Length; i++) _entries[i] = history[i] with { Item = items.Resolve(shard, history[i].Item) };
        return _entries.AsSpan(0, history.Length);
    }

    /// <summary>A user's number over all shards, never 0.</summary>
    public static ulong UserOf(int shard, uint user) => (ulong)(uint)shard << 32 | user;

    private static ItemText TextOf(ReadOnlySpan<byte> catalog) => new()
    {
        Category = CatalogBlob.Get(catalog, Members.Category),
        Tags = CatalogBlob.Get(catalog, Members.Tags),
        Title = CatalogBlob.Get(catalog, Members.Title),
        Host = CatalogBlob.Get(catalog, Members.Host),
        Price = CatalogBlob.Get(catalog, Members.Price) is { IsEmpty: false } price ? BitConverter.ToInt64(price) : 0,
    };
}
