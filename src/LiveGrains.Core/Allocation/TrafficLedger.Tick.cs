namespace LiveGrains.Core;

internal sealed partial class TrafficLedger
{
    /// <summary>Windows with fewer impressions count as windows of so many: shares of a handful say nothing.</summary>
    public const int LeastOfWindow = 1000;

    // How much a price must rise to lower demand by a factor of e, in mean values of an impression: what separates the best candidate
    // of a slot from the next ones. Too high a value makes prices restless, too low a one makes them slow.
    private const double Elasticity = 0.35;
    // Impressions that a line's first price counts for, and those that it remembers at least and at most.
    private const double FirstEvidence = 2;
    private const double LeastMemory = 10;
    private const double MostMemory = 300;
    // Part of a line's promise that its memory is: small enough to follow what drifts.
    private const double MemoryShare = 0.04;
    // What was promised is aimed at so much before its end.
    private const double Lead = 0.97;
    private const double LeadOfGuarantee = 0.90;
    // Seconds over which the rate of impressions is averaged.
    private const double RateSeconds = 300;
    // After so long without an impression the rate is nothing at all.
    private const int MostIdleSeconds = 6000;
    // A price never rises above this: an impression is not worth more than so many mean ones.
    private const double MostPrice = 50;
    // Minutes in which what a cap has left may be used up, in seconds, and how far below it its price aims, in deviations of a count.
    private const double SoonSeconds = 300;
    private const double Margin = 1.5;
    // Of what is expected until a window ends, so much counts for its caps already.
    private const double Ahead = 0.25;
    // A line that is off its way is to be back on it within this part of what it remembers.
    private const double Horizon = 0.5;
    // What is left of a window is at least this part of it: at its very end nothing is caught up with any more.
    private const double LeastOfRest = 0.02;
    // And a line gets at most so many times its share while it catches up.
    private const double MostCatchUp = 2;
    // Impressions of a group over which its share is measured for the Gini coefficient.
    private const double GiniMemory = 50;
    private const double MostLevel = 0.95;

    private readonly List<double> _sorted = [];

    // Settles what came in the second that is over, and opens the windows of the one that begins.
    private void Tick(long second)
    {
        var all = _pending;
        // The rate is averaged second by second, so that it is the same however often somebody looks in between.
        if (all > 0)
        {
            _demand.Add(_second, all);
            Average(all);
            _lastSecond = _second;
        }
        else
        {
            Rest(_second);
        }

        if (all > 0 || _changed.Count > 0) Settle(all, (_second + 1) * 1000);
        for (var idle = _second + 1; idle < second && _rate > 0; idle++) Rest(idle);
        var nowMs = second * 1000;
        foreach (var rule in _rules)
        {
            if (rule.IsWindowed && nowMs >= rule.WindowStartMs + rule.WindowMs) CloseWindow(rule, nowMs);
        }

        if (nowMs >= _nextEndMs) EndWhatIsOver(nowMs);
    }

    private void Average(long impressions)
    {
        _rate += (impressions - _rate) / RateSeconds;
        _rateWeight += (1 - _rateWeight) / RateSeconds;
    }

    // A second without impressions.
    private void Rest(long second)
    {
        if (_rate == 0) return;
        if (second - _lastSecond > MostIdleSeconds) (_rate, _rateWeight) = (0, 1);
        else Average(0);
    }

    // A Gini ceiling is kept by raising what each gets at least, as long as traffic is less even lately than it should be.
    private void MoveLevel(TrafficRule rule, int index, long all)
    {
        var part = Math.Min(1, all / (GiniMemory * Math.Max(1, LiveGroups(rule.About))));
        _sorted.Clear();
        foreach (var group in _groups)
        {
            if (group.Live == 0) continue;
            foreach (var line in group.Lines)
            {
                if (line.Rule != index) continue;
                line.Recent = (1 - part) * line.Recent + group.Pending;
                _sorted.Add(line.Recent);
            }
        }

        _sorted.Sort();
        rule.Level = Math.Clamp(rule.Level + part * (GiniOf(_sorted) - rule.GiniCeiling), 0, MostLevel);
    }

