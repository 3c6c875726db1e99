using LiveGrains.Simulator.Randomness;

namespace LiveGrains.Simulator.World;

/// <summary>All rooms: their features, their shelves, and the draw of a room that is on air by its weight.</summary>
internal sealed class RoomBoard
{
    /// <summary>Products that a room shows in one broadcast, at most.</summary>
    public const int ShelfSize = 16;

    /// <summary>Popularity of the first rank: Zipf with exponent 1. Ranks beyond it weigh 1.</summary>
    private const int TopPopularity = 10_000_000;

    private readonly WeightTree[] _trees;
    private readonly int[][] _byPosition;

    public RoomBoard(SimulatorOptions options, Xoshiro256 random)
    {
        var count = options.Rooms;
        States = new RoomState[count];
        Shelves = new int[count * ShelfSize];
        Popularities = new WeightTree[Categories.All.Length];
        _trees = new WeightTree[Categories.All.Length];
        _byPosition = new int[Categories.All.Length][];

        var ranks = new int[count];
        for (var i = 0; i < count; i++)
        {
            var other = random.Below(i + 1);
            ranks[i] = ranks[other];
            ranks[other] = i + 1;
        }

        var draw = new WeightedTable(Array.ConvertAll(Categories.All, c => c.Share));
        var sizes = new int[Categories.All.Length];
        for (var i = 0; i < count; i++)
        {
            ref var room = ref States[i];
            var hash = Xoshiro256.Hash(options.Seed ^ 0x524F4F4DUL, (ulong)i);
            room.Category = (byte)draw.At(hash);
            room.Tag = (byte)((hash >> 16) % CategoryProfile.Tags);
            room.English = (hash >> 24) % 5 == 0;
            room.Popularity = Math.Max(1, TopPopularity / ranks[i]);
            room.Position = sizes[room.Category]++;
            if (ranks[i] == 1)
                Top = i;
        }

        for (var c = 0; c < sizes.Length; c++)
        {
            _trees[c] = new WeightTree(sizes[c]);
            Popularities[c] = new WeightTree(sizes[c]);
            _byPosition[c] = new int[sizes[c]];
        }

        for (var i = 0; i < count; i++)
        {
            ref var room = ref States[i];
            _byPosition[room.Category][room.Position] = i;
            Popularities[room.Category].Add(room.Position, room.Popularity);
        }
    }

    public RoomState[] States { get; }

    /// <summary><see cref="ShelfSize"/> places a room.</summary>
    public int[] Shelves { get; }

    /// <summary>The most popular room; it is on air at the start.</summary>
    public int Top { get; }

    public int OnAir { get; private set; }

    /// <summary>Weights by popularity alone, rooms off air included.</summary>
    private WeightTree[] Popularities { get; }

    public ReadOnlySpan<int> Shelf(int room) => Shelves.AsSpan(room * ShelfSize, States[room].ShelfCount);

    /// <summary>Sets how much the room weighs in draws, as a multiple of its popularity; 0 takes it off.</summary>
    public void SetWeight(int index, int factor)
    {
        ref var room = ref States[index];
        var weight = (int)Math.Min(int.MaxValue, (long)room.Popularity * factor);
        if (weight == room.Weight)
            return;
        OnAir += (weight > 0 ? 1 : 0) - (room.Weight > 0 ? 1 : 0);
        _trees[room.Category].Add(room.Position, weight - room.Weight);
        room.Weight = weight;
    }

    /// <summary>A room of the category that is on air, by weight; of any category when it has none; −1 when none is on air.</summary>
    public int DrawOnAir(int category, Xoshiro256 random)
    {
        if (_trees[category].Total == 0)
            category = AnyCategory(random);
        return category < 0 ? -1 : Draw(_trees, category, random);
    }

    /// <summary>A room on air over all categories by weight; −1 when none is on air.</summary>
    public int DrawOnAir(Xoshiro256 random)
    {
        var category = AnyCategory(random);
        return category < 0 ? -1 : Draw(_trees, category, random);
    }

    /// <summary>A room of the category, on air or not, by popularity; −1 when the category has none.</summary>
    public int DrawKnown(int category, Xoshiro256 random) =>
        Popularities[category].Total == 0 ? -1 : Draw(Popularities, category, random);

    private int Draw(WeightTree[] trees, int category, Xoshiro256 random)
    {
        var tree = trees[category];
        return _byPosition[category][tree.Find((long)(random.Unit() * tree.Total))];
    }

    private int AnyCategory(Xoshiro256 random)
    {
        var total = 0L;
        foreach (var tree in _trees)
            total += tree.Total;
        if (total == 0)
            return -1;
        var target = (long)(random.Unit() * total);
        for (var c = 0; c < _trees.Length; c++)
        {
            target -= _trees[c].Total;
            if (target < 0)
                return c;
        }

        return -1;
    }
}
