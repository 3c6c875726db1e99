using System.Text.Json.Serialization;
using LiveGrains.Core;

namespace LiveGrains.Engine.Cluster;

/// <summary>A shard asks for the newest prices, and says what it holds.</summary>
/// <param name="Shard">Who asks.</param>
/// <param name="Host">Which of its hosts: another one holds nothing yet.</param>
internal sealed record AllocationQuestion(int Shard, long Host) : ShardQuestion<AllocationAnswer>
{
    /// <summary>Number of the question, from 1: one that comes later than its successor is of no account.</summary>
    public long Number { get; init; }

    /// <summary>The allocator of the last answer; 0: there was none.</summary>
    public long Allocator { get; init; }

    /// <summary>Number of the last answer that was taken.</summary>
    public long Answer { get; init; }

    /// <summary>
    /// By group what is held beyond what that answer said: slots that were given away and are in no price yet. When it <see cref="IsWhole"/>, all that is
    /// held, and all that may still be given away. As <see cref="GroupHolding"/>.
    /// </summary>
    public byte[] Held { get; init; } = [];

    /// <summary>See <see cref="Held"/>.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Version of the policy that is known.</summary>
    public long Version { get; init; }

    /// <summary>Items that changed after so many changes are not known.</summary>
    public long ItemsSince { get; init; } = -1;

    /// <summary>Where the next page of them begins.</summary>
    public int ItemsAt { get; init; }

    /// <summary>Counted impressions before this one are known.</summary>
    public long CountedTo { get; init; }

    /// <inheritdoc/>
    public override async ValueTask<AllocationAnswer> AskAsync(ShardHost host, CancellationToken cancellationToken) =>
        await host.AllocateAsync(this).WaitAsync(cancellationToken).ConfigureAwait(false);
}

/// <summary>What an allocator answers.</summary>
internal enum AllocationStep
{
    /// <summary>There is no policy.</summary>
    None,
    /// <summary>It does not know what the shard holds: the next question is to say all of it.</summary>
    Declare,
    /// <summary>It does not know yet what other shards hold: what the shard has holds on.</summary>
    Wait,
    /// <summary>Some items; the next page is to be asked for at once.</summary>
    Items,
    /// <summary>Prices.</summary>
    Prices,
}

/// <summary>Prices for one shard.</summary>
/// <param name="Step">What it is.</param>
/// <param name="Allocator">Which one answers; another one after the first shard moved.</param>
internal sealed record AllocationAnswer(AllocationStep Step, long Allocator)
{
    /// <summary>Its number, from 1.</summary>
    public long Number { get; init; }

    /// <summary>Version of the policy.</summary>
    public long Version { get; init; }

    /// <summary>The policy, where the shard has another version.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TrafficPolicy? Policy { get; init; }

    /// <summary>As <see cref="TrafficPrices.Second"/>.</summary>
    public long Second { get; init; }

    /// <summary>Items that are new or changed: of each its kind, the length of its key, the key, its place and its groups.</summary>
    public byte[] Items { get; init; } = [];

    /// <summary>Where the next page begins.</summary>
    public int ItemsAt { get; init; }

    /// <summary>Changes of items so far.</summary>
    public long ItemsChanges { get; init; }

    /// <summary>True: the ledger takes no more items; those that it does not have are without rules.</summary>
    public bool ItemsAreFull { get; init; }

    /// <summary>Groups that there are.</summary>
    public int GroupCount { get; init; }

    /// <summary>Groups on air with their prices and the shard's part of what is left, as <see cref="PricedGroupEntry"/>.</summary>
    public byte[] Groups { get; init; } = [];

    /// <summary>Numbers of groups on air without rules, when there are caps: of those that are not known nothing is shown then.</summary>
    public byte[] Plain { get; init; } = [];

    /// <summary>Impressions of the shard's users that are in these prices and were not in the last ones, as <see cref="CountedImpression"/>.</summary>
    public byte[] Counted { get; init; } = [];

    /// <summary>See <see cref="AllocationQuestion.CountedTo"/>.</summary>
    public long CountedTo { get; init; }
}

/// <summary>Slots of a group by its number.</summary>
internal readonly record struct GroupHolding(int Group, int Slots);

/// <summary>The price of a group by its number.</summary>
internal readonly record struct PricedGroupEntry(int Group, GroupPrice Price);
