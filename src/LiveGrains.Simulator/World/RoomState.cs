namespace LiveGrains.Simulator.World;

/// <summary>Where a room is in its schedule.</summary>
internal enum RoomPhase : byte
{
    OffAir,

    /// <summary>The products that it will show are put on sale, one event at a time.</summary>
    Listing,
    OnAir,
}

/// <summary>What happens in a room at the moment.</summary>
internal enum RoomMoment : byte
{
    None,

    /// <summary>The first two minutes: followers come.</summary>
    Opening,

    /// <summary>A flash sale: many clicks and orders.</summary>
    Flash,

    /// <summary>A lottery: many comments and arrivals.</summary>
    Lottery,

    /// <summary>The feed shows the room far more often than its rank says.</summary>
    Viral,
}

/// <summary>A room. Times in milliseconds since the start of the stream.</summary>
internal struct RoomState
{
    public long StartMs;
    public long EndMs;
    public long MomentEndMs;
    public long NextMomentMs;
    public long NextUpdateMs;
    public long NextStockMs;

    /// <summary>Weight by popularity: 10,000,000 ÷ rank.</summary>
    public int Popularity;

    /// <summary>Weight in the tree of its category now; 0 off air.</summary>
    public int Weight;

    /// <summary>Place in the tree of its category.</summary>
    public int Position;

    /// <summary>Broadcasts and updates so far: what the title is made of.</summary>
    public int Edition;

    /// <summary>Viewers in the room.</summary>
    public int Watching;

    public byte Category;

    /// <summary>The tag of the category that the room is about.</summary>
    public byte Tag;
    public byte ShelfCount;
    public byte Listed;
    public bool English;
    public RoomPhase Phase;
    public RoomMoment Moment;
}
