using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace LiveGrains.Cli.Top;

/// <summary>Draws a <see cref="TopView"/> into a given number of columns and lines. Pure.</summary>
public static class TopScreen
{
    /// <summary>Lines that are not rooms.</summary>
    public const int FrameLines = 8;

    private const int NarrowTrend = 12;

    /// <summary>Rooms that fit.</summary>
    public static int RoomsThatFit(int lines) => Math.Clamp(lines - FrameLines, 1, 200);

    /// <summary>Draws.</summary>
    public static IRenderable Draw(TopView view, int columns, int lines, DateTimeOffset now)
    {
        columns = Math.Max(columns, 60);
        var rows = new List<IRenderable> { Title(view, columns, now), Rule(columns) };
        if (view.Snapshot is not { } snapshot)
        {
            rows.Add(new Text(""));
            rows.Add(new Markup(view.Trouble is null ? "  [grey]Connecting …[/]" : "  [grey]Waiting for the server; it will appear here.[/]"));
            rows.Add(new Text(""));
            rows.Add(Footer(view, columns));
            return new Rows(rows);
        }
        rows.AddRange(Tiles(view, snapshot, columns));
        rows.Add(Rule(columns));
        rows.AddRange(RoomLines(view, snapshot, columns, RoomsThatFit(lines)));
        rows.Add(Rule(columns));
        rows.Add(Footer(view, columns));
        return new Rows(rows);
    }

    private static Markup Title(TopView view, int columns, DateTimeOffset now)
    {
        var clock = now.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        var state = view.Trouble is null ? view.Snapshot is null ? "" : "● live" : "○ away";
        var colour = view.Trouble is null ? "green" : "red";
        var right = $"{state}  {clock} ";
        var server = Cells.Left(view.Server, Math.Max(columns - Cells.Width(right) - 14, 0));
        return new Markup($" [bold]LiveGrains[/]  [grey]{Markup.Escape(server)}[/] [{colour}]{state}[/]  [grey]{clock}[/] ");
    }

    private static Markup Rule(int columns) => new($"[grey35]{new string('─', columns)}[/]");

    private static IEnumerable<IRenderable> Tiles(TopView view, TopSnapshot snapshot, int columns)
    {
        var overview = snapshot.Overview;
        var engine = snapshot.Engine;
        var cell = (columns - 1) / 4;
        yield return new Markup(" "
            + Tile("events/s", Words.Short(overview.EventsPerSecond), "bold cyan", cell, view.Rates)
            + Tile("online", Words.Short(overview.Online), "bold", cell)
            + Tile("on air", $"{Words.Short(overview.RoomsLive)} of {Words.Short(overview.Rooms)}", "bold", cell)
            + Tile("gmv", Words.ShortMoney(overview.Gmv), "bold green", cell));
        yield return new Markup(" "
            + Tile("refused", engine.Refused is { } refused ? Words.Short(refused) : "–", engine.Refused > 0 ? "bold yellow" : "bold", cell)
            + Tile("log sync", engine.SyncMicroseconds is { } sync ? Words.Microseconds(sync) : "–", "bold", cell)
            + Tile("queue", engine.QueueBytes is { } queue ? Words.Bytes(queue) : "–", engine.QueueBytes > 8 << 20 ? "bold yellow" : "bold", cell)
            + Tile("users", Words.Short(overview.Users), "bold", cell));
    }

    private static string Tile(string name, string value, string style, int cells, IReadOnlyList<double>? trend = null)
    {
        var text = $"[grey]{Cells.Left(name, 9)}[/][{style}]{Markup.Escape(Cells.Cut(value, cells - 10))}[/]";
        var left = cells - 9 - Math.Min(Cells.Width(value), cells - 10);
        if (trend is { Count: > 1 } && left >= 5)
        {
            return text + $" [cyan]{Cells.Sparkline(trend, left - 3)}[/]  ";
        }
        return text + new string(' ', Math.Max(left, 0));
    }

