using System.Text;
using LiveGrains.Core;

namespace LiveGrains.Engine.Cluster;

/// <summary>
/// Which machine a shard belongs on: evenly, the same for whoever computes it from the same machines, and mostly the same after one came or
/// went (rendezvous hashing, Thaler and Ravishankar 1996, with the load bounded to the even share). Pure.
/// </summary>
internal static class ShardMap
{
    /// <summary>The machine of each shard, as its place in the list. Each gets ⌊shards ÷ machines⌋ or one more.</summary>
    public static int[] Assign(int shards, IReadOnlyList<string> machines)
    {
        ArgumentOutOfRangeException.ThrowIfZero(machines.Count);
        var hash = new KeyHash(0x4C697665, 0x47726E73);
        var seeds = machines.Select(m => hash.Of(Encoding.UTF8.GetBytes(m))).ToArray();
        var load = new int[machines.Count];
        var share = shards / machines.Count;
        var more = shards % machines.Count;
        var map = new int[shards];
        for (var shard = 0; shard < shards; shard++)
        {
            var best = -1;
            ulong bestScore = 0;
            for (var i = 0; i < seeds.Length; i++)
            {
                if (load[i] > share || (load[i] == share && more == 0)) continue;
                var score = KeyHash.Mix(seeds[i] ^ KeyHash.Mix((ulong)shard + 1));
                // Equal scores are of machines with equal names, of which any will do.
                if (best >= 0 && score <= bestScore) continue;
                best = i;
                bestScore = score;
            }

            if (load[best]++ == share) more--;
            map[shard] = best;
        }

        return map;
    }

    /// <summary>The shards that a machine has beyond an even share and that belong elsewhere. Those that are no burden stay, so that nothing moves without need.</summary>
    public static IReadOnlyList<int> Surplus(IReadOnlyCollection<int> mine, string machine, int shards, IReadOnlyList<string> machines)
    {
        var even = (shards + machines.Count - 1) / machines.Count;
        if (mine.Count <= even) return [];
        var map = Assign(shards, machines);
        return [.. mine.Where(shard => machines[map[shard]] != machine).Order().Take(mine.Count - even)];
    }
}
