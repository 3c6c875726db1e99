using System.Text;
using System.Text.Json.Serialization;
using LiveGrains.Core;
using LiveGrains.Engine.Queries;

namespace LiveGrains.Engine.Cluster;

/// <summary>A question to one shard, as it goes from machine to machine.</summary>
[JsonDerivedType(typeof(RoomQuestion), "room")]
[JsonDerivedType(typeof(RoomListQuestion), "rooms")]
[JsonDerivedType(typeof(RoomSeriesQuestion), "series")]
[JsonDerivedType(typeof(BroadcastQuestion), "broadcast")]
[JsonDerivedType(typeof(RoomProductsQuestion), "roomProducts")]
[JsonDerivedType(typeof(ProductIdsQuestion), "productIds")]
[JsonDerivedType(typeof(ItemQuestion), "item")]
[JsonDerivedType(typeof(UserQuestion), "user")]
[JsonDerivedType(typeof(OverviewQuestion), "overview")]
[JsonDerivedType(typeof(RecommendationQuestion), "recommendations")]
[JsonDerivedType(typeof(SimilarQuestion), "similar")]
[JsonDerivedType(typeof(ModelQuestion), "model")]
[JsonDerivedType(typeof(ReportQuestion), "report")]
[JsonDerivedType(typeof(LiveItemsQuestion), "items")]
[JsonDerivedType(typeof(PolicyQuestion), "policy")]
[JsonDerivedType(typeof(SetPolicyQuestion), "setPolicy")]
[JsonDerivedType(typeof(TrafficQuestion), "traffic")]
[JsonDerivedType(typeof(AllocationQuestion), "allocation")]
internal abstract record ShardQuestion
{
    /// <summary>The clock of who asks; an event clock is not earlier than that.</summary>
    public long ClockMs { get; init; } = long.MinValue;

    /// <summary>Asks the host and returns the answer as JSON.</summary>
    public abstract ValueTask<byte[]> AskForJsonAsync(ShardHost host, CancellationToken cancellationToken);
}

