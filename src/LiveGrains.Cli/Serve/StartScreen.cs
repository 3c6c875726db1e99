using LiveGrains.Engine;
using LiveGrains.Engine.Cluster;
using LiveGrains.Simulator;
using Spectre.Console;

namespace LiveGrains.Cli.Serve;

/// <summary>What a user sees when the server is up: where it is, what it holds, what to do next.</summary>
public static class StartScreen
{
    /// <summary>Writes it.</summary>
    public static void Write(ToolEnvironment environment, IReadOnlyList<string> urls, EngineOptions options, ClusterOptions? cluster, EngineStatus status, TimeSpan opening, SimulatorOptions? simulation)
    {
        var console = environment.CreateConsole();
        var address = Reachable(urls.Count > 0 ? urls[0] : CommonOptions.DefaultUrl);
        void Row(string name, string markup) => console.MarkupLine($"  [grey]{name.PadRight(12)}[/]{markup}");

        console.WriteLine();
        console.MarkupLine("  [bold green]●[/] [bold]LiveGrains[/] is ready");
        console.WriteLine();
        Row("Address", $"[bold]{Markup.Escape(string.Join("  ", urls.Select(Reachable)))}[/]");
        Row("Data", options.Store is { } store ? Markup.Escape(store.Description) : options.DataDirectory is { } directory ? Markup.Escape(directory) : "in memory; [yellow]nothing is kept[/] after the end");
        if (cluster is not null) Row("Cluster", Markup.Escape($"{cluster.Name}, {Words.Count(options.Shards, "shard")}, of which this silo has {status.Shards.Count} now; silo at {cluster.Address}:{cluster.SiloPort}"));
        Row("State", Markup.Escape(State(status, opening)));
        Row("Clock", options.Clock == ClockMode.Wall ? "wall" : "event time");
        if (simulation is not null)
        {
            Row("Demo", $"{Words.Count(simulation.Rooms, "room")}, {Words.Count(simulation.Users, "user")}, in real time");
        }
        console.WriteLine();
        Row("Dashboard", Markup.Escape(address + "/"));
        Row("Watch here", Markup.Escape($"livegrains top --url {address}"));
        if (simulation is null) Row("Try it", Markup.Escape($"livegrains simulate --speed 1 --url {address}"));
        Row("API", Markup.Escape(address + "/openapi/v1.json"));
        Row("Stop", "Ctrl+C");
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
