using System.Text.Json;
using System.Text.Json.Nodes;

namespace LiveGrains.Model;

/// <summary>
/// The oracle: counts events as docs/semantics.md says, with plain dictionaries and no thought of speed. Shares no code
/// with the engine. One thread.
/// </summary>
public sealed class ModelEngine
{
    private const long FutureMs = 60_000;
    private const int MaxEventBytes = 32 << 10;

    private readonly ModelOptions _options;
    private readonly SeenEvents _seen;
    private readonly Platform _platform;
    private readonly Dictionary<string, Room> _rooms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Item> _products = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Item> _videos = new(StringComparer.Ordinal);
    private readonly Dictionary<string, User> _users = new(StringComparer.Ordinal);

    /// <summary>Makes an empty model.</summary>
    public ModelEngine(ModelOptions? options = null)
    {
        _options = options ?? new ModelOptions();
        _seen = new SeenEvents(_options);
        _platform = new Platform(_options.Currency);
    }

    /// <summary>The clock, ms since 1970 UTC.</summary>
    public long ClockMs { get; private set; }

    /// <summary>Rooms known.</summary>
    public IEnumerable<string> RoomIds => _rooms.Keys;

    /// <summary>Products known.</summary>
    public IEnumerable<string> ProductIds => _products.Keys;

    /// <summary>Videos known.</summary>
    public IEnumerable<string> VideoIds => _videos.Keys;

    /// <summary>Users known.</summary>
    public IEnumerable<string> UserIds => _users.Keys;

    /// <summary>Moves the clock on; it never goes back.</summary>
    public void AdvanceTo(long clockMs) => ClockMs = Math.Max(ClockMs, clockMs);

    /// <summary>Takes one event as UTF-8 JSON; true when it was accepted.</summary>
    public bool Accepts(ReadOnlyMemory<byte> utf8Line, long? wallClockMs = null) => Apply(utf8Line, wallClockMs).IsAccepted;

    /// <summary>Takes one event as UTF-8 JSON.</summary>
    public ModelVerdict Apply(ReadOnlyMemory<byte> utf8Line, long? wallClockMs = null)
    {
        if (utf8Line.Length > MaxEventBytes)
            return ModelVerdict.Rejected("event_too_large");
        try
        {
            using var document = JsonDocument.Parse(utf8Line, new JsonDocumentOptions { MaxDepth = 8 });
            return Apply(document.RootElement, wallClockMs);
        }
        catch (JsonException)
        {
            return ModelVerdict.Rejected("invalid_json");
        }
    }

    /// <summary>Takes one event. With the wall clock, <paramref name="wallClockMs"/> is the server's time; null: as it stands.</summary>
    public ModelVerdict Apply(JsonElement evt, long? wallClockMs = null)
    {
        if (!_options.EventClock && wallClockMs is long wall)
            AdvanceTo(wall);
        if (EventReader.Read(evt, out var refusal) is not { } e)
            return refusal;
        if (!_options.EventClock && e.Time > ClockMs + FutureMs)
            return ModelVerdict.Rejected("time_in_future", "time");

        // A duplicate was seen too, so it moves an event clock.
        var clock = _options.EventClock ? Math.Max(ClockMs, e.Time) : ClockMs;
        ClockMs = clock;
        if (_seen.IsDuplicate(e, clock))
        {
            _platform.Duplicates++;
            return new ModelVerdict(ModelOutcome.Duplicate);
        }

        _seen.Remember(e, clock);
        Fold(e);
        return new ModelVerdict(ModelOutcome.Accepted);
    }

    /// <summary>The answer about a room, without heat; null when unknown.</summary>
    public JsonObject? Room(string id) => _rooms.TryGetValue(id, out var room) ? RoomJson.Of(room, ClockMs) : null;

    /// <summary>The answer about a product, or null.</summary>
    public JsonObject? Product(string id) => _products.TryGetValue(id, out var item) ? ItemJson.Of(item, ClockMs) : null;

    /// <summary>The answer about a video, or null.</summary>
    public JsonObject? Video(string id) => _videos.TryGetValue(id, out var item) ? ItemJson.Of(item, ClockMs) : null;

