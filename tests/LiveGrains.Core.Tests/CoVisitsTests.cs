namespace LiveGrains.Core.Tests;

/// <summary>Against dictionaries of pairs, in double precision.</summary>
public sealed class CoVisitsTests
{
    private const int Users = 40;

    private readonly Dictionary<(uint From, uint To), double> _pairs = [];
    private readonly Dictionary<uint, double> _touches = [];
    private readonly Dictionary<uint, double> _activity = [];

    [Theory]
    [InlineData(1, 5, 0, 0)]
    [InlineData(2, 20, 1, 1)]
    [InlineData(3, 512, 0, 1)]
    [InlineData(4, 12, 4, 2)]
    public void Unbounded_it_counts_every_pair_of_a_window(int seed, int window, int gapQuarters, int activityQuarters)
    {
        using var arena = new NativeArena();
        var options = new CoVisitOptions { Window = window, GapQuarters = gapQuarters, ActivityQuarters = activityQuarters, MostLines = 2048 };
        var model = new CoVisits(arena, options);
        var histories = Enumerable.Range(0, Users).Select(_ => new List<HistoryEntry>()).ToArray();
        var random = new Random(seed);
        for (var i = 0; i < 4000; i++)
        {
            var history = histories[random.Next(Users)];
            var item = InterestItem.Of((InterestKind)random.Next(3), (uint)(1 + random.Next(random.Next(1, 150))));
            if (history.Exists(e => e.Item == item)) continue;
            var strength = random.Next(1, 7) * 0.5f;
            var flags = random.Next(12) == 0 ? HistoryFlags.Disliked : HistoryFlags.None;
            if (flags == HistoryFlags.None) Learn(model, history, item, strength, options);
            history.Add(new HistoryEntry { Item = item, Weight = (Half)strength, Flags = flags });
            if (random.Next(1000) != 0) continue;
            var memory = new StateMemory();
            model.Save(memory);
            model = new CoVisits(arena, options);
            model.Load(memory);
            Assert.True(memory.IsAtEnd);
        }

        Assert.Equal(0, model.Replaced + model.Refused);
        Compare(model);
    }

    [Fact]
    public void Counts_halve_with_time()
    {
        using var arena = new NativeArena();
        var model = new CoVisits(arena, new CoVisitOptions { HalfLifeSeconds = 1000 });
        model.Add(1, 2, 8, 10_000);
        Assert.Equal(4, model.Pair(1, 2, 11_000), 1e-5);
        model.Add(1, 3, 1, 11_000);
        model.Add(1, 2, 1, 12_000);
        Assert.Equal(3, model.Pair(1, 2, 12_000), 1e-5);
        Assert.Equal(0.5, model.Pair(1, 3, 12_000), 1e-5);
    }

    [Fact]
    public void What_comes_late_counts_what_is_left_of_it()
    {
        using var arena = new NativeArena();
        var model = new CoVisits(arena, new CoVisitOptions { HalfLifeSeconds = 1000 });
        model.Add(1, 2, 1, 10_000);
        model.Add(1, 2, 8, 7_000);
        Assert.Equal(2, model.Pair(1, 2, 10_000), 1e-5);
    }

