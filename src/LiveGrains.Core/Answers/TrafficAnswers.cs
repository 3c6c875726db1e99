using System.Globalization;

namespace LiveGrains.Core;

/// <summary>What the ledger of traffic says, as answers show it.</summary>
internal static class TrafficAnswers
{
    private const int MostShares = 500;

    /// <summary>Shares without a policy.</summary>
    public static TrafficShares None(long clockMs) => new()
    {
        Version = 0,
        Impressions = 0,
        ImpressionsPerSecond = 0,
        MeanValue = null,
        Gini = null,
        MaxMin = null,
        ExplorationShare = null,
        Rules = [],
        Shares = [],
        AsOf = AnswerValues.Time(clockMs),
    };

    /// <summary>The shares, with prices in mean values of an impression.</summary>
    /// <param name="ledger">What was promised and delivered.</param>
    /// <param name="clockMs">The clock.</param>
    /// <param name="capPrices">Prices of caps by group; those behind its end have none yet.</param>
    public static TrafficShares Read(TrafficLedger ledger, long clockMs, float[] capPrices)
    {
        double PriceOf(TrafficLine line) => ledger.Rules[line.Rule].Kind != TrafficRuleKind.Cap ? line.Price : line.Group < capPrices.Length ? capPrices[line.Group] : 0;
        var hosts = ledger.Groups.Where(g => g is { Kind: PricedGroupKind.Host, Live: > 0 }).Select(g => (double)(g.Lifetime + g.Pending)).Order().ToList();
        var sum = hosts.Sum();
        var lines = ledger.Groups.SelectMany(g => g.Lines).GroupBy(l => l.Rule).ToDictionary(l => l.Key, l => l.ToList());
        return None(clockMs) with
        {
            Version = ledger.Version,
            Impressions = ledger.Total,
            ImpressionsPerSecond = ledger.Rate,
            Gini = hosts.Count == 0 ? null : TrafficLedger.GiniOf(hosts),
            MaxMin = sum == 0 ? null : hosts[0] * hosts.Count / sum,
            Rules = [.. ledger.Rules.Select((rule, i) => Rule(ledger, rule, lines.GetValueOrDefault(i) ?? [], clockMs))],
            Shares = [.. ledger.Groups.SelectMany(g => g.Lines.Select(l => (Group: g, Line: l))).OrderByDescending(x => PriceOf(x.Line)).ThenByDescending(x => x.Line.Delivered).Take(MostShares)
                .Select(x => Share(ledger, x.Group, x.Line, PriceOf(x.Line), clockMs))],
        };
    }

    /// <summary>The same, with prices in the units of the objective.</summary>
    public static TrafficShares InValue(TrafficShares shares, double scale, double? explored) => shares with
    {
        MeanValue = scale > 0 ? scale : null,
        ExplorationShare = explored,
        Rules = [.. shares.Rules.Select(r => r with { CostPerThousand = r.CostPerThousand * scale })],
        Shares = [.. shares.Shares.Select(s => s with { Price = s.Price * scale })],
    };

    private static TrafficRuleShare Rule(TrafficLedger ledger, TrafficRule rule, List<TrafficLine> lines, long clockMs)
    {
        var behind = rule.Kind == TrafficRuleKind.Cap ? 0 : lines.Sum(l => Math.Max(0, ledger.TargetOf(rule, l, clockMs) - l.Delivered));
        return new TrafficRuleShare(
            NameOf(rule.Kind), Reason(rule), rule.Delivered, lines.Count, rule.Kept, rule.Missed, rule.Shortfall, behind, rule.Delivered == 0 || rule.Kind == TrafficRuleKind.Cap ? null : 1000 * rule.Cost / rule.Delivered);
    }

    private static TrafficShare Share(TrafficLedger ledger, PricedGroup group, TrafficLine line, double price, long clockMs)
    {
        var rule = ledger.Rules[line.Rule];
        return new TrafficShare(
            NameOf(group.Kind), group.Key, NameOf(rule.Kind), ledger.TargetOf(rule, line, clockMs), line.Delivered, rule.IsWindowed && rule.Seen > 0 ? (double)line.Delivered / rule.Seen : null, price, Reason(rule));
    }

    private static string Reason(TrafficRule rule)
    {
        var of = rule.Id ?? (rule.About == PricedGroupKind.Category ? "each category" : $"each {NameOf(rule.About)}");
        var minutes = rule.WindowMs / 60_000;
        return rule.Kind switch
        {
            TrafficRuleKind.Cap => rule.IsShare ? Text($"at most {100 * rule.Share:0.###} % of the impressions of {minutes} minutes for {of}") : Text($"at most {rule.Impressions} impressions in {minutes} minutes for {of}"),
            TrafficRuleKind.Floor when rule.GiniCeiling > 0 => Text($"a Gini coefficient of at most {rule.GiniCeiling:0.###}: at least {100 * rule.Level:0.#} % of the equal share in {minutes} minutes for {of}"),
            TrafficRuleKind.Floor when rule.IsEqualShare => Text($"at least {100 * rule.Level:0.#} % of the equal share in {minutes} minutes for {of}"),
            TrafficRuleKind.Floor => Text($"at least {100 * rule.Share:0.###} % of the impressions of {minutes} minutes for {of}"),
            TrafficRuleKind.Guarantee => Text($"{rule.Impressions} impressions within {minutes} minutes of going on air for rooms of hosts with fewer than {rule.HostBelow}"),
            _ => Text($"{rule.Impressions} impressions were bought for {of}"),
        };
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string NameOf<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}
