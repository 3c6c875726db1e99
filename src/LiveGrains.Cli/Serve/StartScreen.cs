using LiveGrains.Engine;
using LiveGrains.Simulator;
using Spectre.Console;

namespace LiveGrains.Cli.Serve;

/// <summary>What a user sees when the server is up: where it is, what it holds, what to do next.</summary>
public static class StartScreen
{
    /// <summary>Writes it.</summary>
    public static void Write(ToolEnvironment environment, IReadOnlyList<string> urls, EngineOptions options, EngineStatus status, TimeSpan opening, SimulatorOptions? simulation)
    {
        var console = environment.CreateConsole();
        var address = Reachable(urls.Count > 0 ? urls[0] : CommonOptions.DefaultUrl);
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn();
        void Row(string name, string value) => grid.AddRow(new Markup($"  [grey]{name}[/]"), new Markup(value));

        console.WriteLine();
        console.MarkupLine($"  [bold green]●[/] [bold]LiveGrains[/] is ready");
        console.WriteLine();
        Row("Address", $"[bold]{Markup.Escape(string.Join("  ", urls.Select(Reachable)))}[/]");
        Row("Data", options.DataDirectory is { } directory ? Markup.Escape(directory) : "in memory; [yellow]nothing is kept[/] after the end");
        Row("State", Markup.Escape(State(status, opening)));
        Row("Clock", options.Clock == ClockMode.Wall ? "wall" : "event time");
        if (simulation is not null)
        {
            Row("Demo", $"{Words.Count(simulation.Rooms, "room")}, {Words.Count(simulation.Users, "user")}, in real time");
        }
        console.Write(grid);
        console.WriteLine();
        var next = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn();
        next.AddRow(new Markup("  [grey]Dashboard[/]"), new Text(address + "/"));
        next.AddRow(new Markup("  [grey]Watch here[/]"), new Text($"livegrains top --url {address}"));
        next.AddRow(new Markup("  [grey]Send events[/]"), new Text($"livegrains simulate | curl --data-binary @- -H 'Content-Type: application/x-ndjson' {address}/v1/events"));
        next.AddRow(new Markup("  [grey]API[/]"), new Text(address + "/openapi/v1.json"));
        next.AddRow(new Markup("  [grey]Stop[/]"), new Text("Ctrl+C"));
        console.Write(next);
        console.WriteLine();
    }

    private static string State(EngineStatus status, TimeSpan opening)
    {
        var events = status.Shards.Sum(s => s.Accepted);
        if (events == 0) return "empty";
        // Catalog events make the same rooms known in every shard; the highest is closest to the truth.
        var rooms = status.Shards.Max(s => s.Rooms);
        var users = status.Shards.Sum(s => s.Users);
        return $"{Words.Count(events, "event")}, {Words.Count(rooms, "room")}, {Words.Count(users, "user")}; recovered in {Words.Duration(opening)}";
    }

    private static string Reachable(string url) => url.TrimEnd('/')
        .Replace("//0.0.0.0", "//127.0.0.1", StringComparison.Ordinal)
        .Replace("//[::]", "//127.0.0.1", StringComparison.Ordinal)
        .Replace("//*", "//127.0.0.1", StringComparison.Ordinal)
        .Replace("//+", "//127.0.0.1", StringComparison.Ordinal);
}