    [Fact]
    public void A_pair_counts_less_the_longer_its_touches_are_apart()
    {
        using var arena = new NativeArena();
        var model = new CoVisits(arena, new CoVisitOptions { ActivityQuarters = 0, PairHalfLifeSeconds = 60 });
        model.Learn([new HistoryEntry { Item = 1, TimeSeconds = 1000, Weight = (Half)1 }], 2, 1120, 1);
        Assert.Equal(0.25, model.Pair(1, 2, 1120), 1e-5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void At_the_bound_the_frequent_successors_stay(int lines)
    {
        using var arena = new NativeArena();
        var model = new CoVisits(arena, new CoVisitOptions { MostLines = lines });
        var random = new Random(5);
        for (var i = 0; i < 20_000; i++)
        {
            // Two successors take a fifth of the stream each, the rest is a crowd that comes once or twice.
            model.Add(1, random.Next(5) switch { 0 => 2u, 1 => 3u, _ => (uint)random.Next(4, 10_000) }, 1, 1);
        }

        var successors = new Successor[model.MostSuccessors];
        var count = model.CopySuccessors(1, 1, successors);
        Assert.Equal(7 * lines, count);
        Assert.True(model.Replaced > 0);
        var best = successors[..count].OrderByDescending(s => s.Weight).Take(2).Select(s => s.Item).Order();
        Assert.Equal([2u, 3u], best);
        Assert.True(model.Pair(1, 2, 1) > 3000);
    }

    [Fact]
    public void The_same_touches_give_the_same_bytes()
    {
        static byte[] Run()
        {
            using var arena = new NativeArena();
            var model = new InterestModel(arena, new InterestOptions { CoVisits = new CoVisitOptions { MostLines = 2, HalfLifeSeconds = 5000 } });
            var handles = new uint[Users];
            var random = new Random(3);
            for (var i = 0; i < 20_000; i++)
            {
                if (random.Next(10) == 0) model.SetAttributes((uint)random.Next(1, 200), [(uint)random.Next(1, 50), (uint)random.Next(1, 20)]);
                model.Touch(ref handles[random.Next(Users)], (uint)random.Next(1, 200), (uint)(i * 10 + random.Next(50)), 1);
            }

            var memory = new StateMemory();
            model.Save(memory);
            return memory.Bytes;
        }

        Assert.Equal(Run(), Run());
    }

    [Fact]
    public void Learning_leaves_nothing_for_the_garbage_collector()
    {
        using var arena = new NativeArena();
        var model = new InterestModel(arena, InterestOptions.Sequences);
        var handles = new uint[Users];
        void Run(int seed)
        {
            var random = new Random(seed);
            for (var i = 0; i < 5000; i++) model.Touch(ref handles[random.Next(Users)], (uint)random.Next(1, 2000), (uint)i, 1);
        }

        Run(1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(2);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2000); // Random itself
        Assert.True(model.CoVisits.Bytes > 0);
    }

    // The definition, written again.
    private void Learn(CoVisits model, List<HistoryEntry> history, uint item, float strength, CoVisitOptions options)
    {
        model.Learn(history.ToArray(), item, 1, strength);
        var own = Math.Min(2, strength);
        var activity = own * Math.Pow(1 + history.Count / 5.0, -options.ActivityQuarters / 4.0);
        _touches[item] = _touches.GetValueOrDefault(item) + own;
        _activity[item] = _activity.GetValueOrDefault(item) + activity * own;
        for (var gap = 1; gap <= Math.Min(options.Window, history.Count); gap++)
        {
            var entry = history[^gap];
            if (entry.Flags != HistoryFlags.None) continue;
            var weight = activity * Math.Min(2, (double)entry.Weight) * Math.Pow(gap, -options.GapQuarters / 4.0);
            _pairs[(entry.Item, item)] = _pairs.GetValueOrDefault((entry.Item, item)) + weight;
        }
    }

    private void Compare(CoVisits model)
    {
        Assert.True(_pairs.Count > 1000);
        foreach (var ((from, to), weight) in _pairs) Assert.Equal(weight, model.Pair(from, to, 1), 1e-4 * (1 + weight));
        foreach (var (item, touches) in _touches)
        {
            Assert.Equal(touches, model.Totals(item, 1).Touches, 1e-3);
            Assert.Equal(_activity[item], model.Totals(item, 1).Activity, 1e-3);
        }

        var successors = new Successor[model.MostSuccessors];
        foreach (var from in _pairs.Keys.Select(p => p.From).Distinct())
        {
            var count = model.CopySuccessors(from, 1, successors);
            Assert.Equal(_pairs.Keys.Where(p => p.From == from).Select(p => p.To).Order(), successors[..count].Select(s => s.Item).Order());
        }
    }
}