    private void Settle(long all, long endMs)
    {
        foreach (var rule in _rules)
        {
            if (rule.IsWindowed) rule.Seen += all;
        }

        for (var i = 0; i < _rules.Count; i++)
        {
            if (_rules[i].GiniCeiling > 0 && all > 0) MoveLevel(_rules[i], i, all);
        }

        foreach (var group in _groups)
        {
            foreach (var line in group.Lines) Settle(line, group.Pending, all, endMs);
        }

        foreach (var number in _changed)
        {
            _groups[number].Lifetime += _groups[number].Pending;
            _groups[number].Pending = 0;
        }

        _changed.Clear();
        _total += all;
        _pending = 0;
    }

    private void Settle(TrafficLine line, long delivered, long all, long endMs)
    {
        var rule = _rules[line.Rule];
        if (!rule.IsWindowed)
        {
            if (endMs <= line.FromMs || endMs - 1000 >= line.UntilMs) return;
            line.Seen += all;
            // What comes after the target is no longer the boost's.
            delivered = Math.Min(delivered, rule.Impressions - line.Delivered);
        }

        line.Delivered += delivered;
        rule.Delivered += delivered;
        rule.Cost += delivered * line.Price;
        // Prices of caps are made of the demand, where slots are given away.
        if (rule.Kind != TrafficRuleKind.Cap) MovePrice(rule, line, delivered, all, endMs);
    }

    // Dual mirror descent (Balseiro, Lu and Mirrokni 2020) with a step for each line: what was delivered less what should have been is a
    // subgradient of the dual. The share that should come is what is left of the promise over what is left of the traffic, which
    // re-solves the promise at each step; the step is Newton's where demand falls exponentially with the price, damped by
    // the impressions that the price was learned from, as long as they are remembered.
    private void MovePrice(TrafficRule rule, TrafficLine line, long delivered, long all, long endMs)
    {
        var wanted = ShareWanted(rule, line, endMs) * all;
        var memory = Memory(rule);
        var step = Elasticity * (delivered - wanted) / (FirstEvidence + Math.Min(line.Evidence, memory) + wanted);
        step = Math.Clamp(step, -Elasticity, Elasticity);
        line.Price = Math.Clamp(line.Price - step, 0, MostPrice);
        line.Evidence += Math.Max(delivered, wanted);
        if (rule.Kind == TrafficRuleKind.Guarantee && line.Evidence >= LeastMemory) rule.PriorPrice += 0.02 * (line.Price - rule.PriorPrice) * Math.Min(1, wanted);
    }

    private double Memory(TrafficRule rule) => Math.Clamp(MemoryShare * Promise(rule), LeastMemory, MostMemory);

    // Impressions that a rule speaks of in a window or in its life.
    private double Promise(TrafficRule rule) => rule.IsShare
        ? ShareOf(rule) * Rate * rule.WindowMs / 1000
        : rule.Impressions;

    private double ShareOf(TrafficRule rule) => rule.IsEqualShare ? rule.Level / Math.Max(1, LiveGroups(rule.About)) : rule.Share;

    // Impressions that are expected until a rule's window ends.
    private double LeftOf(TrafficRule rule, long nowMs) => Rate * Math.Max(rule.WindowStartMs + rule.WindowMs - nowMs, LeastOfRest * rule.WindowMs) / 1000;

