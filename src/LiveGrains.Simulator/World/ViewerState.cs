namespace LiveGrains.Simulator.World;

/// <summary>What a viewer is doing.</summary>
internal enum ViewerPhase : byte
{
    Arriving,
    Browsing,
    Entering,
    Watching,
    OpeningVideo,
    PlayingVideo,
    ReactingToVideo,
    ClickingCard,
}

/// <summary>The next step of a purchase.</summary>
internal enum PurchaseStep : byte
{
    None,
    Click,
    Cart,
    Order,
    Pay,
    Refund,
}

/// <summary>How well a room fits a viewer.</summary>
internal enum Match : byte
{
    Stranger,
    Category,
    Tag,
    Favourite,
}

/// <summary>Indexes of <see cref="Lexicon.Channels"/>.</summary>
internal enum Channel : byte
{
    Feed,
    Search,
    Follow,
    Share,
    Ad,
}

/// <summary>A user who is on the platform now. Times in milliseconds since the start of the stream.</summary>
internal struct ViewerState
{
    public long EnteredMs;
    public long EndMs;
    public long HeartbeatMs;
    public long InteractionMs;
    public long CardMs;
    public long PurchaseMs;
    public int User;

    /// <summary>The room watched or entered next; −1 for none. Links free places of the pool.</summary>
    public int Room;
    public int LastRoom;
    public int Product;
    public int Video;

    /// <summary>Mean time between interactions, in seconds.</summary>
    public float InteractionGap;
    public byte Pieces;
    public bool EndsWithRoom;
    public ViewerPhase Phase;
    public PurchaseStep Purchase;
    public Match Match;
    public Channel Channel;
    public UserTraits Traits;

    /// <summary>When the watching viewer acts next.</summary>
    public readonly long NextMs =>
        Math.Min(Math.Min(Math.Min(EndMs, HeartbeatMs), Math.Min(InteractionMs, CardMs)), PurchaseMs);
}
