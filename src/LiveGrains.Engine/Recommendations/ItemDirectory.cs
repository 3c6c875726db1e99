using System.Text;
using LiveGrains.Core;
using LiveGrains.Engine.Shards;

namespace LiveGrains.Engine.Recommendations;

/// <summary>
/// The items of all shards under one number each, and the way from there to the row of the shard that owns the item. Numbers are
/// given in the order in which items come up, so they are of this process only. In native memory: objects by the hundred
/// thousand would make every collection of garbage long. One thread; the shards' rows are read as <see cref="ItemState"/>
/// allows.
/// </summary>
internal sealed unsafe class ItemDirectory : IItemSource, IDisposable
{
    private readonly IReadOnlyList<ShardState?> _shards;
    private readonly KeyHash _hash;
    private readonly EngineClock _clock;
    private readonly NativeArena _arena = new();
    private readonly BlobArena _blobs;
    private readonly KeyTable[] _kinds = new KeyTable[InterestItem.Kinds];
    private readonly KeyTable _names;
    private readonly uint[][] _ofShard; // by shard × kind, then by row
    private readonly ItemsElsewhere? _elsewhere;

    /// <param name="shards">By number; null where another engine has the shard.</param>
    /// <param name="clock">The engine's.</param>
    public ItemDirectory(IReadOnlyList<ShardState?> shards, EngineClock clock)
    {
        _shards = shards;
        _hash = shards.First(s => s != null)!.Hash;
        if (shards.Contains(null)) _elsewhere = new ItemsElsewhere();
        _clock = clock;
        _blobs = new BlobArena(_arena);
        for (var i = 0; i < _kinds.Length; i++) _kinds[i] = new KeyTable(_arena, _blobs, sizeof(ItemRecord), 7);
        _names = new KeyTable(_arena, _blobs, sizeof(NameRow), 7);
        _ofShard = [.. Enumerable.Range(0, shards.Count * InterestItem.Kinds).Select(_ => new uint[64])];
    }

    /// <summary>Items of which the shard that owns them has told.</summary>
    public long Owned { get; private set; }

    /// <summary>Bytes of native memory.</summary>
    public long MemoryBytes => _arena.Bytes;

    /// <inheritdoc/>
    public void Dispose() => _arena.Dispose();

    /// <inheritdoc/>
    public uint Highest(InterestKind kind) => _kinds[(int)kind].Count;

    /// <inheritdoc/>
    public ItemRecord* Item(uint item) => (ItemRecord*)_kinds[(int)InterestItem.Kind(item)].Rows[InterestItem.Row(item)];

    /// <inheritdoc/>
    public bool IsAvailable(uint item)
    {
        var home = Item(item)->Home;
        if (home == 0) return _elsewhere != null && _elsewhere.IsAvailable(item);
        return IsAvailableHere(item, home) != (_elsewhere != null && _elsewhere.IsOtherwise(item));
    }

    /// <inheritdoc/>
    public ItemNumbers Numbers(uint item)
    {
        if (_elsewhere != null && _elsewhere.TryNumbers(item, out var numbers)) return numbers;
        var home = Item(item)->Home;
        return home == 0 ? default : ItemState.Numbers(_shards[(int)(home >> 32)]!, InterestItem.Kind(item), (uint)home, ShardState.BucketOf(_clock.NowMs()));
    }

    /// <inheritdoc/>
    public void Prefetch(uint item)
    {
        var home = Item(item)->Home;
        if (home != 0) ItemState.Prefetch(_shards[(int)(home >> 32)]!, InterestItem.Kind(item), (uint)home);
    }

    /// <inheritdoc/>
    public void PrefetchNumbers(uint item)
    {
        var home = Item(item)->Home;
        if (home != 0) ItemState.PrefetchNumbers(_shards[(int)(home >> 32)]!, InterestItem.Kind(item), (uint)home);
    }

    /// <summary>An item's id.</summary>
    public string Id(uint item) => AnswerValues.Name(_kinds[(int)InterestItem.Kind(item)].Key(InterestItem.Row(item)));

    /// <summary>A text of an item's catalog members, or null.</summary>
    public string? Text(uint item, Members member) => AnswerValues.Text(_blobs[Item(item)->Catalog], member);

