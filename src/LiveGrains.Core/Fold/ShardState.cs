using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>
/// The tables of one shard and the fold over them: the same records in the same order give the same bytes of state, however
/// they were cut into blocks and whatever was asked in between. No clock, no chance, no input or output. One thread.
/// </summary>
/// <remarks>
/// Files: <c>Fold</c> takes records, <c>Presence</c> keeps sessions, <c>Catalog</c> keeps what rooms and items are,
/// <c>Audience</c> counts distinct users, <c>Storage</c> saves and loads.
/// </remarks>
internal sealed unsafe partial class ShardState : IDisposable
{
    internal const int MaxSources = 1_000_000;
    internal const int MaxChannelNames = 60_000;

    internal FoldSettings Settings;
    internal readonly KeyHash Hash;
    internal readonly KeyTable Rooms;
    internal readonly KeyTable Users;
    internal readonly Pool UserDetails;
    internal readonly KeyTable Products;
    internal readonly KeyTable Videos;
    internal readonly KeyTable Sources;
    internal readonly KeyTable ChannelNames;
    internal readonly HashIndex Pairs;
    internal readonly Pool Broadcasts;
    internal readonly Pool Visits;
    internal readonly Pool VisitOwners;
    internal readonly Pool Money;
    internal readonly Pool RoomItems;
    internal readonly Pool Channels;
    internal readonly HistoryStore Histories;
    internal readonly CommentSamples Comments;
    internal readonly BlobArena Keys;
    internal readonly BlobArena Blobs;
    internal readonly SeriesStore RoomSeries;
    internal readonly SeriesStore ProductSeries;
    internal readonly SeriesStore VideoSeries;
    internal DedupeWindow Dedupe;
    internal readonly PresenceWheel Wheel;

    /// <summary>Foreign amounts by (kind, row, currency), sketches by (kind, row), user counts beyond 16 bits: rare, so plain dictionaries.</summary>
    internal readonly SortedDictionary<(uint Kind, uint Row, uint Currency), ForeignSums> Foreign = [];
    internal readonly SortedDictionary<(uint Kind, uint Row), HyperLogLog[]> Sketches = [];
    internal readonly SortedDictionary<(uint User, int Type), long> LargeCounts = [];

    internal Totals Totals;
    private readonly NativeArena _arena;

    /// <summary>An empty state.</summary>
    /// <param name="settings">Limits and keys.</param>
    /// <param name="background">Runs an action on another thread, see <see cref="NativeArena"/>; null: everything on this one.</param>
    public ShardState(in FoldSettings settings, Action<Action>? background = null)
    {
        _arena = new NativeArena(background);
        Settings = settings;
        Hash = new KeyHash(settings.HashKey0, settings.HashKey1);
        Keys = new BlobArena(_arena);
        Blobs = new BlobArena(_arena);
        Rooms = new KeyTable(_arena, Keys, sizeof(RoomRow), 7);
        Users = new KeyTable(_arena, Keys, sizeof(UserRow), 10);
        UserDetails = new Pool(_arena, sizeof(UserDetail), 9);
        Products = new KeyTable(_arena, Keys, sizeof(ItemRow), 7);
        Videos = new KeyTable(_arena, Keys, sizeof(ItemRow), 6);
        Sources = new KeyTable(_arena, Keys, sizeof(SourceRow), 6);
        ChannelNames = new KeyTable(_arena, Keys, sizeof(NameRow), 6);
        Pairs = new HashIndex(_arena) { HasStale = HasStalePairs, IsStale = IsStalePair };
        Broadcasts = new Pool(_arena, sizeof(BroadcastRow), 9);
        Visits = new Pool(_arena, sizeof(VisitRow), 10);
        VisitOwners = new Pool(_arena, sizeof(VisitOwner), 10);
        Money = new Pool(_arena, sizeof(MoneyRow), 9);
        RoomItems = new Pool(_arena, sizeof(RoomItemRow), 7);
        Channels = new Pool(_arena, sizeof(ChannelRow), 5);
        Histories = new HistoryStore(_arena);
        Comments = new CommentSamples(_arena);
        const int HourOfBuckets = 361;
        var ofItem = RowLayout.OffsetOf<ItemRow>(static r => (byte*)&r->Series);
        RoomSeries = new SeriesStore(_arena, RoomMetric.BucketCounters, 0, RoomMetric.FrequentInBuckets) { Owners = Rooms.Rows, HandleOffset = RowLayout.OffsetOf<RoomRow>(static r => (byte*)&r->Series) };
        ProductSeries = new SeriesStore(_arena, ItemMetric.Counters, HourOfBuckets, ItemMetric.FrequentInBuckets) { Owners = Products.Rows, HandleOffset = ofItem };
        VideoSeries = new SeriesStore(_arena, ItemMetric.Counters, HourOfBuckets, ItemMetric.FrequentInBuckets) { Owners = Videos.Rows, HandleOffset = ofItem };
        Dedupe = new DedupeWindow(_arena, settings.DedupeIds, settings.DedupeWindowMs);
        // Events may be a minute ahead of the clock.
        Wheel = new PresenceWheel(_arena, settings.PresenceTimeoutMs + 60_000 + 2);
        Totals.ClockMs = long.MinValue;
    }

