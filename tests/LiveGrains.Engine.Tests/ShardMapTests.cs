using LiveGrains.Engine.Cluster;

namespace LiveGrains.Engine.Tests;

public sealed class ShardMapTests
{
    [Fact]
    public void Shards_spread_evenly_and_the_same_in_any_order_of_machines()
    {
        var random = new Random(1);
        for (var round = 0; round < 500; round++)
        {
            var machines = Machines(random.Next(1, 20), random);
            var shards = random.Next(1, 65);
            var map = ShardMap.Assign(shards, machines);
            var loads = Enumerable.Range(0, machines.Count).Select(m => map.Count(owner => owner == m)).ToList();
            Assert.True(loads.Max() - loads.Min() <= 1, $"{shards} shards on {machines.Count} machines: {string.Join(' ', loads)}");
            var shuffled = machines.OrderBy(_ => random.Next()).ToList();
            Assert.Equal(map.Select(m => machines[m]), ShardMap.Assign(shards, shuffled).Select(m => shuffled[m]));
        }
    }

    [Fact]
    public void Machines_that_come_and_go_leave_all_shards_even_after_moves_that_end()
    {
        var random = new Random(2);
        for (var round = 0; round < 200; round++)
        {
            var machines = Machines(random.Next(1, 8), random);
            var shards = random.Next(machines.Count, 65);
            var first = ShardMap.Assign(shards, machines);
            var place = Enumerable.Range(0, shards).ToDictionary(s => s, s => machines[first[s]]);
            for (var change = 0; change < 10; change++)
            {
                if (machines.Count > 1 && random.Next(2) == 0) machines.RemoveAt(random.Next(machines.Count));
                else machines.Add($"10.0.0.{round}:{change}");
                var map = ShardMap.Assign(shards, machines);
                // Those of a machine that went are taken up where they belong.
                foreach (var shard in place.Keys.Where(s => !machines.Contains(place[s])).ToList()) place[shard] = machines[map[shard]];
                var moves = 0;
                while (machines.SelectMany(m => ShardMap.Surplus([.. place.Where(p => p.Value == m).Select(p => p.Key)], m, shards, machines)).ToList() is { Count: > 0 } surplus)
                {
                    foreach (var shard in surplus) place[shard] = machines[map[shard]];
                    moves += surplus.Count;
                    Assert.True(moves <= shards, "A shard that is where it belongs moves no more.");
                }

                var even = (shards + machines.Count - 1) / machines.Count;
                Assert.All(machines, m => Assert.True(place.Count(p => p.Value == m) <= even));
            }
        }
    }

    private static List<string> Machines(int count, Random random) => [.. Enumerable.Range(0, count).Select(i => $"10.{random.Next(256)}.{i}.1:11111")];
}