    // Which share of the coming impressions a line should get.
    private double ShareWanted(TrafficRule rule, TrafficLine line, long endMs)
    {
        switch (rule.Kind)
        {
            case TrafficRuleKind.Floor:
                var left = LeftOf(rule, endMs);
                var share = ShareOf(rule);
                if (_groups[line.Group].Live == 0 || left <= 0 || share == 0) return 0;
                return Math.Clamp(share + (share * rule.Seen - line.Delivered) / Math.Min(left, Horizon * Memory(rule) / share), 0, MostCatchUp * share);
            default:
                if (line.Delivered >= rule.Impressions || endMs >= line.UntilMs) return 0;
                // The end that is aimed at is before the real one; behind it three times as much is wanted as would do.
                var lead = rule.Kind == TrafficRuleKind.Boost ? Lead : LeadOfGuarantee;
                var aim = Math.Max(line.UntilMs - (1 - lead) * (line.UntilMs - line.FromMs) - endMs, (line.UntilMs - endMs) / 3.0);
                // A boost runs for hours, in which demand rises and falls; a guarantee for minutes.
                var expected = rule.Kind == TrafficRuleKind.Boost ? _demand.Between(endMs, endMs + (long)aim, Rate) : Rate * aim / 1000;
                return Math.Min(1, (rule.Impressions - line.Delivered) / Math.Max(1, expected));
        }
    }

    // Which share of the coming impressions a cap leaves: of all until its window ends, and of those of the coming minutes.
    private (double Steady, double Soon) SharesLeft(TrafficRule rule, TrafficLine line, long nowMs)
    {
        var left = LeftOf(rule, nowMs);
        if (left <= 0) return (1, 1);
        var soon = Math.Min(left, SoonSeconds * Rate);
        if (!rule.IsShare) return ((rule.Impressions - line.Delivered) / left, (rule.Impressions - line.Delivered) / soon);
        // Below the cap by about the deviation of a count, so that it is the price that holds demand back and not the cap; towards the end of the window the
        // difference is used up.
        var slack = Margin * Math.Sqrt(Math.Min(rule.Share * soon, rule.Share * rule.Seen + 1)) * Math.Min(1, left / (SoonSeconds * Rate));
        return (rule.Share + (rule.Share * rule.Seen - line.Delivered) / left, rule.Share + (CapOf(rule, nowMs) - slack - line.Delivered) / soon);
    }

    private int LiveGroups(PricedGroupKind kind) => _liveGroups[(int)kind];

    private void CloseWindow(TrafficRule rule, long nowMs)
    {
        var index = _rules.IndexOf(rule);
        foreach (var group in _groups)
        {
            foreach (var line in group.Lines)
            {
                if (line.Rule != index) continue;
                Judge(rule, line, group);
                line.Delivered = 0;
            }
        }

        rule.SeenBefore = nowMs < rule.WindowStartMs + 2 * rule.WindowMs ? rule.Seen : 0;
        rule.Seen = 0;
        OpenWindow(rule, nowMs);
    }

    // Was the window as the rule wants it? One that nobody saw proves nothing.
    private void Judge(TrafficRule rule, TrafficLine line, PricedGroup group)
    {
        if (rule.Seen == 0) return;
        var bound = rule.IsShare ? ShareOf(rule) * rule.Seen : rule.Impressions;
        double off;
        if (rule.Kind == TrafficRuleKind.Cap)
        {
            off = line.Delivered - BoundOf(rule, rule.WindowStartMs + rule.WindowMs);
        }
        else
        {
            if (group.Live == 0) return;
            // What rounds to the bound keeps it.
            off = Math.Floor(bound) - line.Delivered;
        }

        if (off <= 0) rule.Kept++;
        else (rule.Missed, rule.Shortfall) = (rule.Missed + 1, rule.Shortfall + off);
    }

    private double BoundOf(TrafficRule rule, long nowMs) => rule.IsShare ? CapOf(rule, nowMs) : rule.Impressions;

    // A share of the window, as far as it is known: of what it had, and of a quarter of what comes until its end if the slower of two rates goes on, that of the last minutes
    // and that of this window with the one before.
    private double CapOf(TrafficRule rule, long nowMs)
    {
        var since = Math.Max(1, (nowMs - rule.WindowStartMs) / 1000.0);
        var rate = Math.Min(Rate, rule.SeenBefore > 0 ? (rule.Seen + rule.SeenBefore) / (since + rule.WindowMs / 1000.0) : rule.Seen / since);
        var expected = rate * Math.Max(0, rule.WindowStartMs + rule.WindowMs - nowMs) / 1000;
        return Math.Ceiling(rule.Share * Math.Max(rule.Seen + Ahead * expected, Math.Max(LeastOfWindow, rule.SeenBefore / 2)));
    }

