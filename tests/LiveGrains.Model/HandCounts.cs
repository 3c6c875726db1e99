using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace LiveGrains.Model;

/// <summary>
/// A count of a data file that knows no rule but adding up: no duplicates, no lateness, no second broadcast. Right for
/// files that have none of these and whose times never go back, which <see cref="IsInOrder"/> and <see cref="Ids"/> tell.
/// </summary>
public sealed class HandCounts
{
    private const long SessionGapMs = 90_000;
    private readonly Dictionary<(string Room, string User), long> _lastSignal = [];

    /// <summary>Events by type.</summary>
    public Dictionary<string, long> Events { get; } = [];
    /// <summary>Sum of `count` by type.</summary>
    public Dictionary<string, long> Counts { get; } = [];
    /// <summary>Sum of `count` by room and type.</summary>
    public Dictionary<(string Room, string Type), long> RoomCounts { get; } = [];
    /// <summary>Distinct users by room and type.</summary>
    public Dictionary<(string Room, string Type), HashSet<string>> RoomUsers { get; } = [];
    /// <summary>Sum of `amount` by room and type.</summary>
    public Dictionary<(string Room, string Type), long> RoomAmounts { get; } = [];
    /// <summary>Distinct users by room, of all types but `impression`.</summary>
    public Dictionary<string, HashSet<string>> Viewers { get; } = [];
    /// <summary>Sessions by room: a user's signals with no gap longer than 90 s.</summary>
    public Dictionary<string, long> Views { get; } = [];
    /// <summary>Watched milliseconds by room: the sum of the gaps within sessions.</summary>
    public Dictionary<string, long> WatchMs { get; } = [];
    /// <summary>Comments by room and 10-s bucket (its number since 1970).</summary>
    public Dictionary<(string Room, long Bucket), long> CommentBuckets { get; } = [];
    /// <summary>Sum of `count` by product and type.</summary>
    public Dictionary<(string Product, string Type), long> ProductCounts { get; } = [];
    /// <summary>Distinct users by product and type.</summary>
    public Dictionary<(string Product, string Type), HashSet<string>> ProductUsers { get; } = [];
    /// <summary>Sum of `count` by user and type.</summary>
    public Dictionary<(string User, string Type), long> UserCounts { get; } = [];
    /// <summary>Distinct users, rooms and products.</summary>
    public HashSet<string> Users { get; } = [];
    /// <summary>Rooms.</summary>
    public HashSet<string> Rooms { get; } = [];
    /// <summary>Products.</summary>
    public HashSet<string> Products { get; } = [];
    /// <summary>Distinct ids.</summary>
    public HashSet<string> Ids { get; } = [];
    /// <summary>Lines.</summary>
    public long Lines { get; private set; }
    /// <summary>Sum of all amounts.</summary>
    public long Amount { get; private set; }
    /// <summary>The highest time.</summary>
    public long LatestMs { get; private set; }
    /// <summary>No time is before the one above it.</summary>
    public bool IsInOrder { get; private set; } = true;

    /// <summary>The lines of a gzipped NDJSON file.</summary>
    public static IEnumerable<byte[]> ReadLines(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress), Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0)
                yield return Encoding.UTF8.GetBytes(line);
        }
    }

    /// <summary>Counts a gzipped NDJSON file.</summary>
    public static HandCounts OfFile(string path)
    {
        var counts = new HandCounts();
        foreach (var line in ReadLines(path))
        {
            using var json = JsonDocument.Parse(line);
            counts.Add(json.RootElement);
        }

        return counts;
    }

    private void Add(JsonElement e)
    {
        string? Text(string name) => e.TryGetProperty(name, out var value) ? value.GetString() : null;
        long? Number(string name) => e.TryGetProperty(name, out var value) ? value.GetInt64() : null;

        var type = Text("type")!;
        var time = Number("time")!.Value;
        var count = Number("count") ?? 1;
        var user = Text("user");
        Lines++;
        Ids.Add(Text("source") + "/" + Text("id"));
        IsInOrder &= time >= LatestMs;
        LatestMs = Math.Max(LatestMs, time);
        Amount += Number("amount") ?? 0;
        Plus(Events, type, 1);
        Plus(Counts, type, count);
        if (user != null)
        {
            Users.Add(user);
            Plus(UserCounts, (user, type), count);
        }

        if (Text("product") is { } product)
        {
            Products.Add(product);
            Plus(ProductCounts, (product, type), count);
            if (user != null)
                Include(ProductUsers, (product, type), user);
        }

        if (Text("room") is { } room)
            AddInRoom(room, type, user, time, count, Number("amount") ?? 0);
    }

    private void AddInRoom(string room, string type, string? user, long time, long count, long amount)
    {
        Rooms.Add(room);
        Plus(RoomCounts, (room, type), count);
        Plus(RoomAmounts, (room, type), amount);
        if (type == "comment")
            Plus(CommentBuckets, (room, time / 10_000), count);
        if (user == null)
            return;
        Include(RoomUsers, (room, type), user);
        if (type == "impression")
            return;
        Include(Viewers, room, user);
        if (_lastSignal.TryGetValue((room, user), out var last) && time - last <= SessionGapMs)
            Plus(WatchMs, room, time - last);
        else
            Plus(Views, room, 1);
        _lastSignal[(room, user)] = time;
    }

    private static void Plus<TKey>(Dictionary<TKey, long> sums, TKey key, long value)
        where TKey : notnull => sums[key] = sums.GetValueOrDefault(key) + value;

    private static void Include<TKey>(Dictionary<TKey, HashSet<string>> sets, TKey key, string user)
        where TKey : notnull
    {
        if (!sets.TryGetValue(key, out var set))
            sets.Add(key, set = []);
        set.Add(user);
    }
}