    /// <summary>The number of an id, or 0.</summary>
    public uint Find(InterestKind kind, string id)
    {
        var key = Encoding.UTF8.GetBytes(id);
        var number = _kinds[(int)kind].Find(_hash.Of(key), key);
        return number == 0 ? 0 : InterestItem.Of(kind, number);
    }

    /// <summary>Notes what another engine, which has the item's shard, says of it.</summary>
    public void Note(InterestKind kind, ReadOnlySpan<byte> key, bool isAvailable, in ItemNumbers numbers)
    {
        var hash = _hash.Of(key);
        var items = _kinds[(int)kind];
        // An engine that has the shard meanwhile knows better.
        if (_elsewhere == null || _shards[ShardRouter.ShardOf(hash, _shards.Count)] != null) return;
        var number = items.Find(hash, key);
        if (number == 0) number = items.Add(hash, key);
        var item = InterestItem.Of(kind, number);
        var home = Item(item)->Home;
        _elsewhere.Set(item, isAvailable, home == 0 ? null : IsAvailableHere(item, home), numbers);
    }

    /// <summary>The number of an id, given when it is new: for rules about what is still to come.</summary>
    public uint Take(InterestKind kind, string id)
    {
        var number = Find(kind, id);
        if (number != 0) return number;
        var key = Encoding.UTF8.GetBytes(id);
        return key.Length > RowKey.MaxLength ? 0 : InterestItem.Of(kind, _kinds[(int)kind].Add(_hash.Of(key), key));
    }

    /// <summary>The number of a host's or category's name.</summary>
    public uint NameNumber(string name) => NameNumber(Encoding.UTF8.GetBytes(name));

    /// <summary>The number of a shard's item, given when it is new.</summary>
    public uint Resolve(int shard, uint local)
    {
        var kind = InterestItem.Kind(local);
        var row = InterestItem.Row(local);
        ref var numbers = ref _ofShard[shard * InterestItem.Kinds + (int)kind];
        if (row >= numbers.Length) Array.Resize(ref numbers, (int)System.Numerics.BitOperations.RoundUpToPowerOf2(row + 1));
        if (numbers[row] == 0) numbers[row] = Give(kind, shard, row);
        return InterestItem.Of(kind, numbers[row]);
    }

    /// <summary>Notes an item's catalog members.</summary>
    public void Describe(uint item, ReadOnlySpan<byte> catalog)
    {
        var record = Item(item);
        record->Catalog = _blobs.Replace(record->Catalog, catalog);
        record->Host = NameNumber(CatalogBlob.Get(catalog, Members.Host));
        record->Category = NameNumber(CatalogBlob.Get(catalog, Members.Category));
    }

    private bool IsAvailableHere(uint item, ulong home) => ItemState.IsAvailable(_shards[(int)(home >> 32)]!, InterestItem.Kind(item), (uint)home);

    private uint Give(InterestKind kind, int shard, uint row)
    {
        var state = _shards[shard]!;
        var table = kind switch { InterestKind.Room => state.Rooms, InterestKind.Product => state.Products, _ => state.Videos };
        var key = table.Key(row);
        var hash = state.Hash.Of(key);
        var items = _kinds[(int)kind];
        var number = items.Find(hash, key);
        if (number == 0) number = items.Add(hash, key);
        var owner = ShardRouter.ShardOf(hash, _shards.Count);
        ref var home = ref ((ItemRecord*)items.Rows[number])->Home;
        // Catalog events reach every shard, so where the owner is in another engine any row here says whether the item is available.
        if (owner != shard && (_shards[owner] != null || home != 0)) return number;
        home = (ulong)(uint)shard << 32 | row;
        Owned++;
        return number;
    }

    private uint NameNumber(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty) return 0;
        // Names are at most 200 characters; what is longer in bytes is told apart by its beginning.
        if (name.Length > RowKey.MaxLength) name = name[..RowKey.MaxLength];
        var hash = _hash.Of(name);
        var number = _names.Find(hash, name);
        return number != 0 ? number : _names.Add(hash, name);
    }
}