    private static void OpenWindow(TrafficRule rule, long nowMs) => rule.WindowStartMs = FloorDivide(nowMs, rule.WindowMs) * rule.WindowMs;

    private void EndWhatIsOver(long nowMs)
    {
        _nextEndMs = long.MaxValue;
        foreach (var group in _groups)
        {
            for (var i = group.Lines.Count - 1; i >= 0; i--)
            {
                var line = group.Lines[i];
                var rule = _rules[line.Rule];
                if (rule.Kind != TrafficRuleKind.Guarantee) continue;
                if (nowMs >= line.UntilMs) EndGuarantee(group, line, isDue: true);
                else _nextEndMs = Math.Min(_nextEndMs, line.UntilMs);
            }
        }
    }

    private void EndGuarantee(PricedGroup group, TrafficLine line, bool isDue)
    {
        var rule = _rules[line.Rule];
        var delivered = line.Delivered + Math.Min(group.Pending, Math.Max(0, rule.Impressions - line.Delivered));
        if (delivered >= rule.Impressions) rule.Kept++;
        else if (isDue) (rule.Missed, rule.Shortfall) = (rule.Missed + 1, rule.Shortfall + rule.Impressions - delivered);
        group.Lines.Remove(line);
    }

    private GroupPrice PriceOf(PricedGroup group)
    {
        if (group.Lines.Count == 0) return GroupPrice.None;
        double floor = 0, boost = 0, guarantee = 0, steady = 1, soon = 1;
        long wanted = 0, left = int.MaxValue;
        var nowMs = _second * 1000;
        foreach (var line in group.Lines)
        {
            var rule = _rules[line.Rule];
            switch (rule.Kind)
            {
                case TrafficRuleKind.Cap:
                    var shares = SharesLeft(rule, line, nowMs);
                    (steady, soon) = (Math.Min(steady, shares.Steady), Math.Min(soon, shares.Soon));
                    left = Math.Min(left, (long)BoundOf(rule, nowMs) - line.Delivered);
                    break;
                case TrafficRuleKind.Floor:
                    if (group.Live > 0) floor += line.Price;
                    break;
                default:
                    if (nowMs < line.FromMs || nowMs >= line.UntilMs || line.Delivered >= rule.Impressions) break;
                    wanted = Math.Max(wanted, rule.Impressions - line.Delivered);
                    if (rule.Kind == TrafficRuleKind.Boost) boost += line.Price;
                    else guarantee += line.Price;
                    break;
            }
        }

        return new GroupPrice((float)floor, (float)boost, (float)guarantee, (int)Math.Min(wanted, int.MaxValue), (int)Math.Max(0, left), (float)Math.Max(0, steady), (float)Math.Max(0, soon));
    }

    /// <summary>Impressions that a line should have, or may have, by a moment of the clock.</summary>
    public double TargetOf(TrafficRule rule, TrafficLine line, long clockMs)
    {
        if (rule.Kind == TrafficRuleKind.Cap) return BoundOf(rule, clockMs);
        if (rule.Kind == TrafficRuleKind.Floor) return ShareOf(rule) * rule.Seen;
        if (rule.Kind == TrafficRuleKind.Boost && line.Seen > 0) return rule.Impressions * (line.Seen / (line.Seen + _demand.Between(clockMs, line.UntilMs, Rate)));
        return rule.Impressions * Math.Clamp((double)(clockMs - line.FromMs) / (line.UntilMs - line.FromMs), 0, 1);
    }

    /// <summary>The Gini coefficient of numbers that are sorted, 0 to 1; 0 of none.</summary>
    public static double GiniOf(IReadOnlyList<double> sorted)
    {
        double weighted = 0, sum = 0;
        for (var i = 0; i < sorted.Count; i++)
        {
            weighted += (2.0 * i - sorted.Count + 1) * sorted[i];
            sum += sorted[i];
        }

        return sum > 0 ? weighted / (sorted.Count * sum) : 0;
    }
}
