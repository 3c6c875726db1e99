using System.Buffers.Text;
using System.Globalization;
using System.Text;
using LiveGrains.Core;

namespace LiveGrains.Engine.Queries;

/// <summary>Where a page of rooms begins: behind a value and an id. Opaque to users.</summary>
internal sealed record RoomCursor(double Value, string Room)
{
    /// <summary>The cursor of a text, or null for null; throws <see cref="ErrorCode.InvalidParameter"/>.</summary>
    public static RoomCursor? Parse(string? text, RoomSort sort)
    {
        if (text == null) return null;
        try
        {
            var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split('|', 3);
            if (parts.Length == 3 && parts[0] == sort.ToString())
                return new RoomCursor(BitConverter.Int64BitsToDouble(long.Parse(parts[1], CultureInfo.InvariantCulture)), parts[2]);
        }
        catch (FormatException)
        {
            // Said below.
        }

        throw new LiveGrainsException(ErrorCode.InvalidParameter, "cursor is not one of this list; begin without it.");
    }

    /// <summary>The text of the cursor.</summary>
    public string Format(RoomSort sort) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{sort}|{BitConverter.DoubleToInt64Bits(Value)}|{Room}")));
}

/// <summary>Lists of rooms: each shard gives its best, the engine merges.</summary>
internal static unsafe class RoomLists
{
    /// <summary>A shard's part of a page.</summary>
    internal sealed record Part(long Total, bool HasMore, List<(double Value, RoomListRow Row)> Rows, DateTimeOffset AsOf);

    /// <summary>Throws <see cref="ErrorCode.InvalidParameter"/> for what is out of range; the cursor is parsed by who reads.</summary>
    public static void Check(RoomListQuery query)
    {
        if (query.Limit is < 1 or > 200) throw new LiveGrainsException(ErrorCode.InvalidParameter, "limit must be from 1 to 200.");
        if (query.Window is { } window && !Array.Exists(AnswerValues.Windows, w => w.Name == window))
            throw new LiveGrainsException(ErrorCode.InvalidParameter, $"window must be one of {string.Join(", ", AnswerValues.Windows.Select(w => w.Name))}.");
    }

    public static Part Read(ShardState state, RoomListQuery query, RoomCursor? cursor)
    {
        var cursorKey = cursor == null ? null : Encoding.UTF8.GetBytes(cursor.Room);
        // The worst of the page on top, so that a better room replaces it.
        var best = new PriorityQueue<uint, (double Value, uint Room)>(Comparer<(double Value, uint Room)>.Create((a, b) => -Order(state, a.Value, a.Room, b.Value, b.Room)));
        long total = 0, behind = 0;
        for (uint number = 1; number <= state.Rooms.Rows.High; number++)
        {
            var flags = state.RoomAt(number)->Flags;
            if ((flags & RoomFlags.Owned) == 0 || (query.Live is { } live && live != ((flags & RoomFlags.Live) != 0))) continue;
            total++;
            var value = RoomAnswers.SortValue(state, number, query.Sort);
            if (cursor != null && !IsBehind(value, state.Rooms.Key(number), cursor.Value, cursorKey)) continue;
            behind++;
            if (best.Count < query.Limit) best.Enqueue(number, (value, number));
            else best.EnqueueDequeue(number, (value, number));
        }

        var rows = new List<(double, RoomListRow)>();
        while (best.TryDequeue(out var number, out var priority)) rows.Add((priority.Value, RoomAnswers.Row(state, number, query.Window)));
        rows.Reverse();
        return new Part(total, behind > rows.Count, rows, AnswerValues.Time(state.ClockMs));
    }

    public static RoomListPage Merge(IReadOnlyList<Part> parts, RoomListQuery query)
    {
        var all = parts.SelectMany(p => p.Rows).OrderByDescending(r => r.Value).ThenBy(r => r.Row.Room, StringComparer.Ordinal).ToList();
        var rows = all.Take(query.Limit).ToList();
        var more = all.Count > rows.Count || parts.Any(p => p.HasMore);
        var next = more && rows.Count > 0 ? new RoomCursor(rows[^1].Value, rows[^1].Row.Room).Format(query.Sort) : null;
        return new RoomListPage([.. rows.Select(r => r.Row)], parts.Sum(p => p.Total), next, parts.Max(p => p.AsOf));
    }

    // Higher values first, then ids.
    private static int Order(ShardState state, double a, uint roomA, double b, uint roomB)
    {
        var order = b.CompareTo(a);
        return order != 0 ? order : state.Rooms.Key(roomA).SequenceCompareTo(state.Rooms.Key(roomB));
    }

    private static bool IsBehind(double value, ReadOnlySpan<byte> key, double cursorValue, ReadOnlySpan<byte> cursorKey) =>
        value < cursorValue || (value == cursorValue && key.SequenceCompareTo(cursorKey) > 0);
}
