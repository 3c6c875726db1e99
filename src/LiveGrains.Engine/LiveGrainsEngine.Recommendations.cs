using System.Text;
using LiveGrains.Core;
using LiveGrains.Engine.Recommendations;
using LiveGrains.Engine.Shards;

namespace LiveGrains.Engine;

public sealed partial class LiveGrainsEngine
{
    private const int ItemsAtOnce = 4096;
    private const int UsersAtOnce = 1024;
    private const long FillBelowBytes = 8 << 20;

    private readonly RecommendationRunner _recommendations;

    /// <inheritdoc/>
    public async ValueTask<RecommendationList> RecommendAsync(string user, RecommendationQuery query, CancellationToken cancellationToken = default)
    {
        RecommendationAnswers.Check(query);
        if (query.Room == null) return await RecommendAsync(user, query, null, false, cancellationToken).ConfigureAwait(false);
        var only = await ProductsOf(query.Room, cancellationToken).ConfigureAwait(false);
        return await RecommendAsync(user, query, items => [.. only.Select(o => items.Resolve(o.Shard, o.Item))], false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A list for a user of this engine, of some items only when it is said which. In a cluster it is refused as long as there may be a policy and no prices came yet.</summary>
    internal async ValueTask<RecommendationList> RecommendAsync(string user, RecommendationQuery query, Func<ItemDirectory, HashSet<uint>>? only, bool mayHavePolicy, CancellationToken cancellationToken)
    {
        var key = Encoding.UTF8.GetBytes(user);
        var shard = ShardOf(key);
        var elsewhere = _hasTraffic && shard.Number != 0 ? await PricesAsync(_clock.NowMs(), cancellationToken).ConfigureAwait(false) : null;
        var request = new RecommendationRequest
        {
            Kind = KindOf(query.Room == null ? query.Kind : ItemKind.Product),
            Limit = query.Limit,
            WithoutBought = !query.Bought,
            WithoutSeen = !query.Seen,
            HostOnce = !query.SameHost,
            Lambda = (float)(1 - query.Diversity),
            CountedAs = PricesElsewhere == null ? 0 : _hash.Of(key),
        };
        // First the user, then the items: what was acknowledged before the call is in the history, and what the history names
        // exists. Availability is looked at last of all. The shard itself hands the question on: no third thread in between.
        var (answer, clockMs) = await shard.Ask(state =>
        {
            var asker = ReadUser(state, key);
            // The first shard has the prices; without a policy there are none. In a cluster they were told.
            var prices = shard.Number == 0 && PricesElsewhere == null ? state.Traffic?.Prices : elsewhere;
            return (Answer: _recommendations.AskForList((recommender, items) =>
                MakeList(recommender, items, shard.Number, asker, request, only, PricesElsewhere == null ? prices : PricesElsewhere.Latest(mayHavePolicy), query.Explain)), asker.ClockMs);
        }).WaitAsync(cancellationToken).ConfigureAwait(false);
        return RecommendationAnswers.List(user, query, await answer.WaitAsync(cancellationToken).ConfigureAwait(false), clockMs);
    }

    private RankedList MakeList(Recommender recommender, ItemDirectory items, int shard, in Asker asker, RecommendationRequest request, Func<ItemDirectory, HashSet<uint>>? only, TrafficPrices? prices, bool explain)
    {
        if (prices != null) TakePrices(recommender, items, prices);
        request.IsPriced = prices != null;
        var ids = only?.Invoke(items);
        var ranked = recommender.Recommend(
            asker.Row == 0 ? 0 : FeedLearner.UserOf(shard, asker.Row), _recommendations.Translate(shard, asker.History), ShardState.SecondsOf(asker.ClockMs),
            ids == null ? request : request.Within(ids), asker.Features, new RecommendedList());
        return new RankedList(ranked, RecommendationAnswers.Texts(ranked, items), explain ? RecommendationAnswers.Weights(recommender.Ranker) : null, recommender.Objectives);
    }

    /// <inheritdoc/>
    public async ValueTask<UserProfile?> GetUserAsync(string user, CancellationToken cancellationToken = default)
    {
        var key = Encoding.UTF8.GetBytes(user);
        var shard = ShardOf(key);
        var found = await shard.Ask(s => UserAnswers.Find(s, key) is var row and not 0 ? (Profile: UserAnswers.Profile(s, row), History: HistoryOf(s, row), Features: s.FeaturesOf(row)) : default)
            .WaitAsync(cancellationToken).ConfigureAwait(false);
        if (found.Profile == null) return null;
        var segment = await _recommendations.Ask((recommender, _) =>
                recommender.SegmentOf(_recommendations.Translate(shard.Number, found.History), found.Features, ShardState.SecondsOf(found.Profile.AsOf.ToUnixTimeMilliseconds())))
            .WaitAsync(cancellationToken).ConfigureAwait(false);
        return found.Profile with { Segment = RecommendationAnswers.Segment(segment) };
    }

    /// <inheritdoc/>
    public async ValueTask<SimilarItems?> GetSimilarAsync(ItemKind kind, string id, int limit, CancellationToken cancellationToken = default)
    {
        if (limit is < 1 or > Recommender.MaxItems) throw new LiveGrainsException(ErrorCode.InvalidParameter, $"limit must be from 1 to {Recommender.MaxItems}.");
        var of = KindOf(kind) ?? throw new LiveGrainsException(ErrorCode.InvalidParameter, "kind must be room, product or video.");
        return await _recommendations.Ask((recommender, items) =>
        {
            var item = items.Find(of, id);
            if (item == 0) return null;
            var similar = recommender.Similar(item, ShardState.SecondsOf(_clock.NowMs()), limit);
            return new SimilarItems(kind, id, [.. similar.Select(s => new SimilarItem(items.Id(s.Item), items.Text(s.Item, Members.Title), s.Score, s.CoVisits, s.Attributes))]);
        }).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<RankingModel> GetModelAsync(CancellationToken cancellationToken = default) =>
        await _recommendations.Ask((recommender, items) => RecommendationAnswers.Model(recommender, items, _recommendations, ShardState.SecondsOf(_clock.NowMs()))).WaitAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Returns when the models know all that was acknowledged before the call. For tests, which wait for a state and not for a time.</summary>
    internal async Task SettleRecommendationsAsync()
    {
        foreach (var shard in _shards) await shard.FlushFeedAsync().ConfigureAwait(false);
        await _recommendations.SettleAsync().ConfigureAwait(false);
    }

    private async Task<List<(int Shard, uint Item)>> ProductsOf(string room, CancellationToken cancellationToken)
    {
        var key = Encoding.UTF8.GetBytes(room);
        var shard = ShardOf(key);
        var products = await shard.Ask(s => RoomAnswers.Find(s, key) is var n and not 0 ? ItemAnswers.ProductRowsOf(s, n) : null)
            .WaitAsync(cancellationToken).ConfigureAwait(false) ?? throw new LiveGrainsException(ErrorCode.NotFound, "No event has named this room.");
        return [.. products.Select(row => (shard.Number, InterestItem.Of(InterestKind.Product, row)))];
    }

    private static unsafe HistoryEntry[] HistoryOf(ShardState state, uint user) => state.Histories.Entries(state.UserDetailAt(user)->History).ToArray();

    /// <summary>What a shard knows of the user of a question; row 0: nothing.</summary>
    private readonly record struct Asker(uint Row, HistoryEntry[] History, StaticFeatures Features, long ClockMs);

    private static unsafe Asker ReadUser(ShardState state, byte[] key)
    {
        var row = UserAnswers.Find(state, key);
        if (row == 0) return new Asker(0, [], default, state.ClockMs);
        state.Feed?.Follow(row);
        return new Asker(row, HistoryOf(state, row), state.FeaturesOf(row), state.ClockMs);
    }

    // What the shards recovered, in slices between their blocks, so that the models know it soon and nobody waits. What comes later the feeds
    // tell: so the shards are asked how many rows they recovered before an event can come, in the constructor. Only what a recovered user does
    // before his slice is told is learned twice.
    private async Task FillRecommendationsAsync(TimeProvider time)
    {
        try
        {
            var recovered = Array.ConvertAll(_shards, shard => shard.Ask(RowsOf));
            for (var i = 0; i < _shards.Length; i++) await TellItemsAsync(_shards[i], await recovered[i].ConfigureAwait(false), time).ConfigureAwait(false);
            for (var i = 0; i < _shards.Length; i++)
            {
                var last = (await recovered[i].ConfigureAwait(false)).Users;
                for (uint first = 1; first <= last; first += UsersAtOnce)
                    await TellAsync(_shards[i], first, Math.Min(last, first + UsersAtOnce - 1), (s, from, to, feed) => s.TellUsers(from, to, feed), time).ConfigureAwait(false);
            }
        }
        catch (LiveGrainsException e) when (e.Code is ErrorCode.ShuttingDown or ErrorCode.ShardStopped or ErrorCode.ShardMoved)
        {
            // Nobody will ask any more.
        }
    }

    // Feeds were left out because the recommender was behind: visits in them are lost to the models, items must not be, since those would never be in a list.
    private async Task TellItemsAgainAsync(ShardRunner shard, TimeProvider time)
    {
        try
        {
            while (_recommendations.QueuedBytes > FillBelowBytes) await Task.Delay(TimeSpan.FromMilliseconds(10), time).ConfigureAwait(false);
            _recommendations.IsToldAgain(shard.Number);
            await TellItemsAsync(shard, await shard.Ask(RowsOf).ConfigureAwait(false), time).ConfigureAwait(false);
        }
        catch (LiveGrainsException e) when (e.Code is ErrorCode.ShuttingDown or ErrorCode.ShardStopped or ErrorCode.ShardMoved)
        {
            // Nobody will ask any more.
        }
    }

    private async Task TellItemsAsync(ShardRunner shard, Rows rows, TimeProvider time)
    {
        for (var kind = InterestKind.Room; kind <= InterestKind.Video; kind++)
        {
            for (uint first = 1, last = rows.Of(kind); first <= last; first += ItemsAtOnce)
                await TellAsync(shard, first, Math.Min(last, first + ItemsAtOnce - 1), (s, from, to, feed) => s.TellItems(kind, from, to, feed), time).ConfigureAwait(false);
        }
    }

    private static Rows RowsOf(ShardState state) => new(state.Rooms.Count, state.Products.Count, state.Videos.Count, state.Users.Count);

    /// <summary>How many rows a shard has of each kind.</summary>
    private readonly record struct Rows(uint Rooms, uint Products, uint Videos, uint Users)
    {
        public uint Of(InterestKind kind) => kind switch { InterestKind.Room => Rooms, InterestKind.Product => Products, _ => Videos };
    }

    private async Task TellAsync(ShardRunner shard, uint first, uint last, Action<ShardState, uint, uint, InterestFeed> tell, TimeProvider time)
    {
        while (_recommendations.QueuedBytes > FillBelowBytes) await Task.Delay(TimeSpan.FromMilliseconds(10), time).ConfigureAwait(false);
        var records = await shard.Ask(s =>
        {
            var feed = new InterestFeed();
            tell(s, first, last, feed);
            return feed.Take([]);
        }).ConfigureAwait(false);
        _recommendations.Tell(shard.Number, records);
    }

    private static InterestKind? KindOf(ItemKind kind) => kind switch
    {
        ItemKind.Room => InterestKind.Room,
        ItemKind.Product => InterestKind.Product,
        ItemKind.Video => InterestKind.Video,
        _ => null,
    };
}
