using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using LiveGrains.Core;
using LiveGrains.Engine.Ingest;
using LiveGrains.Engine.Recommendations;

namespace LiveGrains.Engine;

public sealed partial class LiveGrainsEngine
{
    // No event has such a source: control characters are refused.
    private static readonly byte[] _policySource = "\u0001traffic"u8.ToArray();

    private readonly SemaphoreSlim _policyGate = new(1);
    private volatile bool _hasTraffic;
    private volatile TrafficPrices? _latestPrices;

    /// <inheritdoc/>
    public async ValueTask<TrafficPolicy> GetTrafficPolicyAsync(CancellationToken cancellationToken = default) =>
        await _shards[0].Ask(s => s.Traffic is { } traffic ? traffic.Policy with { Version = traffic.Version } : new TrafficPolicy { Version = 0 }).WaitAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<TrafficPolicy> SetTrafficPolicyAsync(TrafficPolicy policy, CancellationToken cancellationToken = default) => SetTrafficPolicyAsync(policy, again: false, cancellationToken);

    /// <summary>Replaces the policy. Again: it was tried before, and nobody knows with what result; if it holds already, it did.</summary>
    internal async ValueTask<TrafficPolicy> SetTrafficPolicyAsync(TrafficPolicy policy, bool again, CancellationToken cancellationToken)
    {
        TrafficPolicyRules.Check(policy);
        await _policyGate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var holds = await GetTrafficPolicyAsync(cancellationToken).ConfigureAwait(false);
            var version = holds.Version!.Value;
            if (again && (policy.Version ?? version - 1) == version - 1 && TrafficPolicyJson.Write(holds).AsSpan().SequenceEqual(TrafficPolicyJson.Write(policy))) return holds;
            if (policy.Version is { } expected && expected != version)
                throw new LiveGrainsException(ErrorCode.PolicyConflict, $"Version {version} holds, not {expected}. Read it, and send yours with its version.");
            var block = PolicyBlock(policy, version + 1, Math.Max(0, _clock.NowMs()), _hash);
            // As cut for the first shard of several: an event that counts for nobody else.
            if (_options.Owned != null) MemoryMarshal.AsRef<EventRecord>(block.Records).Owns = Owns.Traffic;
            // From here on impressions reach the first shard as well; those that came just before are not counted.
            _hasTraffic = true;
            Submit(block);
            await block.Completion().ConfigureAwait(false);
            if (block.Verdicts.Contains((byte)Verdict.Capacity)) throw new LiveGrainsException(ErrorCode.Capacity);
            return policy with { Version = version + 1 };
        }
        finally
        {
            _policyGate.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<TrafficShares> GetTrafficAsync(CancellationToken cancellationToken = default)
    {
        var (scale, explored, prices) = await _recommendations.Ask((recommender, _) => (recommender.ValueScale, recommender.ExploredShare, recommender.CapPrices)).WaitAsync(cancellationToken).ConfigureAwait(false);
        var shares = await _shards[0].Ask(s => s.Traffic is { } traffic ? TrafficAnswers.Read(traffic, s.ClockMs, prices) : TrafficAnswers.None(s.ClockMs)).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (shares.Version == 0) return shares;
        return TrafficAnswers.InValue(shares, scale, explored);
    }

    // The prices as of the second of a question's clock: of the log and the clock alone, whenever they were asked for last.
    private async ValueTask<TrafficPrices?> PricesAsync(long clockMs, CancellationToken cancellationToken)
    {
        if (_latestPrices is { } latest && latest.Second >= clockMs / 1000) return latest;
        return _latestPrices = await _shards[0].Ask(s => s.Traffic?.Prices).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private void TakePrices(Recommender recommender, ItemDirectory items, TrafficPrices prices) =>
        recommender.TakePrices(prices, PricesElsewhere == null ? local => items.Resolve(0, local) : static number => number, policy => ExcludedBy(policy, items));

    private static TrafficExclusionSet ExcludedBy(TrafficPolicy policy, ItemDirectory items)
    {
        var found = policy.Exclusions.Rooms.Select(id => items.Take(InterestKind.Room, id)).Concat(policy.Exclusions.Products.Select(id => items.Take(InterestKind.Product, id)));
        return new TrafficExclusionSet([.. found], [.. policy.Exclusions.Hosts.Select(items.NameNumber)], [.. policy.Exclusions.Categories.Select(items.NameNumber)]);
    }

    /// <summary>The block that sets a policy.</summary>
    internal static IngestBlock PolicyBlock(TrafficPolicy policy, long version, long nowMs, KeyHash hash)
    {
        var draft = new EventDraft
        {
            Type = RecordTypes.TrafficPolicy,
            Members = Members.Source | Members.Id | Members.Text,
            TimeMs = nowMs,
            HasAmount = true,
            Amount = version,
            Source = _policySource,
            Id = Encoding.ASCII.GetBytes(version.ToString(CultureInfo.InvariantCulture)),
            Text = TrafficPolicyJson.Write(policy),
        };
        var block = new IngestBlock();
        new RecordWriter(hash).Write(block, draft, 0);
        return block;
    }
}
