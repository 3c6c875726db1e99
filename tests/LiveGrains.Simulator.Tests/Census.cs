using System.Text.Json;

namespace LiveGrains.Simulator.Tests;

/// <summary>
/// Reads lines with a JSON parser, independent of the simulator: checks each against SPEC section 2, follows every user
/// through the rooms, and counts. <see cref="Faults"/> stays empty for a stream that is right.
/// </summary>
internal sealed class Census
{
    private static readonly Dictionary<string, string[]> _needs = new()
    {
        ["room.start"] = ["room"],
        ["room.update"] = ["room"],
        ["room.end"] = ["room"],
        ["product.upsert"] = ["product"],
        ["video.upsert"] = ["video"],
        ["user.upsert"] = ["user"],
        ["impression"] = ["item", "user"],
        ["click"] = ["good", "user"],
        ["enter"] = ["room", "user"],
        ["heartbeat"] = ["room", "user"],
        ["leave"] = ["room", "user"],
        ["play"] = ["video", "user", "ms"],
        ["like"] = ["item", "user"],
        ["comment"] = ["item", "user"],
        ["share"] = ["item", "user"],
        ["dislike"] = ["item", "user"],
        ["report"] = ["item", "user"],
        ["follow"] = ["room", "user"],
        ["unfollow"] = ["room", "user"],
        ["subscribe"] = ["room", "user", "amount"],
        ["gift"] = ["room", "user", "amount"],
        ["cart"] = ["product", "user"],
        ["order"] = ["product", "user", "amount"],
        ["pay"] = ["product", "user", "amount"],
        ["refund"] = ["product", "user", "amount"],
    };

    private static readonly HashSet<string> _members =
    [
        "id", "source", "seq", "type", "time", "room", "user", "product", "video", "count", "amount", "currency", "ms",
        "text", "title", "host", "category", "tags", "price", "stock", "status", "channel", "attrs",
    ];

    private readonly HashSet<string> _ids = [];
    private readonly HashSet<string> _onAir = [];
    private readonly Dictionary<string, string> _roomOfUser = [];
    private readonly HashSet<(string User, string Room)> _following = [];
    private readonly Dictionary<string, (long Price, long Stock, bool On)> _products = [];
    private readonly HashSet<string> _videos = [];
    private readonly HashSet<(string, string, string)> _funnel = [];
    private long _lastMs = long.MinValue;
    private long _lastSeq;

    public List<string> Faults { get; } = [];

    public Dictionary<string, long> ByType { get; } = [];

    public Dictionary<string, long> EntersByRoom { get; } = [];

    public Dictionary<string, long> EntersByUser { get; } = [];

    public Dictionary<string, long> EntersByChannel { get; } = [];

    public HashSet<(string User, string Room)> Visits { get; } = [];

    public HashSet<(string User, string Room)> RoomImpressions { get; } = [];

    public HashSet<(string User, string Product)> ProductImpressions { get; } = [];

    public HashSet<string> Users { get; } = [];

    public HashSet<string> Broadcasts { get; } = [];

    /// <summary>Milliseconds from <c>enter</c> to the last signal, of the visits that ended with <c>leave</c>.</summary>
    public List<long> Stays { get; } = [];

    public List<long> GiftAmounts { get; } = [];

    public Dictionary<string, long> EnteredMs { get; } = [];

    public long RestartedRooms { get; private set; }

    public long RoomImpressionCount { get; private set; }

    public long FirstMs { get; private set; }

    public long LastMs => _lastMs;

    public long Lines { get; private set; }

    public int OnAir => _onAir.Count;

    /// <summary>Reads whole lines.</summary>
    public void Read(ReadOnlyMemory<byte> lines)
    {
        while (!lines.IsEmpty)
        {
            var end = lines.Span.IndexOf((byte)'\n');
            if (end < 0)
            {
                Faults.Add("the last line has no line feed");
                return;
            }

            using var document = JsonDocument.Parse(lines[..end]);
            ReadEvent(document.RootElement);
            lines = lines[(end + 1)..];
        }
    }

    private static string? Text(JsonElement e, string name) => e.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static long Number(JsonElement e, string name, long otherwise) =>
        e.TryGetProperty(name, out var value) ? value.GetInt64() : otherwise;

    private void ReadEvent(JsonElement e)
    {
        var line = Lines++;
        void Require(bool holds, string rule)
        {
            if (!holds && Faults.Count < 50)
                Faults.Add($"line {line}: {rule}: {e}");
        }

        var type = e.GetProperty("type").GetString()!;
        ByType[type] = ByType.GetValueOrDefault(type) + 1;
        var id = e.GetProperty("id").GetString()!;
        Require(id.Length is >= 1 and <= 64 && _ids.Add(id), "id is unique and 1 to 64 long");
        var time = e.GetProperty("time").GetInt64();
        Require(time >= _lastMs, "time does not go back");
        if (line == 0)
            FirstMs = time;
        _lastMs = time;
        if (e.TryGetProperty("seq", out var seq))
        {
            Require(seq.GetInt64() > _lastSeq, "seq increases");
            _lastSeq = seq.GetInt64();
        }

        CheckMembers(e, Require);
        Require(_needs.TryGetValue(type, out var needs), "type is known");
        foreach (var need in needs ?? [])
        {
            var present = need switch
            {
                "item" => e.TryGetProperty("room", out _) || e.TryGetProperty("product", out _) || e.TryGetProperty("video", out _),
                "good" => e.TryGetProperty("product", out _) || e.TryGetProperty("video", out _),
                _ => e.TryGetProperty(need, out _),
            };
            Require(present, $"{type} needs {need}");
        }

        Follow(e, type, time, Require);
    }