    private static IEnumerable<IRenderable> RoomLines(TopView view, TopSnapshot snapshot, int columns, int fit)
    {
        var wide = columns >= 110;
        // Beside the names: heat, online, views, interactions, gmv, and the line; one space before each.
        var numbers = 8 + 8 + 8 + 9 + 9 + (wide ? 9 : 0);
        var trend = wide ? Math.Min((columns - numbers) / 3, 40) : NarrowTrend;
        var names = columns - 2 - numbers - trend - 2;
        var id = wide ? Math.Min(names / 3, 24) : names;
        var header = Mark("heat", RoomSort.Heat, 8) + Mark("online", RoomSort.Online, 8) + (wide ? Plain("peak", 9) : "")
            + Mark("views", RoomSort.Views, 8) + Mark("interact", RoomSort.Interactions, 9) + Mark("gmv", RoomSort.Gmv, 9);
        var minutes = view.GmvByMinute.Count == 0 ? "" : $"gmv, {trend} min";
        yield return new Markup($" [grey]{Cells.Left(wide ? Cells.Left("room", id) + " title" : "room", names)}[/]{header}  [grey]{Cells.Left(minutes, trend)}[/]");
        var drawn = 0;
        foreach (var room in snapshot.Rooms.Rooms.Take(fit))
        {
            drawn++;
            var name = wide
                ? $"[bold]{Markup.Escape(Cells.Left(room.Room, id))}[/] [grey]{Markup.Escape(Cells.Left(room.Title ?? "", names - id - 1))}[/]"
                : NarrowName(room, names);
            var line = view.GmvByMinute.TryGetValue(room.Room, out var values) ? Cells.Sparkline(values, trend) : "";
            yield return new Markup(
                $" {name}[orange1]{Cells.Right(Words.Short(room.Heat), 8)}[/]{Cells.Right(Words.Short(room.Online), 8)}"
                + (wide ? Cells.Right(Words.Short(room.PeakOnline), 9) : "")
                + $"{Cells.Right(Words.Short(room.Views), 8)}{Cells.Right(Words.Short(room.Interactions), 9)}"
                + $"[green]{Cells.Right(Words.ShortMoney(room.Gmv), 9)}[/]  [green]{line}[/]");
        }
        if (drawn == 0)
        {
            drawn++;
            yield return new Markup("  [grey]No room is on air.[/]");
        }
        for (; drawn < fit; drawn++) yield return new Text("");

        string Mark(string name, RoomSort sort, int cells) =>
            view.Sort == sort ? $"[bold]{Cells.Right(name + "▾", cells)}[/]" : Plain(name, cells);
        string Plain(string name, int cells) => $"[grey]{Cells.Right(name, cells)}[/]";
    }

    private static string NarrowName(RoomListRow room, int cells)
    {
        var id = Cells.Cut(room.Room, cells);
        var left = cells - Cells.Width(id) - 1;
        return left < 4 || string.IsNullOrEmpty(room.Title)
            ? $"[bold]{Markup.Escape(Cells.Left(id, cells))}[/]"
            : $"[bold]{Markup.Escape(id)}[/] [grey]{Markup.Escape(Cells.Left(room.Title, left))}[/]";
    }

    private static Markup Footer(TopView view, int columns)
    {
        if (view.Trouble is { } trouble)
        {
            return new Markup($" [red]{Markup.Escape(Cells.Cut("The server is away; trying again. " + trouble, columns - 10))}[/]  [bold]q[/] [grey]quit[/]");
        }
        var sort = view.Sort == RoomSort.StartedAt ? "newest" : view.Sort.ToString().ToLowerInvariant();
        var total = view.Snapshot?.Rooms.Total ?? 0;
        return new Markup($" [bold]q[/] [grey]quit[/]   [bold]s[/] [grey]sort: {sort}[/]   [bold]← →[/] [grey]page {view.Page + 1}[/]   [grey]{Words.Count(total, "room")} on air[/]");
    }
}
