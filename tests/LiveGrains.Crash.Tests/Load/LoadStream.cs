using System.Globalization;
using System.Text;
using LiveGrains.Model;

namespace LiveGrains.Crash.Tests;

/// <summary>
/// The events of one connection. What the connections have in common is made so that the numbers do not depend on how their
/// events interleave: all times lie within 80 s, so that nothing is late and no session times out; each connection has rooms
/// and users of its own, which only it feeds; in the room that all feed, the users that all have neither leave nor see a card nor come
/// from a channel, so that they have one session whatever comes first; only the first connection feeds the catalog.
/// </summary>
internal sealed class LoadStream(int connection, ulong seed, bool withSequence)
{
    /// <summary>The room that all connections feed.</summary>
    public const string SharedRoom = "shared";

    private const long FirstMs = 1_700_000_000_000;
    private const long SpanMs = 80_000;
    private static readonly string[] _ownRoomTypes =
    [
        "room.start", "room.update", "room.end", "impression", "click", "enter", "enter", "heartbeat", "heartbeat", "heartbeat", "leave", "like", "like",
        "comment", "comment", "share", "dislike", "report", "follow", "unfollow", "subscribe", "gift", "gift", "cart", "order", "pay", "pay", "refund",
    ];

    private static readonly string[] _sharedRoomTypes =
    [
        "impression", "enter", "heartbeat", "leave", "click", "like", "comment", "share", "dislike", "report", "follow", "unfollow", "subscribe", "gift",
        "cart", "order", "pay", "refund",
    ];

    private static readonly string[] _noRoomTypes = ["impression", "click", "play", "play", "like", "comment", "cart", "order", "pay", "refund", "user.upsert"];
    private readonly SplitMix64 _random = new(seed * 0x9E3779B97F4A7C15 + (ulong)connection);
    private long _number;

    /// <summary>True for users that all connections have.</summary>
    public static bool IsSharedUser(string user) => user.StartsWith("all.", StringComparison.Ordinal);

    /// <summary>The next batch, of 1 to 200 events.</summary>
    public List<byte[]> NextBatch()
    {
        var count = _random.Chance(0.2) ? 1 : _random.Between(2, 200);
        var batch = new List<byte[]>();
        for (var i = 0; i < count; i++) batch.Add(Next());
        return batch;
    }

    private byte[] Next()
    {
        _number++;
        var line = new StringBuilder(256);
        line.Append(CultureInfo.InvariantCulture, $"{{\"id\":\"c{connection}-{_number}\"");
        if (withSequence) line.Append(CultureInfo.InvariantCulture, $",\"source\":\"load-{connection}\",\"seq\":{_number}");
        line.Append(CultureInfo.InvariantCulture, $",\"time\":{FirstMs + _random.Below(SpanMs)}");
        var place = _random.Below(100);
        if (place < 60) AddToRoom(line, _random.Pick(_ownRoomTypes), $"c{connection}.r{_random.Below(2)}");
        else if (place < 85) AddToRoom(line, _random.Pick(_sharedRoomTypes), SharedRoom);
        else AddOutsideRooms(line);
        return Encoding.UTF8.GetBytes(line.Append('}').ToString());
    }

    private void AddToRoom(StringBuilder line, string type, string room)
    {
        var user = _random.Chance(0.3) ? $"all.{_random.Below(40)}" : $"c{connection}.u{_random.Below(60)}";
        var isCommon = room == SharedRoom && IsSharedUser(user);
        if (isCommon && type is "leave" or "impression") type = "enter";
        line.Append($",\"type\":\"{type}\",\"room\":\"{room}\"");
        if (type.StartsWith("room.", StringComparison.Ordinal))
        {
            if (type != "room.end") line.Append(CultureInfo.InvariantCulture, $",\"title\":\"第{_random.Below(9)}场\",\"tags\":[\"t{_random.Below(3)}\"]");
            return;
        }

        line.Append($",\"user\":\"{user}\"");
        if (type is "click" or "cart" or "order" or "pay" or "refund" || (type is "impression" or "like" or "comment" && _random.Chance(0.4)))
            line.Append(CultureInfo.InvariantCulture, $",\"product\":\"p{_random.Below(12)}\"");
        if (!isCommon && _random.Chance(0.4)) line.Append(CultureInfo.InvariantCulture, $",\"channel\":\"ch{_random.Below(4)}\"");
        AddValues(line, type);
    }

    private void AddOutsideRooms(StringBuilder line)
    {
        if (connection == 0 && _random.Chance(0.2))
        {
            var what = _random.Chance(0.7) ? "product" : "video";
            line.Append(CultureInfo.InvariantCulture, $",\"type\":\"{what}.upsert\",\"{what}\":\"{what[0]}{_random.Below(12)}\",\"title\":\"商品 {_random.Below(50)}\",\"price\":{_random.Below(9999)},\"stock\":{_random.Below(5)}");
            return;
        }

        var type = _random.Pick(_noRoomTypes);
        line.Append($",\"type\":\"{type}\"");
        if (type == "user.upsert")
        {
            line.Append(CultureInfo.InvariantCulture, $",\"user\":\"c{connection}.u{_random.Below(60)}\",\"attrs\":{{\"region\":\"上海\",\"age\":\"{_random.Below(80)}\"}}");
            return;
        }

        line.Append(_random.Chance(0.5) ? $",\"user\":\"all.{_random.Below(40)}\"" : $",\"user\":\"c{connection}.u{_random.Below(60)}\"");
        line.Append(type == "play" || (type is "impression" or "click" or "like" or "comment" && _random.Chance(0.3))
            ? $",\"video\":\"v{_random.Below(12)}\""
            : $",\"product\":\"p{_random.Below(12)}\"");
        AddValues(line, type);
    }

    private void AddValues(StringBuilder line, string type)
    {
        if (type is "subscribe" or "gift" or "order" or "pay" or "refund")
        {
            line.Append(CultureInfo.InvariantCulture, $",\"amount\":{_random.Below(100_000)}");
            if (_random.Chance(0.1)) line.Append(",\"currency\":\"USD\"");
        }

        if (type == "play") line.Append(CultureInfo.InvariantCulture, $",\"ms\":{_random.Below(600_000)}");
        if (_random.Chance(0.2)) line.Append(CultureInfo.InvariantCulture, $",\"count\":{_random.Between(1, 20)}");
        if (type is "comment" or "report") line.Append(",\"text\":\"好看！ 👍\"");
    }
}
