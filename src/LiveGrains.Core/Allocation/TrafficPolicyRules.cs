namespace LiveGrains.Core;

/// <summary>What a policy must be like.</summary>
internal static class TrafficPolicyRules
{
    private const long MostImpressions = 1_000_000_000_000;

    /// <summary>Throws <see cref="ErrorCode.InvalidPolicy"/> or <see cref="ErrorCode.ContradictoryPolicy"/> with the reason.</summary>
    public static void Check(TrafficPolicy policy)
    {
        CheckParts(policy);
        foreach (var (guarantee, i) in Numbered(policy.Guarantees, "guarantees", 8)) CheckGuarantee(guarantee, i);
        foreach (var (cap, i) in Numbered(policy.Caps, "caps", 32)) CheckCap(cap, i);
        foreach (var (floor, i) in Numbered(policy.Floors, "floors", 200)) CheckFloor(floor, i);
        foreach (var (boost, i) in Numbered(policy.Boosts, "boosts", 500)) CheckBoost(boost, i);
        CheckFairness(policy.Fairness);
        CheckExclusions(policy.Exclusions);
        Unique(policy.Boosts.Select(b => b.Id), "boosts", "id");
        Unique(policy.Caps.Select(c => $"{c.Over}/{c.Id}/{c.Minutes}/{c.Share != null}"), "caps", "over, id and minutes");
        Unique(policy.Floors.Select(f => $"{f.Over}/{f.Id}/{f.Minutes}"), "floors", "over, id and minutes");
        CheckContradictions(policy);
        if (TrafficPolicyJson.Write(policy).Length > TrafficPolicyJson.MaxBytes) throw Invalid($"The policy has more than {TrafficPolicyJson.MaxBytes:N0} bytes. Shorten names or drop rules that are over.");
    }

    private static void CheckParts(TrafficPolicy policy)
    {
        if (policy.Objective is null || policy.Guarantees is null || policy.Caps is null || policy.Floors is null || policy.Boosts is null || policy.Exclusions is null || policy.Exploration is null)
            throw Invalid("A member is null. Leave it out instead.");
        if (policy.Version is < 0) throw Invalid("version must be at least 0: the version that this one replaces.");
        Range(policy.Objective.WatchSeconds, 0, 1_000_000, "objective.watchSeconds");
        Range(policy.Objective.Interactions, 0, 1_000_000, "objective.interactions");
        Range(policy.Objective.PaidAmount, 0, 1_000_000, "objective.paidAmount");
        if (policy.Objective.WatchSeconds + policy.Objective.Interactions + policy.Objective.PaidAmount == 0) throw Invalid("One weight of objective must be above 0.");
        Range(policy.Exploration.Bound, 0, 10, "exploration.bound");
        Range(policy.Exploration.Share, 0, 0.05, "exploration.share");
    }

    private static void CheckGuarantee(TrafficGuarantee guarantee, string at)
    {
        Range(guarantee.HostImpressionsBelow, 1, MostImpressions, $"{at}.hostImpressionsBelow");
        Range(guarantee.Impressions, 1, 1_000_000_000, $"{at}.impressions");
        Range(guarantee.Minutes, 1, 1440, $"{at}.minutes");
    }

    private static void CheckCap(TrafficCap cap, string at)
    {
        if ((cap.Share is null) == (cap.Impressions is null)) throw Invalid($"{at} needs share or impressions, and not both.");
        Dimension(cap.Over, at);
        if (cap.Share is { } share) Share(share, $"{at}.share");
        Range(cap.Impressions ?? 0, 0, MostImpressions, $"{at}.impressions");
        Range(cap.Minutes, 1, 1440, $"{at}.minutes");
        if (cap.Id != null) Name(cap.Id, $"{at}.id");
    }

    private static void CheckFloor(TrafficFloor floor, string at)
    {
        Dimension(floor.Over, at);
        Name(floor.Id, $"{at}.id");
        Share(floor.Share, $"{at}.share");
        Range(floor.Minutes, 1, 1440, $"{at}.minutes");
    }

    private static void CheckFairness(TrafficFairness? fairness)
    {
        if (fairness == null) return;
        if (fairness.Over is not (TrafficDimension.Host or TrafficDimension.Category)) throw Invalid("fairness.over must be host or category.");
        if ((fairness.Floor is null) == (fairness.GiniCeiling is null)) throw Invalid("fairness needs floor or giniCeiling, and not both.");
        if (fairness.Floor is { } floor && floor is not (> 0 and <= 0.95)) throw Invalid("fairness.floor must be above 0, to 0.95.");
        if (fairness.GiniCeiling is { } gini && gini is not (>= 0.05 and < 1)) throw Invalid("fairness.giniCeiling must be from 0.05 to below 1.");
        Range(fairness.Minutes, 1, 1440, "fairness.minutes");
    }

    private static void CheckBoost(TrafficBoost boost, string at)
    {
        Name(boost.Id, $"{at}.id");
        if ((boost.Room is null) == (boost.Product is null)) throw Invalid($"{at} needs room or product, and not both.");
        Name(boost.Room ?? boost.Product!, $"{at}.{(boost.Room == null ? "product" : "room")}");
        if ((boost.Impressions is null) == (boost.Amount is null)) throw Invalid($"{at} needs impressions, or amount with costPerThousand, and not both.");
        if ((boost.Amount is null) != (boost.CostPerThousand is null)) throw Invalid($"{at} needs costPerThousand with amount, and only then.");
        if (boost.CostPerThousand is { } cost) Range(cost, 1, MostImpressions, $"{at}.costPerThousand");
        if (boost.Amount is { } amount) Range(amount, 1, 1_000_000_000_000_000, $"{at}.amount");
        Range(boost.Impressions ?? Math.Min(boost.Target, MostImpressions + 1), 1, MostImpressions, boost.Impressions == null ? $"{at}: amount × 1,000 ÷ costPerThousand" : $"{at}.impressions");
        if (boost.Until <= boost.From) throw Invalid($"{at}.until must be later than {at}.from.");
        if (boost.Until - boost.From > TimeSpan.FromDays(90)) throw Invalid($"{at} must last at most 90 days.");
    }