    private static void CheckMembers(JsonElement e, Action<bool, string> require)
    {
        var seen = new HashSet<string>();
        foreach (var member in e.EnumerateObject())
        {
            require(_members.Contains(member.Name), $"unknown member {member.Name}");
            require(seen.Add(member.Name), $"member {member.Name} twice");
            var value = member.Value;
            var ok = member.Name switch
            {
                "room" or "user" or "product" or "video" => IsId(value.GetString()!),
                "source" => value.GetString()!.Length <= 128,
                "seq" => value.GetInt64() >= 1,
                "count" => value.GetInt64() is >= 1 and <= 1_000_000,
                "amount" or "ms" or "price" or "stock" => value.GetInt64() >= 0,
                "text" => value.GetString()!.Length is > 0 and <= 2_000,
                "title" or "host" or "category" => value.GetString()!.Length is > 0 and <= 200,
                "tags" => value.GetArrayLength() <= 32 && value.EnumerateArray().All(t => t.GetString()!.Length > 0),
                "status" => value.GetString() is "on" or "off",
                "channel" => value.GetString()!.Length <= 32,
                "attrs" => value.EnumerateObject().Count() <= 32 && value.EnumerateObject().All(a => a.Value.ValueKind == JsonValueKind.String),
                _ => true,
            };
            require(ok, $"member {member.Name} is out of its rule");
        }
    }

    private static bool IsId(string id) =>
        id.Length is >= 1 and <= 64 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '-');

    private void Follow(JsonElement e, string type, long time, Action<bool, string> require)
    {
        var room = Text(e, "room");
        var user = Text(e, "user");
        var product = Text(e, "product");
        var video = Text(e, "video");
        switch (type)
        {
            case "room.start":
                require(_onAir.Add(room!), "a room starts off air");
                if (!Broadcasts.Add(room!))
                    RestartedRooms++;
                require(e.TryGetProperty("title", out _) && e.TryGetProperty("host", out _) && e.TryGetProperty("category", out _), "start is complete");
                return;
            case "room.end":
                require(_onAir.Remove(room!), "a room ends on air");
                return;
            case "room.update":
                require(_onAir.Contains(room!), "a room is updated on air");
                return;
            case "product.upsert":
                _products[product!] = (Number(e, "price", -1), Number(e, "stock", -1), Text(e, "status") == "on");
                return;
            case "video.upsert":
                require(_videos.Add(video!), "a video is listed once");
                return;
            case "user.upsert":
                require(Users.Add(user!), "features come before the user's first event");
                return;
        }

        Users.Add(user!);
        if (room is not null)
            FollowInRoom(e, type, time, room, user!, product, require);
        if (product is not null)
            FollowProduct(e, type, room ?? "", user!, product, require);
        if (video is not null)
            require(_videos.Contains(video), "a video is listed before use");
    }

    private void FollowInRoom(
        JsonElement e, string type, long time, string room, string user, string? product, Action<bool, string> require)
    {
        require(_onAir.Contains(room), "events fall into a broadcast");
        if (type == "impression" && product is null)
        {
            RoomImpressionCount++;
            RoomImpressions.Add((user, room));
            return;
        }

        if (type == "enter")
        {
            _roomOfUser[user] = room;
            EnteredMs[user] = time;
            Visits.Add((user, room));
            EntersByRoom[room] = EntersByRoom.GetValueOrDefault(room) + 1;
            EntersByUser[user] = EntersByUser.GetValueOrDefault(user) + 1;
            var channel = Text(e, "channel")!;
            EntersByChannel[channel] = EntersByChannel.GetValueOrDefault(channel) + 1;
            return;
        }

        require(_roomOfUser.GetValueOrDefault(user) == room, "signals come after enter and before leave");
        switch (type)
        {
            case "leave":
                Stays.Add(time - EnteredMs[user]);
                _roomOfUser.Remove(user);
                break;
            case "follow":
                require(_following.Add((user, room)), "a follower does not follow again");
                break;
            case "unfollow":
                _following.Remove((user, room));
                break;
            case "gift":
                GiftAmounts.Add(Number(e, "amount", 0));
                break;
        }
    }

    private void FollowProduct(JsonElement e, string type, string room, string user, string product, Action<bool, string> require)
    {
        require(_products.TryGetValue(product, out var entry), "a product is listed before use");
        switch (type)
        {
            case "impression":
                require(entry.On, "only products on sale are shown");
                ProductImpressions.Add((user, product));
                _funnel.Add((user, product, "impression"));
                return;
            case "click":
                Precede("impression");
                break;
            case "cart":
                Precede("click");
                break;
            case "order":
                Precede("click");
                break;
            case "pay":
                Precede("order");
                break;
            case "refund":
                Precede("pay");
                break;
        }

        if (type is "order" or "pay" or "refund")
            require(Number(e, "amount", -1) == entry.Price * Number(e, "count", 1), "amount is price × count");
        _funnel.Add((user, product, type));
        void Precede(string earlier) => require(_funnel.Contains((user, product, earlier)), $"{type} comes after {earlier}");
    }
}