    /// <summary>The products and videos of a room, or null.</summary>
    public JsonObject? RoomProducts(string room) => _rooms.TryGetValue(room, out var known) ? ItemJson.OfRoom(known, ClockMs) : null;

    /// <summary>The series of a metric of a room, or null for an unknown room; throws <see cref="ArgumentException"/> for an unknown metric or step.</summary>
    public JsonObject? Series(string room, string metric, int stepSeconds = 10, long? from = null, long? to = null) =>
        _rooms.TryGetValue(room, out var known) ? Model.Series.Of(known, metric, stepSeconds, from, to, ClockMs) : null;

    /// <summary>The answer about a user, or null.</summary>
    public JsonObject? User(string id)
    {
        if (!_users.TryGetValue(id, out var user))
            return null;
        AdvanceRooms();
        var watching = _rooms.Values.Where(room => room.Broadcast.Presence.IsWatching(id)).Select(room => room.Id);
        return UserJson.Of(user, watching.Order(StringComparer.Ordinal), InterestJson.Of(user.Interests, ClockMs, Describe), ClockMs);
    }

    /// <summary>The platform, without eventsPerSecond and topRooms.</summary>
    public JsonObject Overview()
    {
        AdvanceRooms();
        return OverviewJson.Of(_platform, _rooms.Values, _users.Count, _products.Count, _videos.Count, ClockMs);
    }

    private (string? Category, List<string> Tags, string? Host) Describe(string kind, string id)
    {
        if (kind == "room")
        {
            var room = _rooms[id];
            return (room.Category, room.Tags, room.Host);
        }

        var item = (kind == "video" ? _videos : _products)[id];
        return (item.Category, item.Tags, item.Host);
    }

    private void AdvanceRooms()
    {
        foreach (var room in _rooms.Values)
            room.Broadcast.Presence.AdvanceTo(ClockMs);
    }

    private void Fold(ModelEvent e)
    {
        var late = e.Time < ClockMs - (long)_options.Lateness.TotalMilliseconds;
        var effect = default(SignalEffect);
        if (e.IsCatalog)
            FoldCatalog(e);
        else
            effect = FoldUserEvent(e, late ? null : Tally.BucketOf(e.Time));
        _platform.Apply(e, late, effect);
    }

    /// <summary>A catalog event is of the room, product or video that it describes, and of nothing else that it names.</summary>
    private void FoldCatalog(ModelEvent e)
    {
        if (e.Type == "product.upsert")
            ItemOf(_products, e.Product!, isVideo: false).Update(e);
        else if (e.Type == "video.upsert")
            ItemOf(_videos, e.Video!, isVideo: true).Update(e);
        else
            RoomOf(e.Room!).ApplyCatalog(e, ClockMs);
    }

    private SignalEffect FoldUserEvent(ModelEvent e, long? bucket)
    {
        var items = new List<Item>();
        if (e.Type == "user.upsert")
        {
            // About its user and nothing else that it names.
            UserOf(e.User!).Apply(e, 0, _options.Currency);
            return default;
        }

        if (e.Product != null)
            items.Add(ItemOf(_products, e.Product, isVideo: false));
        if (e.Video != null)
            items.Add(ItemOf(_videos, e.Video, isVideo: true));
        foreach (var item in items)
            item.Apply(e, bucket, _options.Currency);

        var effect = e.Room == null ? default : RoomOf(e.Room).Apply(e, ClockMs, bucket, items);

        UserOf(e.User!).Apply(e, effect.WatchedMs, _options.Currency);
        return effect;
    }

    private User UserOf(string id)
    {
        if (!_users.TryGetValue(id, out var user))
            _users.Add(id, user = new User(id));
        return user;
    }

    private Room RoomOf(string id)
    {
        if (!_rooms.TryGetValue(id, out var room))
            _rooms.Add(id, room = new Room(id, _options));
        return room;
    }

    private static Item ItemOf(Dictionary<string, Item> items, string id, bool isVideo)
    {
        if (!items.TryGetValue(id, out var item))
            items.Add(id, item = new Item(id, isVideo));
        return item;
    }
}
