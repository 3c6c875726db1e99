using Spectre.Console;

namespace LiveGrains.Cli.Replay;

/// <summary>The result of a replay: totals, first refusals, top rooms and products.</summary>
public static class ReplayReport
{
    /// <summary>Rooms that are looked through for products; a room names at most some hundreds.</summary>
    private const int RoomsSearchedForProducts = 200;

    /// <summary>Reads the metrics, writes the result and returns the exit code: 1 when no event at all was good.</summary>
    public static async Task<int> WriteAsync(
        ToolEnvironment environment, ReplaySettings settings, ReplayTotals totals, TimeSpan elapsed, IMetricsReader reader, CancellationToken cancellationToken)
    {
        var rooms = new List<RoomMetrics>();
        var products = new List<ItemMetrics>();
        if (settings.Top > 0) await CollectAsync(settings.Top, reader, rooms, products, cancellationToken).ConfigureAwait(false);

        if (settings.Format == OutputFormat.Json)
        {
            JsonText.Write(environment.Out, new ReplayResult
            {
                Files = settings.Files,
                Target = settings.Url?.ToString() ?? settings.Engine.DataDirectory ?? "memory",
                Events = totals.Events,
                Accepted = totals.Accepted,
                Duplicates = totals.Duplicates,
                Rejected = totals.Rejected,
                RejectedByCode = totals.RejectedByCode,
                Errors = totals.Errors,
                Requests = totals.Requests,
                Retries = totals.Retries,
                Seconds = elapsed.TotalSeconds,
                EventsPerSecond = Rate(totals, elapsed),
                Rooms = rooms,
                Products = products,
            });
        }
        else
        {
            WriteText(environment.CreateConsole(), totals, elapsed, rooms, products);
        }
        return totals.Rejected > 0 && totals.Accepted + totals.Duplicates == 0 ? ExitCodes.Failed : ExitCodes.Done;
    }

    private static async Task CollectAsync(int top, IMetricsReader reader, List<RoomMetrics> rooms, List<ItemMetrics> products, CancellationToken cancellationToken)
    {
        var page = await reader.ListRoomsAsync(new RoomListQuery(null, RoomSort.Views, Math.Max(top, RoomsSearchedForProducts)), cancellationToken).ConfigureAwait(false);
        var sums = new Dictionary<string, (long Gmv, long Clicks)>(StringComparer.Ordinal);
        for (var i = 0; i < page.Rooms.Count; i++)
        {
            var id = page.Rooms[i].Room;
            if (i < top && await reader.GetRoomAsync(id, cancellationToken).ConfigureAwait(false) is { } room) rooms.Add(room);
            if (await reader.GetRoomProductsAsync(id, cancellationToken).ConfigureAwait(false) is not { } items) continue;
            foreach (var item in items.Products)
            {
                if (item.Product is not { } product) continue;
                var sum = sums.GetValueOrDefault(product);
                sums[product] = (sum.Gmv + item.Gmv, sum.Clicks + item.Clicks);
            }
        }
        var best = sums.OrderByDescending(p => p.Value.Gmv).ThenByDescending(p => p.Value.Clicks).ThenBy(p => p.Key, StringComparer.Ordinal).Take(top);
        foreach (var (id, _) in best)
        {
            if (await reader.GetProductAsync(id, cancellationToken).ConfigureAwait(false) is { } product) products.Add(product);
        }
    }

    private static void WriteText(IAnsiConsole console, ReplayTotals totals, TimeSpan elapsed, List<RoomMetrics> rooms, List<ItemMetrics> products)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn(new GridColumn().RightAligned().NoWrap()).AddColumn();
        void Row(string name, long value, string style, string note) =>
            grid.AddRow(new Text(name), new Text(Words.Whole(value), value > 0 ? Style.Parse(style) : Style.Plain), new Text(note, new Style(Color.Grey)));
        Row("accepted", totals.Accepted, "green", $"in {Words.Duration(elapsed)}, {Words.Short(Rate(totals, elapsed))} events/s");
        Row("duplicates", totals.Duplicates, "yellow", "");
        Row("rejected", totals.Rejected, "red", string.Join(", ", totals.RejectedByCode.Select(c => $"{c.Key} {Words.Whole(c.Value)}")));
        if (totals.Retries > 0) Row("retries", totals.Retries, "yellow", "requests that were sent again");
        console.Write(grid);

        foreach (var error in totals.Errors)
        {
            console.MarkupLine($"  [red]{Markup.Escape($"{error.Input}:{error.Line}")}[/] {Markup.Escape($"{error.Code}{(error.Id is null ? "" : $" (id {error.Id})")}: {error.Message}")}");
        }
        var unnamed = totals.Rejected - totals.Errors.Count;
        if (unnamed > 0) console.MarkupLine($"  [grey]… and {Words.Whole(unnamed)} more[/]");
        if (rooms.Count > 0) console.Write(RoomTable(rooms));
        if (products.Count > 0) console.Write(ProductTable(products));
    }

    private static Table RoomTable(List<RoomMetrics> rooms)
    {
        var table = CreateTable("Rooms", "views", "viewers", "peak", "watched", "interactions", "gifts", "pays", "gmv");
        foreach (var room in rooms)
        {
            table.AddRow(
                Name(room.Room, room.Title), Words.Whole(room.Views), Words.Whole(room.Viewers) + (room.Approximate ? "~" : ""), Words.Whole(room.PeakOnline),
                Words.Duration(TimeSpan.FromSeconds(room.WatchSeconds)), Words.Whole(room.Interactions), Words.Money(room.Gifts.Amount ?? 0),
                Words.Whole(room.Products.Pays.Count), Words.Money(room.Gmv));
        }
        return table;
    }

    private static Table ProductTable(List<ItemMetrics> products)
    {
        var table = CreateTable("Products", "impressions", "clicks", "carts", "orders", "pays", "refunds", "gmv", "net");
        foreach (var product in products)
        {
            table.AddRow(
                Name(product.Product ?? "", product.Title), Words.Whole(product.Impressions.Count), Words.Whole(product.Clicks.Count),
                Words.Whole(product.Carts.Count), Words.Whole(product.Orders.Count), Words.Whole(product.Pays.Count), Words.Whole(product.Refunds.Count),
                Words.Money(product.Gmv), Words.Money(product.NetGmv));
        }
        return table;
    }

    private static Table CreateTable(string first, params ReadOnlySpan<string> numbers)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn($"[bold]{first}[/]"));
        foreach (var name in numbers) table.AddColumn(new TableColumn($"[grey]{name}[/]").RightAligned().NoWrap());
        return table;
    }

    private static string Name(string id, string? title) =>
        Markup.Escape(id) + (string.IsNullOrEmpty(title) ? "" : $" [grey]{Markup.Escape(Words.Cut(title, 24))}[/]");

    private static double Rate(ReplayTotals totals, TimeSpan elapsed) => totals.Events / Math.Max(elapsed.TotalSeconds, 0.001);
}
