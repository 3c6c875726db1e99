namespace LiveGrains.Core;

internal sealed partial class TrafficLedger
{
    private readonly Dictionary<string, List<int>> _boosts = new(StringComparer.Ordinal);

    /// <summary>Takes another policy. Rules that are in both go on with what they delivered and with their prices.</summary>
    public void Replace(TrafficPolicy policy, long version)
    {
        var before = _rules;
        _rules = RulesOf(policy);
        Policy = policy;
        Version = version;
        _boosts.Clear();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < _rules.Count; i++)
        {
            places[_rules[i].Name] = i;
            if (_rules[i].Kind != TrafficRuleKind.Boost) continue;
            if (!_boosts.TryGetValue(_rules[i].Id!, out var of)) _boosts[_rules[i].Id!] = of = [];
            of.Add(i);
        }

        var moves = new int[before.Count];
        for (var i = 0; i < before.Count; i++)
        {
            moves[i] = places.TryGetValue(before[i].Name, out var at) ? at : -1;
            if (moves[i] >= 0) Continue(before[i], _rules[moves[i]]);
        }

        foreach (var rule in _rules)
        {
            // A window that went on under the old policy goes on.
            if (rule.IsWindowed && rule.WindowStartMs == 0) OpenWindow(rule, _second * 1000);
        }

        for (var number = 0; number < _groups.Count; number++)
        {
            var group = _groups[number];
            var old = group.Lines.ToArray();
            group.Lines.Clear();
            foreach (var line in old)
            {
                if (moves[line.Rule] >= 0) group.Lines.Add(Moved(line, moves[line.Rule]));
            }

            if (group.Live > 0 || group.Kind == PricedGroupKind.Product || HasOwnRules(group.Kind, group.Key)) AddLines(number);
        }

        _prices = null;
    }

    private static TrafficLine Moved(TrafficLine line, int rule) => new()
    {
        Rule = rule,
        Group = line.Group,
        FromMs = line.FromMs,
        UntilMs = line.UntilMs,
        Delivered = line.Delivered,
        Seen = line.Seen,
        Evidence = line.Evidence,
        Recent = line.Recent,
        Price = line.Price,
    };

    private static void Continue(TrafficRule from, TrafficRule to)
    {
        to.WindowStartMs = from.WindowStartMs;
        to.Seen = from.Seen;
        to.SeenBefore = from.SeenBefore;
        to.PriorPrice = from.PriorPrice;
        to.Level = from.Level;
        to.Kept = from.Kept;
        to.Missed = from.Missed;
        to.Shortfall = from.Shortfall;
        to.Delivered = from.Delivered;
        to.Cost = from.Cost;
    }

    private static List<TrafficRule> RulesOf(TrafficPolicy policy)
    {
        const long Minute = 60_000;
        var rules = new List<TrafficRule>();
        // A rule that differs in what it counts or in its windows is another rule; a bound may change on the way.
        foreach (var cap in policy.Caps)
        {
            var name = $"cap:{cap.Over}:{cap.Id}:{(cap.Share != null ? "share" : "impressions")}:{cap.Minutes}";
            rules.Add(new TrafficRule { Name = name, Kind = TrafficRuleKind.Cap, About = KindOf(cap.Over), Id = cap.Id, Share = cap.Share ?? 0, Impressions = cap.Impressions ?? 0, WindowMs = cap.Minutes * Minute });
        }

        foreach (var floor in policy.Floors)
        {
            var name = $"floor:{floor.Over}:{floor.Id}:{floor.Minutes}";
            rules.Add(new TrafficRule { Name = name, Kind = TrafficRuleKind.Floor, About = KindOf(floor.Over), Id = floor.Id, Share = floor.Share, WindowMs = floor.Minutes * Minute });
        }

        if (policy.Fairness is { } fairness)
        {
            rules.Add(new TrafficRule
            {
                Name = $"fairness:{fairness.Over}:{(fairness.Floor != null ? "floor" : "gini")}:{fairness.Minutes}",
                Kind = TrafficRuleKind.Floor,
                About = KindOf(fairness.Over),
                IsEqualShare = true,
                GiniCeiling = fairness.GiniCeiling ?? 0,
                // Where a ceiling begins: an even spread between this part of the mean and twice the mean less it has about that coefficient.
                Level = fairness.Floor ?? Math.Clamp(1 - 3 * fairness.GiniCeiling!.Value, 0, MostLevel),
                WindowMs = fairness.Minutes * Minute,
            });
        }

        foreach (var guarantee in policy.Guarantees)
        {
            var name = $"guarantee:{guarantee.HostImpressionsBelow}:{guarantee.Impressions}:{guarantee.Minutes}";
            rules.Add(new TrafficRule { Name = name, Kind = TrafficRuleKind.Guarantee, About = PricedGroupKind.Room, Impressions = guarantee.Impressions, HostBelow = guarantee.HostImpressionsBelow, WindowMs = guarantee.Minutes * Minute });
        }

        foreach (var boost in policy.Boosts)
        {
            rules.Add(new TrafficRule
            {
                Name = $"boost:{boost.Id}",
                Kind = TrafficRuleKind.Boost,
                About = boost.Room != null ? PricedGroupKind.Room : PricedGroupKind.Product,
                Id = boost.Room ?? boost.Product,
                Impressions = boost.Target,
                FromMs = boost.From.ToUnixTimeMilliseconds(),
                UntilMs = boost.Until.ToUnixTimeMilliseconds(),
            });
        }

        return rules;
    }

    private bool IsBoosted(string id) => _boosts.ContainsKey(id);

    // True: a rule names it, so that it has lines also while nothing of it is on air.
    private bool HasOwnRules(PricedGroupKind kind, string key) => kind is PricedGroupKind.Room or PricedGroupKind.Product && _boosts.ContainsKey(key);

    // The lines of all rules but guarantees, which begin when a room goes on air.
    private void AddLines(int number)
    {
        var group = _groups[number];
        for (var i = 0; i < _rules.Count; i++)
        {
            var rule = _rules[i];
            if (rule.Kind == TrafficRuleKind.Guarantee || !IsAbout(rule, group) || group.Lines.Exists(l => l.Rule == i)) continue;
            AddLine(i, number, rule.FromMs, rule.UntilMs);
        }
    }

    private void AddLine(int rule, int group, long fromMs, long untilMs) =>
        _groups[group].Lines.Add(new TrafficLine { Rule = rule, Group = group, FromMs = fromMs, UntilMs = untilMs, Price = _rules[rule].PriorPrice });

    private static bool IsAbout(TrafficRule rule, PricedGroup group) => rule.About == group.Kind && (rule.Id == null || rule.Id == group.Key);

    private static PricedGroupKind KindOf(TrafficDimension dimension) => dimension switch
    {
        TrafficDimension.Room => PricedGroupKind.Room,
        TrafficDimension.Host => PricedGroupKind.Host,
        _ => PricedGroupKind.Category,
    };
}
