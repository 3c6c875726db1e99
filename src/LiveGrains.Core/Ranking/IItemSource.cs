using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>What the recommender knows an item by; plain memory, because a platform has a hundred thousand of them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ItemRecord
{
    public RowKey Key;
    /// <summary>Shard ≪ 32 | row in the shard that owns the item; 0: it has not told of it yet.</summary>
    public ulong Home;
    /// <summary>The item's catalog members, see <see cref="CatalogBlob"/>; 0: none.</summary>
    public uint Catalog;
    /// <summary>The blob of its tokens; 0: not described.</summary>
    public uint Tokens;
    /// <summary>Equal for equal hosts; 0: none.</summary>
    public uint Host;
    /// <summary>Equal for equal categories; 0: none.</summary>
    public uint Category;
}

/// <summary>The items of an engine, by numbers from 1 within each kind, as <see cref="InterestItem"/> packs them. One thread.</summary>
internal unsafe interface IItemSource
{
    /// <summary>The highest number of a kind.</summary>
    uint Highest(InterestKind kind);

    /// <summary>What an item is; its place never changes.</summary>
    ItemRecord* Item(uint item);

    /// <summary>True while the item can be watched or bought: as of the last acknowledged event, not of the last refresh.</summary>
    bool IsAvailable(uint item);

    /// <summary>The item's numbers now.</summary>
    ItemNumbers Numbers(uint item);

    /// <summary>Brings what <see cref="IsAvailable"/> reads on its way from memory.</summary>
    void Prefetch(uint item);

    /// <summary>Brings what <see cref="Numbers"/> reads on its way from memory.</summary>
    void PrefetchNumbers(uint item);
}