    /// <summary>Takes settings that stand in the log from here on. Hash keys, clock and currency stay as they were.</summary>
    public void ApplySettings(in FoldSettings settings)
    {
        if (settings.HashKey0 != Settings.HashKey0 || settings.HashKey1 != Settings.HashKey1 || settings.Clock != Settings.Clock || settings.Currency != Settings.Currency)
            throw new InvalidDataException("These settings cannot change.");
        if (settings.DedupeIds != Settings.DedupeIds || settings.DedupeWindowMs != Settings.DedupeWindowMs)
            Dedupe = Dedupe.Resized(settings.DedupeIds, settings.DedupeWindowMs);
        Settings = settings;
    }

    /// <summary>The clock of the last event or of the last <see cref="AdvanceTo"/>; long.MinValue before the first.</summary>
    public long ClockMs => Totals.ClockMs;

    /// <summary>Bytes of native memory.</summary>
    public long MemoryBytes => _arena.Bytes;

    /// <summary>Bytes that grow with users: their rows, keys and pairs (keys of rooms and items, which are few, included).</summary>
    public long UserBytes => Users.Bytes + UserDetails.Bytes + Money.Bytes + Keys.Bytes + Pairs.Bytes + Visits.Bytes + VisitOwners.Bytes + Histories.Bytes;

    /// <inheritdoc/>
    public void Dispose() => _arena.Dispose();

    internal RoomRow* RoomAt(uint row) => (RoomRow*)Rooms.Rows[row];

    internal UserRow* UserAt(uint row) => (UserRow*)Users.Rows[row];

    internal UserDetail* UserDetailAt(uint row) => (UserDetail*)UserDetails[row];

    internal ItemRow* ItemAt(bool video, uint row) => (ItemRow*)(video ? Videos : Products).Rows[row];

    internal VisitRow* VisitAt(uint row) => (VisitRow*)Visits[row];

    internal VisitOwner* VisitOwnerAt(uint row) => (VisitOwner*)VisitOwners[row];
}

/// <summary>Amounts in one foreign currency.</summary>
internal sealed class ForeignSums
{
    public long Gifts;
    public long Subscribes;
    public long Orders;
    public long Gmv;
    public long Refunds;
}

/// <summary>Counters of a shard.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal unsafe struct Totals
{
    public long ClockMs;
    public long Accepted;
    public long Duplicates;
    public long Late;
    public long CapacityRefusals;
    /// <summary>Accepted events of which this shard is the one that counts them for the platform.</summary>
    public long Primary;
    public long PrimaryLate;
    public long Online;
    public long RoomsLive;
    public long RoomsOwned;
    public long UsersOwned;
    public long ProductsOwned;
    public long VideosOwned;
    /// <summary>Products and videos whose users are estimated, rooms likewise, and pairs of broadcasts that are over.</summary>
    public long ApproximateItems;
    public long ApproximateRooms;
    public long OverPairs;
    public fixed long Counts[RoomMetric.Counters];
}