    private static void CheckExclusions(TrafficExclusions exclusions)
    {
        foreach (var (list, name) in new[] { (exclusions.Rooms, "rooms"), (exclusions.Hosts, "hosts"), (exclusions.Categories, "categories"), (exclusions.Products, "products") })
        {
            if (list is null) throw Invalid($"exclusions.{name} is null. Leave it out instead.");
            if (list.Count > 1000) throw Invalid($"exclusions.{name} has more than 1,000 entries.");
            foreach (var id in list) Name(id, $"exclusions.{name}");
        }
    }

    private static void CheckContradictions(TrafficPolicy policy)
    {
        foreach (var (boost, i) in policy.Boosts.Select((b, i) => (b, i)))
        {
            if (boost.Room != null && policy.Exclusions.Rooms.Contains(boost.Room)) throw Contradiction($"boosts[{i}] is for room {boost.Room}, which exclusions.rooms has.");
            if (boost.Product != null && policy.Exclusions.Products.Contains(boost.Product)) throw Contradiction($"boosts[{i}] is for product {boost.Product}, which exclusions.products has.");
            foreach (var (cap, c) in policy.Caps.Select((c, n) => (c, n)))
            {
                if (boost.Room == null || cap.Over != TrafficDimension.Room || (cap.Id != null && cap.Id != boost.Room) || cap.Impressions is not { } most) continue;
                // A boost touches one window more than it is long.
                var windows = Math.Ceiling((boost.Until - boost.From).TotalMinutes / cap.Minutes) + 1;
                if (boost.Target > most * windows) throw Contradiction($"boosts[{i}] has {boost.Target:N0} impressions, but caps[{c}] allows {most * windows:N0} in its time.");
            }
        }

        foreach (var (guarantee, i) in policy.Guarantees.Select((g, i) => (g, i)))
        {
            foreach (var (cap, c) in policy.Caps.Select((c, n) => (c, n)))
            {
                if (cap.Id != null || cap.Over == TrafficDimension.Category || cap.Impressions is not { } most) continue;
                var windows = Math.Ceiling((double)guarantee.Minutes / cap.Minutes) + 1;
                if (guarantee.Impressions > most * windows) throw Contradiction($"guarantees[{i}] has {guarantee.Impressions:N0} impressions, but caps[{c}] allows {most * windows:N0} in its time.");
            }
        }

        foreach (var (floor, i) in policy.Floors.Select((f, i) => (f, i)))
        {
            if (Excluded(policy.Exclusions, floor)) throw Contradiction($"floors[{i}] is for {floor.Id}, which exclusions have.");
            foreach (var (cap, c) in policy.Caps.Select((c, n) => (c, n)))
            {
                if (cap.Over == floor.Over && (cap.Id == null || cap.Id == floor.Id) && cap.Share < floor.Share) throw Contradiction($"floors[{i}] wants {floor.Share:P1} for {floor.Id}, but caps[{c}] allows {cap.Share:P1}.");
            }
        }

        foreach (var over in policy.Floors.GroupBy(f => f.Over))
        {
            var all = over.GroupBy(f => f.Id).Sum(f => f.Max(x => x.Share));
            if (all > 1) throw Contradiction($"floors over {over.Key.ToString().ToLowerInvariant()} add up to {all:P1} of all impressions.");
        }
    }

    private static bool Excluded(TrafficExclusions exclusions, TrafficFloor floor) => floor.Over switch
    {
        TrafficDimension.Room => exclusions.Rooms.Contains(floor.Id),
        TrafficDimension.Host => exclusions.Hosts.Contains(floor.Id),
        _ => exclusions.Categories.Contains(floor.Id),
    };

    private static IEnumerable<(T Rule, string At)> Numbered<T>(IReadOnlyList<T> rules, string name, int most)
    {
        if (rules.Count > most) throw Invalid($"{name} has more than {most} entries.");
        for (var i = 0; i < rules.Count; i++)
        {
            if (rules[i] is null) throw Invalid($"{name}[{i}] is null.");
            yield return (rules[i], $"{name}[{i}]");
        }
    }

    private static void Unique(IEnumerable<string> keys, string name, string of)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            if (!seen.Add(key)) throw Contradiction($"Two of {name} have the same {of}.");
        }
    }

    private static void Dimension(TrafficDimension over, string at)
    {
        if (!Enum.IsDefined(over)) throw Invalid($"{at}.over must be room, host or category.");
    }

    private static void Share(double value, string name)
    {
        if (value is not (> 0 and <= 1)) throw Invalid($"{name} must be above 0, to 1.");
    }

    private static void Range(double value, double least, double most, string name)
    {
        if (!(value >= least && value <= most)) throw Invalid(FormattableString.Invariant($"{name} must be from {least:N0} to {most:#,0.##}."));
    }

    private static void Name(string? name, string at)
    {
        if (string.IsNullOrEmpty(name) || name.Length > 200 || name.Any(char.IsControl)) throw Invalid($"{at} must be 1 to 200 characters without control characters.");
    }

    private static LiveGrainsException Invalid(string detail) => new(ErrorCode.InvalidPolicy, detail);

    private static LiveGrainsException Contradiction(string detail) => new(ErrorCode.ContradictoryPolicy, detail);
}
