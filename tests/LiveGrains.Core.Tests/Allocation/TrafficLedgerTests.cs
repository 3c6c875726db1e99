namespace LiveGrains.Core.Tests.Allocation;

/// <summary>Promises of random policies on random traffic, counted by the test itself.</summary>
public sealed class TrafficLedgerTests
{
    private const long Start = 1_767_225_600_000;
    private const int Rooms = 40;
    private const int Seconds = 5400;

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 12)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void No_cap_is_passed_and_on_the_way_none_is_far_ahead(int seed)
    {
        var share = 0.03 + 0.01 * (seed % 5);
        var policy = new TrafficPolicy
        {
            Caps = [new TrafficCap { Over = TrafficDimension.Room, Share = share, Minutes = 30 }, new TrafficCap { Over = TrafficDimension.Host, Impressions = 400 + 10 * seed, Minutes = 60 }],
        };
        var run = new Run(policy, seed);
        var window = new long[Rooms];
        var hosts = new long[Rooms];
        long seen = 0, before = 0;
        var bites = 0;
        void Judge()
        {
            var most = Math.Ceiling(share * Math.Max(seen, Math.Max(1000, before / 2)));
            for (var room = 0; room < Rooms; room++) Assert.True(window[room] <= most, $"room {room} has {window[room]} of {seen}");
        }

        run.Play(Seconds, (second, room) =>
        {
            seen++;
            window[room]++;
            hosts[room / 2]++;
            // Traffic goes on as it is, two impressions a second: a quarter of what comes counts already.
            var most = Math.Ceiling(share * Math.Max(seen + 0.25 * 2.5 * (1800 - second % 1800), Math.Max(1000, before / 2)));
            Assert.True(window[room] <= most, $"room {room} has {window[room]} of {seen} in second {second}");
            Assert.True(hosts[room / 2] <= 400 + 10 * seed, $"host {room / 2} has {hosts[room / 2]}");
            if (window[room] >= share * seen) bites++;
        }, second =>
        {
            if (second % 1800 == 0)
            {
                Judge();
                before = seen;
                seen = 0;
                Array.Clear(window);
            }

            if (second % 3600 == 0) Array.Clear(hosts);
        });
        Judge();
        Assert.Equal(0, run.Ledger.Rules.Sum(r => r.Missed));
        Assert.True(bites > 0, "No cap was ever reached: the test proves nothing.");
    }

    [Fact]
    public void A_cap_that_traffic_did_not_come_for_says_by_how_much_it_was_passed()
    {
        var run = new Run(new TrafficPolicy { Caps = [new TrafficCap { Over = TrafficDimension.Room, Share = 0.04, Minutes = 60 }] }, 1);
        var window = new long[Rooms];
        long seen = 0;
        run.Play(1800, (_, room) => (window[room], seen) = (window[room] + 1, seen + 1));
        // Nobody comes in the second half of the hour.
        run.Ledger.AdvanceTo(Start + 3_600_000);
        var rule = run.Ledger.Rules[0];
        var most = (long)Math.Ceiling(0.04 * seen);
        Assert.Equal(window.Count(w => w > most), rule.Missed);
        Assert.Equal(window.Sum(w => Math.Max(0, w - most)), rule.Shortfall);
        Assert.True(rule.Missed > 0, "No room was ahead: the test proves nothing.");
        Assert.All(window, w => Assert.True(w <= Math.Ceiling(1.3 * 0.04 * seen)));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_cap_of_a_category_with_many_candidates_is_used_up(int seed)
    {
        // A third of the rooms, each of which everybody likes better, may have a fifth of the impressions.
        var run = new Run(new TrafficPolicy { Caps = [new TrafficCap { Over = TrafficDimension.Category, Id = "c0", Share = 0.2, Minutes = 90 }] }, seed, quality: room => room % 3 == 0 ? 2 : 1);
        var (all, capped) = (0, 0);
        run.Play(Seconds, (_, room) => (all, capped) = (all + 1, capped + (room % 3 == 0 ? 1 : 0)));
        Assert.InRange((double)capped / all, 0.185, 0.2001);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_capped_room_goes_to_who_values_it_most(int seed)
    {
        // One room that everybody wants, at ten times the others' mean, and twice as much to half of the viewers.
        var run = new Run(new TrafficPolicy { Caps = [new TrafficCap { Over = TrafficDimension.Room, Id = "r0", Share = 0.1, Minutes = 90 }] }, seed, quality: room => room == 0 ? 3 : 1);
        var values = new List<double>();
        run.Play(Seconds, (second, room) =>
        {
            if (room == 0 && second > 1200) values.Add(run.LastDraw);
        });
        // The draw is uniform from 0.5 to 1.5. Of all who would have it at no price a third or so get it, the best of them: first come, first served has a mean of 1.
        Assert.True(values.Count > 500);
        Assert.True(values.Average() > 1.15, $"{values.Average()}");
        Assert.True(run.CapPrice(0) > 0);
    }

    [Fact]
    public void Rooms_are_bounded_and_those_behind_the_bound_are_without_rules()
    {
        var ledger = new TrafficLedger(new TrafficPolicy { Caps = [new TrafficCap { Over = TrafficDimension.Category, Impressions = 1 }] }, 1, Start);
        for (var room = 0; room <= TrafficLedger.MaxItems; room++) ledger.Describe(Item(room), "", "", "c");
        Assert.Equal(TrafficLedger.MaxItems, ledger.Prices.ItemCount);
        ledger.GoOnAir(Item(TrafficLedger.MaxItems), Start);
        Assert.False(ledger.IsLive(Item(TrafficLedger.MaxItems)));
        ledger.Delivered(Item(TrafficLedger.MaxItems), 1, Start);
        Assert.Equal(1, ledger.Total);
        // Who has a place may still move to another category.
        ledger.Describe(Item(5), "", "", "d");
        Assert.Contains(ledger.Groups, g => g.Key == "d");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Boosts_stop_at_their_target_and_go_with_the_traffic(int seed)
    {
        var target = 100 + 20 * seed;
        var policy = new TrafficPolicy { Boosts = [Boost("r3", target, 600, 4800)] };
        // Nobody would be shown it without the boost.
        var run = new Run(policy, seed, quality: room => room == 3 ? 0.2 : 1);
        var delivered = 0;
        var halfway = 0;
        run.Play(Seconds, (second, room) =>
        {
            if (room == 3) delivered++;
            if (second == 2700) halfway = delivered;
        });
        Assert.Equal(target, delivered);
        Assert.InRange(halfway, 0.35 * target, 0.65 * target);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Boosts_follow_the_demand_of_the_day_once_a_day_was_seen(int seed)
    {
        // Demand that rises or falls to a seventh within the time of the boost, day by day.
        const int Length = 9000;
        double PartOf(int second) => seed % 2 == 0 ? 1 + 6.0 * second / Length : 7 - 6.0 * second / Length;
        double Unevenness(bool dayBefore)
        {
            var run = new Run(new TrafficPolicy { Boosts = [Boost("r3", 1000, 0, Length)] }, seed, quality: room => room == 3 ? 0.2 : 1, start: Start - 86_400_000);
            for (var (second, sum, told) = (0, 0.0, 0L); dayBefore && second < Length; second++)
            {
                sum += PartOf(second);
                run.Ledger.Delivered(Item(Rooms), (uint)((long)sum - told), Start - 86_400_000 + second * 1000L);
                told = (long)sum;
            }

            var (of, all) = (new int[Length], new int[Length]);
            run.Play(Length, (second, room) => (all[second], of[second]) = (all[second] + 1, of[second] + (room == 3 ? 1 : 0)), viewers: second => PartOf(second) / 2);
            var (most, shown, seen, total) = (0.0, 0, 0, all.Sum());
            Assert.Equal(1000, of.Sum());
            for (var second = 0; second < Length; second++)
            {
                (shown, seen) = (shown + of[second], seen + all[second]);
                most = Math.Max(most, Math.Abs(shown / 1000.0 - (double)seen / total));
            }

            return most;
        }

        Assert.InRange(Unevenness(dayBefore: true), 0, 0.06);
        // Without it, nobody can know.
        Assert.True(Unevenness(dayBefore: false) > 0.06);
    }

    [Fact]
    public void The_target_of_a_boost_on_the_way_is_by_traffic_and_what_comes_after_its_end_is_not_its()
    {
        var ledger = new TrafficLedger(new TrafficPolicy { Boosts = [Boost("r3", 100, 0, 3600)] }, 1, Start);
        ledger.Describe(Item(3), "r3", "", "");
        ledger.GoOnAir(Item(3), Start);
        // All of the traffic comes in the first half.
        for (var second = 0; second < 1800; second++) ledger.Delivered(Item(second % 100 == 0 ? 3 : 4), 1, Start + second * 1000L);
        ledger.AdvanceTo(Start + 3_599_000);
        var (rule, line) = (ledger.Rules[0], ledger.Groups.Single(g => g.Key == "r3").Lines[0]);
        Assert.Equal(18, line.Delivered);
        Assert.Equal(1800, line.Seen);
        Assert.InRange(ledger.TargetOf(rule, line, Start + 3_599_000), 99, 100);
        ledger.Delivered(Item(3), 2, Start + 3_599_000);
        ledger.Delivered(Item(3), 50, Start + 3_600_000);
        ledger.AdvanceTo(Start + 3_700_000);
        Assert.Equal(20, line.Delivered);
        Assert.Equal(100, ledger.TargetOf(rule, line, Start + 3_700_000));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Guarantees_are_kept_where_they_can_be(int seed)
    {
        var policy = new TrafficPolicy { Guarantees = [new TrafficGuarantee { HostImpressionsBelow = 50, Impressions = 60, Minutes = 20 }] };
        var run = new Run(policy, seed, quality: room => room >= 30 ? 0.4 : 1, startsAt: room => room >= 30 ? 60 * (room - 29) : 0);
        var inTime = new int[Rooms];
        run.Play(Seconds, (second, room) =>
        {
            if (room >= 30 && second < 60 * (room - 29) + 1200) inTime[room]++;
        });
        // Rooms 30 and 31 have one host, which is new only once; so have all pairs behind them.
        for (var room = 30; room < Rooms; room += 2) Assert.True(inTime[room] >= 60, $"room {room} has {inTime[room]}");
        Assert.Equal(0, run.Ledger.Rules[0].Missed);
        Assert.True(run.Ledger.Rules[0].Kept >= 5);
    }

    [Fact]
    public void What_cannot_be_reached_is_served_as_well_as_it_goes_and_says_what_is_missing()
    {
        var policy = new TrafficPolicy { Guarantees = [new TrafficGuarantee { HostImpressionsBelow = 50, Impressions = 1_000_000, Minutes = 20 }] };
        var run = new Run(policy, 1, startsAt: room => room >= 38 ? 60 : 0);
        run.Play(Seconds, (_, _) => { });
        var rule = run.Ledger.Rules[0];
        Assert.True(rule.Missed >= 1);
        Assert.True(rule.Shortfall > 0 && rule.Shortfall < rule.Missed * 1_000_000);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_same_impressions_give_the_same_bytes_whatever_is_asked_and_saved_in_between(int seed)
    {
        var policy = new TrafficPolicy
        {
            Caps = [new TrafficCap { Over = TrafficDimension.Host, Share = 0.1, Minutes = 5 }],
            Fairness = new TrafficFairness { Over = TrafficDimension.Host, GiniCeiling = 0.2, Minutes = 10 },
            Guarantees = [new TrafficGuarantee { HostImpressionsBelow = 10, Impressions = 30, Minutes = 5 }],
            Boosts = [Boost("r5", 100, 0, 3000)],
        };
        var random = new Random(seed);
        var impressions = Enumerable.Range(0, 3000).Select(_ => (At: Start + random.Next(0, 3_000_000), Room: random.Next(Rooms))).OrderBy(i => i.At).ToList();
        // A pause of hours, in which nothing comes.
        impressions = [.. impressions.Select((x, i) => i < 2000 ? x : (x.At + 20_000_000L * (seed % 3), x.Room))];
        var end = impressions[^1].At + 100_000;
        var expected = Bytes(Fold(policy, impressions, end, null));
        Assert.Equal(expected, Bytes(Fold(policy, impressions, end, new Random(seed * 7))));
    }

    [Fact]
    public void A_rule_that_is_in_the_next_policy_goes_on_where_it_was()
    {
        var policy = new TrafficPolicy { Boosts = [Boost("r3", 100, 0, 3600)] };
        var run = new Run(policy, 1, quality: room => room == 3 ? 0.2 : 1);
        run.Play(1800, (_, _) => { });
        var before = run.Ledger.Groups.Single(g => g.Key == "r3").Lines.Single();
        run.Ledger.Replace(policy with { Boosts = [Boost("r4", 10, 0, 3600), policy.Boosts[0] with { Impressions = 200 }] }, 2);
        var after = run.Ledger.Groups.Single(g => g.Key == "r3").Lines.Single();
        Assert.Equal(before.Delivered, after.Delivered);
        Assert.Equal(before.Price, after.Price);
        Assert.True(before.Delivered > 30);
        Assert.Equal(200, run.Ledger.Rules[after.Rule].Impressions);
    }

    [Fact]
    public void A_gini_ceiling_brings_traffic_closer_together()
    {
        var policy = new TrafficPolicy();
        var fair = new TrafficPolicy { Fairness = new TrafficFairness { Over = TrafficDimension.Host, GiniCeiling = 0.3 } };
        double GiniOf(TrafficPolicy of)
        {
            var run = new Run(of, 3, quality: room => 1 + 2.0 * (room / 2) / Rooms);
            var counts = new double[Rooms / 2];
            run.Play(4 * Seconds, (second, room) => counts[room / 2] += second > 3 * Seconds ? 1 : 0);
            return TrafficLedger.GiniOf([.. counts.Order()]);
        }

        Assert.True(GiniOf(policy) > 0.45);
        Assert.InRange(GiniOf(fair), 0.2, 0.34);
    }

    private static TrafficBoost Boost(string room, long impressions, int from, int until) => new()
    {
        Id = $"boost-{room}",
        Room = room,
        Impressions = impressions,
        From = DateTimeOffset.FromUnixTimeMilliseconds(Start + from * 1000L),
        Until = DateTimeOffset.FromUnixTimeMilliseconds(Start + until * 1000L),
    };

    private static uint Item(int room) => InterestItem.Of(InterestKind.Room, (uint)room + 1);

    private static byte[] Bytes(TrafficLedger ledger)
    {
        var memory = new StateMemory();
        ledger.Save(memory);
        return memory.Bytes;
    }

    private static TrafficLedger Fold(TrafficPolicy policy, List<(long At, int Room)> impressions, long end, Random? disturbance)
    {
        var ledger = new TrafficLedger(policy, 1, Start);
        for (var room = 0; room < Rooms; room++)
        {
            ledger.Describe(Item(room), $"r{room}", $"h{room / 2}", "c");
            ledger.GoOnAir(Item(room), Start);
        }

        foreach (var (at, room) in impressions)
        {
            if (disturbance != null)
            {
                for (var n = disturbance.Next(3); n > 0; n--) ledger.AdvanceTo(at - disturbance.Next(1, 5000) * n);
                if (disturbance.Next(4) == 0) Assert.NotNull(ledger.Prices);
                if (disturbance.Next(200) == 0)
                {
                    var memory = new StateMemory();
                    ledger.Save(memory);
                    ledger = TrafficLedger.Load(memory);
                }
            }

            ledger.Delivered(Item(room), 1, at);
        }

        ledger.AdvanceTo(end);
        return ledger;
    }

    /// <summary>Viewers come twice a second or so, see twelve candidates, and the slot goes to the best by value and price.</summary>
    private sealed class Run
    {
        private readonly Random _random;
        private readonly SlotPrices _slots = new();
        private readonly Func<int, double> _quality;
        private readonly Func<int, int> _startsAt;

        public Run(TrafficPolicy policy, int seed, Func<int, double>? quality = null, Func<int, int>? startsAt = null, long start = Start)
        {
            _random = new Random(seed);
            _quality = quality ?? (room => 1 + room % 5 * 0.3);
            _startsAt = startsAt ?? (_ => 0);
            Ledger = new TrafficLedger(policy, 1, start);
            for (var room = 0; room < Rooms; room++)
            {
                Ledger.Describe(Item(room), $"r{room}", $"h{room / 2}", $"c{room % 3}");
                if (_startsAt(room) == 0) Ledger.HadBefore(Item(room), 1000);
            }
        }

        public TrafficLedger Ledger { get; }

        /// <summary>What chance made of the value of the last impression, 0.5 to 1.5.</summary>
        public double LastDraw { get; private set; }

        public float CapPrice(int room) => _slots.CapPrices()[Ledger.Groups.ToList().FindIndex(g => g.Kind == PricedGroupKind.Room && g.Key == $"r{room}")];

        public void Play(int seconds, Action<int, int> shown, Action<int>? begins = null, Func<int, double>? viewers = null)
        {
            for (var second = 0; second < seconds; second++)
            {
                begins?.Invoke(second);
                Ledger.AdvanceTo(Start + second * 1000L);
                for (var room = 0; room < Rooms; room++)
                {
                    if (_startsAt(room) == second) Ledger.GoOnAir(Item(room), Start + second * 1000L);
                }

                _slots.Take(Ledger.Prices, item => item);
                var come = viewers == null ? _random.Next(5) : (int)(viewers(second) + _random.NextDouble());
                for (var n = come; n > 0; n--)
                {
                    var best = -1;
                    double highest = 0, drawn = 0;
                    var scores = new Dictionary<int, float>();
                    var held = new HashSet<int>();
                    for (var candidate = 0; candidate < 12; candidate++)
                    {
                        var room = _random.Next(Rooms);
                        var draw = 0.5 + _random.NextDouble();
                        if (_startsAt(room) > second || scores.ContainsKey(room)) continue;
                        // Above 0 whatever the prices are.
                        var score = 100 + _quality(room) * draw / 1.5 + _slots.Of(Item(room)).Sum;
                        scores[room] = (float)score;
                        if (!_slots.Allows(Item(room))) held.Add(room);
                        else if (score > highest) (highest, best, drawn) = (score, room, draw);
                    }

                    if (best < 0) continue;
                    _slots.Competed(
                        [.. scores.Keys.Select(Item)], [.. scores.Values], [.. scores.Keys.Select(r => r == best ? SlotOutcome.Given : held.Contains(r) ? SlotOutcome.HeldBack : SlotOutcome.Lost)], 1);
                    LastDraw = drawn;
                    _slots.Shown(_slots.Reserve(Item(best)), Start / 1000 + second);
                    Ledger.Delivered(Item(best), 1, Start + second * 1000L + n);
                    shown(second, best);
                }
            }
        }
    }
}
