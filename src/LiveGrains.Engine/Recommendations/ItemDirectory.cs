using System.Text;
using LiveGrains.Core;
using LiveGrains.Engine.Shards;

namespace LiveGrains.Engine.Recommendations;

/// <summary>
/// The items of all shards under one number each, and the way from there to the row of the shard that owns the item. Numbers are
/// given in the order in which items come up, so they are of this process only. One thread; the shards' rows are read as
/// <see cref="ItemState"/> allows.
/// </summary>
internal sealed class ItemDirectory(IReadOnlyList<ShardState> shards, EngineClock clock) : IItemSource
{
    private sealed class Kind(int shards)
    {
        public readonly Dictionary<string, uint> Numbers = new(StringComparer.Ordinal);
        public readonly List<ItemInfo> Infos = [new ItemInfo { Id = "" }];
        // Shard ≪ 32 | row in the shard that owns the item; 0: it has not told of it yet.
        public readonly List<ulong> Homes = [0];
        public readonly uint[][] OfShard = [.. Enumerable.Range(0, shards).Select(_ => new uint[64])];
    }

    private readonly Kind[] _kinds = [.. Enumerable.Range(0, InterestItem.Kinds).Select(_ => new Kind(shards.Count))];
    private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public uint Highest(InterestKind kind) => (uint)_kinds[(int)kind].Infos.Count - 1;

    /// <inheritdoc/>
    public ItemInfo Info(uint item) => _kinds[(int)InterestItem.Kind(item)].Infos[(int)InterestItem.Row(item)];

    /// <inheritdoc/>
    public bool IsAvailable(uint item)
    {
        var kind = InterestItem.Kind(item);
        var home = _kinds[(int)kind].Homes[(int)InterestItem.Row(item)];
        return home != 0 && ItemState.IsAvailable(shards[(int)(home >> 32)], kind, (uint)home);
    }

    /// <inheritdoc/>
    public ItemNumbers Numbers(uint item)
    {
        var kind = InterestItem.Kind(item);
        var home = _kinds[(int)kind].Homes[(int)InterestItem.Row(item)];
        return home == 0 ? default : ItemState.Numbers(shards[(int)(home >> 32)], kind, (uint)home, ShardState.BucketOf(clock.NowMs()));
    }

    /// <summary>The number of an id, or 0.</summary>
    public uint Find(InterestKind kind, string id) => _kinds[(int)kind].Numbers.TryGetValue(id, out var number) ? InterestItem.Of(kind, number) : 0;

    /// <summary>The number of a shard's item, given when it is new.</summary>
    public uint Resolve(int shard, uint local)
    {
        var kind = InterestItem.Kind(local);
        var row = InterestItem.Row(local);
        var items = _kinds[(int)kind];
        ref var numbers = ref items.OfShard[shard];
        if (row >= numbers.Length) Array.Resize(ref numbers, (int)System.Numerics.BitOperations.RoundUpToPowerOf2(row + 1));
        if (numbers[row] == 0) numbers[row] = Give(items, kind, shard, row);
        return InterestItem.Of(kind, numbers[row]);
    }

    /// <summary>Notes an item's catalog members.</summary>
    public void Describe(uint item, ReadOnlySpan<byte> catalog)
    {
        var info = Info(item);
        info.Title = AnswerValues.Text(catalog, Members.Title);
        info.HostName = AnswerValues.Text(catalog, Members.Host);
        info.CategoryName = AnswerValues.Text(catalog, Members.Category);
        info.Host = NameNumber(info.HostName);
        info.Category = NameNumber(info.CategoryName);
    }

    private uint Give(Kind items, InterestKind kind, int shard, uint row)
    {
        var state = shards[shard];
        var table = kind switch { InterestKind.Room => state.Rooms, InterestKind.Product => state.Products, _ => state.Videos };
        var key = table.Key(row);
        var id = Encoding.UTF8.GetString(key);
        if (!items.Numbers.TryGetValue(id, out var number))
        {
            number = (uint)items.Infos.Count;
            items.Numbers[id] = number;
            items.Infos.Add(new ItemInfo { Id = id });
            items.Homes.Add(0);
        }

        if (ShardRouter.ShardOf(state.Hash.Of(key), shards.Count) == shard) items.Homes[(int)number] = (ulong)(uint)shard << 32 | row;
        return number;
    }

    private int NameNumber(string? name)
    {
        if (string.IsNullOrEmpty(name)) return 0;
        if (!_names.TryGetValue(name, out var number)) _names[name] = number = _names.Count + 1;
        return number;
    }
}