/// <summary>A question with an answer of a type.</summary>
internal abstract record ShardQuestion<T> : ShardQuestion
{
    /// <summary>Answers.</summary>
    public abstract ValueTask<T> AskAsync(ShardHost host, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public sealed override async ValueTask<byte[]> AskForJsonAsync(ShardHost host, CancellationToken cancellationToken) =>
        ShardJson.Write(await host.AskAsync(this, cancellationToken).ConfigureAwait(false));
}

/// <summary>A room's metrics.</summary>
internal sealed record RoomQuestion(string Room) : ShardQuestion<RoomMetrics?>
{
    /// <inheritdoc/>
    public override ValueTask<RoomMetrics?> AskAsync(ShardHost host, CancellationToken cancellationToken) => host.Engine.GetRoomAsync(Room, cancellationToken);
}

/// <summary>The shard's part of a page of rooms.</summary>
internal sealed record RoomListQuestion(RoomListQuery Query) : ShardQuestion<RoomLists.Part>
{
    /// <inheritdoc/>
    public override async ValueTask<RoomLists.Part> AskAsync(ShardHost host, CancellationToken cancellationToken)
    {
        var cursor = RoomCursor.Parse(Query.Cursor, Query.Sort);
        return await host.Engine.AskOwned(s => RoomLists.Read(s, Query, cursor)).WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>A series of a room.</summary>
internal sealed record RoomSeriesQuestion(string Room, SeriesQuery Query) : ShardQuestion<SeriesAnswer?>
{
    /// <inheritdoc/>
    public override ValueTask<SeriesAnswer?> AskAsync(ShardHost host, CancellationToken cancellationToken) => host.Engine.GetRoomSeriesAsync(Room, Query, cancellationToken);
}

/// <summary>All that is kept of a room's broadcast.</summary>
internal sealed record BroadcastQuestion(string Room) : ShardQuestion<RoomBroadcast?>
{
    /// <inheritdoc/>
    public override ValueTask<RoomBroadcast?> AskAsync(ShardHost host, CancellationToken cancellationToken) => host.Engine.GetBroadcastAsync(Room, cancellationToken);
}

/// <summary>The products and videos of a room.</summary>
internal sealed record RoomProductsQuestion(string Room) : ShardQuestion<RoomProducts?>
{
    /// <inheritdoc/>
    public override ValueTask<RoomProducts?> AskAsync(ShardHost host, CancellationToken cancellationToken) => host.Engine.GetRoomProductsAsync(Room, cancellationToken);
}

/// <summary>The ids of a room's products; null: the room is unknown.</summary>
internal sealed record ProductIdsQuestion(string Room) : ShardQuestion<IReadOnlyList<string>?>
{
    /// <inheritdoc/>
    public override async ValueTask<IReadOnlyList<string>?> AskAsync(ShardHost host, CancellationToken cancellationToken)
    {
        var key = Encoding.UTF8.GetBytes(Room);
        return await host.Engine.AskOwned(s => RoomAnswers.Find(s, key) is var n and not 0 ? ItemAnswers.ProductRowsOf(s, n).Select(row => AnswerValues.Name(s.Products.Key(row))).ToArray() : null)
            .WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>A product's or a video's metrics.</summary>
internal sealed record ItemQuestion(bool Video, string Item) : ShardQuestion<ItemMetrics?>
{
    /// <inheritdoc/>
    public override ValueTask<ItemMetrics?> AskAsync(ShardHost host, CancellationToken cancellationToken) =>
        Video ? host.Engine.GetVideoAsync(Item, cancellationToken) : host.Engine.GetProductAsync(Item, cancellationToken);
}

/// <summary>A user's profile.</summary>
internal sealed record UserQuestion(string User) : ShardQuestion<UserProfile?>
{
    /// <inheritdoc/>
    public override ValueTask<UserProfile?> AskAsync(ShardHost host, CancellationToken cancellationToken) => host.Engine.GetUserAsync(User, cancellationToken);
}

/// <summary>The shard's part of the overview.</summary>
internal sealed record OverviewQuestion : ShardQuestion<OverviewAnswers.Part>
{
    /// <inheritdoc/>
    public override async ValueTask<OverviewAnswers.Part> AskAsync(ShardHost host, CancellationToken cancellationToken) =>
        await host.Engine.AskOwned(OverviewAnswers.Read).WaitAsync(cancellationToken).ConfigureAwait(false);
}

/// <summary>A list for a user of the shard. With a room its products are given, because another shard may have it; and whether there may be a policy of traffic.</summary>
internal sealed record RecommendationQuestion(string User, RecommendationQuery Query, IReadOnlyList<string>? Products, bool MayHavePolicy) : ShardQuestion<RecommendationList>
{
    /// <inheritdoc/>
    public override ValueTask<RecommendationList> AskAsync(ShardHost host, CancellationToken cancellationToken) => host.Engine.RecommendAsync(
        User, Query, Products == null ? null : items => [.. Products.Select(p => items.Find(InterestKind.Product, p)).Where(i => i != 0)], MayHavePolicy, cancellationToken);
}

/// <summary>Items that go with one.</summary>
internal sealed record SimilarQuestion(ItemKind Kind, string Id, int Limit) : ShardQuestion<SimilarItems?>
{
    /// <inheritdoc/>
    public override ValueTask<SimilarItems?> AskAsync(ShardHost host, CancellationToken cancellationToken) => host.Engine.GetSimilarAsync(Kind, Id, Limit, cancellationToken);
}

/// <summary>The shard's ranker.</summary>
internal sealed record ModelQuestion : ShardQuestion<RankingModel>
{
    /// <inheritdoc/>
    public override ValueTask<RankingModel> AskAsync(ShardHost host, CancellationToken cancellationToken) => host.Engine.GetModelAsync(cancellationToken);
}

/// <summary>How the shard is.</summary>
/// <param name="Front">Who asks.</param>
/// <param name="Policy">Version of the policy of traffic that the front knows of; 0: none.</param>
internal sealed record ReportQuestion(long Front, long Policy) : ShardQuestion<ShardReport>
{
    /// <inheritdoc/>
    public override ValueTask<ShardReport> AskAsync(ShardHost host, CancellationToken cancellationToken) => host.ReportAsync(Front, Policy, cancellationToken);
}

/// <summary>How a shard is.</summary>
/// <param name="Machine">Who has it.</param>
/// <param name="State">As <see cref="EngineStatus.State"/>.</param>
/// <param name="Detail">Why, if it is not ready.</param>
/// <param name="Events">Accepted events that it counts for the platform.</param>
/// <param name="ClockMs">Its clock; long.MinValue: none yet.</param>
/// <param name="Policy">Of the first shard, the version of the policy of traffic; else 0: none.</param>
internal sealed record ShardReport(string Machine, string State, string? Detail, long Events, long ClockMs, long Policy);

/// <summary>A page of the shard's live items.</summary>
internal sealed record LiveItemsQuestion(uint[] From) : ShardQuestion<LiveItemsPage>
{
    /// <inheritdoc/>
    public override async ValueTask<LiveItemsPage> AskAsync(ShardHost host, CancellationToken cancellationToken)
    {
        if (From.Length != InterestItem.Kinds) throw new LiveGrainsException(ErrorCode.InvalidParameter, "A page of items begins at one row of each kind.");
        return await host.Engine.AskOwned(s => LiveItems.Read(s, From)).WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>The policy of traffic, of the first shard.</summary>
internal sealed record PolicyQuestion : ShardQuestion<TrafficPolicy>
{
    /// <inheritdoc/>
    public override ValueTask<TrafficPolicy> AskAsync(ShardHost host, CancellationToken cancellationToken) => host.Engine.GetTrafficPolicyAsync(cancellationToken);
}

/// <summary>Replaces the policy; the first shard decides, one after the other. Again: it is not known what became of the first time.</summary>
internal sealed record SetPolicyQuestion(TrafficPolicy Policy, bool Again) : ShardQuestion<TrafficPolicy>
{
    /// <inheritdoc/>
    public override ValueTask<TrafficPolicy> AskAsync(ShardHost host, CancellationToken cancellationToken) => host.SetPolicyAsync(Policy, Again, cancellationToken);
}

/// <summary>What the policy promised and what became of it, of the first shard.</summary>
internal sealed record TrafficQuestion : ShardQuestion<TrafficShares>
{
    /// <inheritdoc/>
    public override ValueTask<TrafficShares> AskAsync(ShardHost host, CancellationToken cancellationToken) => host.Engine.GetTrafficAsync(cancellationToken);
}
