namespace LiveGrains.Core;

/// <summary>What the recommender knows an item by.</summary>
internal sealed class ItemInfo
{
    /// <summary>The platform's id.</summary>
    public required string Id { get; init; }
    public string? Title { get; set; }
    public string? HostName { get; set; }
    public string? CategoryName { get; set; }
    /// <summary>Equal for equal hosts; 0: none.</summary>
    public int Host { get; set; }
    /// <summary>Equal for equal categories; 0: none.</summary>
    public int Category { get; set; }
    /// <summary>The blob of its tokens; 0: not described.</summary>
    public uint Tokens { get; set; }
}

/// <summary>The items of an engine, by numbers from 1 within each kind, as <see cref="InterestItem"/> packs them. One thread.</summary>
internal interface IItemSource
{
    /// <summary>The highest number of a kind.</summary>
    uint Highest(InterestKind kind);

    /// <summary>What an item is.</summary>
    ItemInfo Info(uint item);

    /// <summary>True while the item can be watched or bought: as of the last acknowledged event, not of the last refresh.</summary>
    bool IsAvailable(uint item);

    /// <summary>The item's numbers now.</summary>
    ItemNumbers Numbers(uint item);
}
