using System.CommandLine;
using LiveGrains.Engine;
using LiveGrains.Engine.Cluster;
using LiveGrains.Postgres;
using LiveGrains.Server;
using LiveGrains.Simulator;
using Microsoft.AspNetCore.Builder;

namespace LiveGrains.Cli.Serve;

/// <summary>`livegrains serve`: one engine and its HTTP server, until a signal ends them in order.</summary>
public static class ServeCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(ToolEnvironment environment)
    {
        var data = new Option<string?>("--data") { Description = "Data directory, made when it is not there (default ./data; with --demo: in memory).", HelpName = "DIR" };
        var postgres = new Option<string?>("--postgres")
        {
            Description = "Keep the data in a PostgreSQL database instead; a connection string of Npgsql. It is a secret: better in the variable LIVEGRAINS_POSTGRES, which counts without --data and --demo.",
            HelpName = "CONNECTION",
        };
        var urls = new Option<string[]>("--urls")
        {
            Description = "Addresses to listen at.",
            HelpName = "URL",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [CommonOptions.DefaultUrl],
        };
        var demo = new Option<bool>("--demo") { Description = "Feed a simulated platform in real time." };
        var demoRooms = CommonOptions.Whole("--demo-rooms", "Rooms of the demo.", 24, 1, 100_000);
        var demoUsers = CommonOptions.Whole("--demo-users", "Users of the demo.", 5_000, 1, 10_000_000);
        var demoProducts = CommonOptions.Whole("--demo-products", "Products of the demo; 0: ten a room.", 0, 0, 1_000_000);
        var subscribers = CommonOptions.Whole("--max-subscribers", "Connections subscribed to live changes at once.", 10_000, 1, 1_000_000);
        var watched = CommonOptions.Whole("--max-watched-rooms", "Rooms watched by them at once.", 500, 1, 100_000);
        var impressionLog = new Option<string?>("--impression-log") { Description = "Write what was shown under a policy of traffic, with its propensity, as CSV for evaluate bandit (default: nowhere).", HelpName = "FILE" };
        var impressionLogSize = CommonOptions.Whole("--impression-log-mb", "Size at which that file becomes FILE.1 and a new one begins, MiB.", 1024, 1, 1 << 20);
        var settings = new EngineSettings(ClockMode.Wall);
        var silo = new SiloSettings(settings, postgres, data);

        var command = new Command("serve", "Runs the engine and its HTTP server.") { data, postgres, urls };
        settings.AddBasicsTo(command);
        silo.AddTo(command);
        foreach (var option in (Option[])[demo, demoRooms, demoUsers, demoProducts, subscribers, watched, impressionLog, impressionLogSize]) command.Options.Add(option);
        settings.AddLimitsTo(command);
        urls.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.SelectMany(t => Split(t.Value)).Where(u => !IsListenAddress(u)))
            {
                result.AddError($"--urls takes addresses such as http://0.0.0.0:5080, not '{token}'.");
            }
        });
        command.Validators.Add(result =>
        {
            if (result.GetResult(data) is not null && result.GetResult(postgres) is not null) result.AddError("--data and --postgres exclude each other.");
        });
        command.SetAction((parsed, cancellationToken) =>
        {
            var isDemo = parsed.GetValue(demo);
            var cluster = silo.Read(parsed, environment);
            var connection = cluster?.PostgresConnection ?? parsed.GetValue(postgres) ?? (isDemo || parsed.GetValue(data) is not null ? null : environment.PostgresConnection);
            var directory = connection is not null ? null : parsed.GetValue(data) ?? (isDemo ? null : "./data");
            var options = settings.Read(parsed, directory is null ? null : Path.GetFullPath(directory)) with
            {
                Store = connection is null ? null : new PostgresStore(connection),
            };
            if (cluster != null) options = silo.Read(parsed, options);
            var simulation = isDemo
                ? new SimulatorOptions
                {
                    Rooms = parsed.GetValue(demoRooms),
                    Users = parsed.GetValue(demoUsers),
                    Products = parsed.GetValue(demoProducts),
                }
                : null;
            var readers = parsed.GetValue(subscribers);
            var server = new ServerOptions
            {
                Urls = parsed.GetValue(urls)!.SelectMany(Split).ToArray(),
                MaxSubscribers = readers,
                // As many again for everything else.
                MaxConnections = Math.Max(new ServerOptions().MaxConnections, 2 * readers),
                MaxWatched = parsed.GetValue(watched),
            };
            return RunAsync(environment, options, cluster, server, simulation, parsed.GetValue(impressionLog), (long)parsed.GetValue(impressionLogSize) << 20, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        ToolEnvironment environment, EngineOptions options, ClusterOptions? cluster, ServerOptions server, SimulatorOptions? simulation, string? impressionLog, long impressionLogBytes, CancellationToken stop)
    {
        await using var impressions = impressionLog is null ? null : new CsvImpressionLog(impressionLog, impressionLogBytes, environment.Error);
        if (impressions is not null) options = options with { ImpressionLog = impressions };
        var started = environment.Time.GetTimestamp();
        using var failures = new FailureNotes(environment.Error, environment.Time);
        using var telemetry = Telemetry.Start(environment.Variable);
        ILiveGrains engine;
        try
        {
            engine = cluster is null
                ? await environment.OpenEngine(options, environment.Time, stop).ConfigureAwait(false)
                : await environment.JoinCluster!(options, cluster, environment.Time, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return StoppedEarly(environment);
        }

        try
        {
            var opening = environment.Time.GetElapsedTime(started);
            await using var app = LiveGrainsServer.Build(engine, server);
            try
            {
                await StartAsync(app, server.Urls, stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return StoppedEarly(environment);
            }

            foreach (var note in (engine as LiveGrainsEngine)?.RecoveryNotes ?? []) environment.Error.WriteLine($"Note: {note}.");
            StartScreen.Write(environment, app.Urls.ToArray(), options, cluster, engine.GetStatus(), opening, simulation);

            using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop, app.Lifetime.ApplicationStopping);
            var feed = simulation is null
                ? Task.CompletedTask
                : new DemoFeed(engine, environment.Time, simulation, environment.Error).RunAsync(ending.Token);
            await Task.WhenAny(Task.Delay(Timeout.InfiniteTimeSpan, ending.Token)).ConfigureAwait(false);

            environment.Error.WriteLine("Stopping: no new requests; finishing those under way …");
            await feed.ConfigureAwait(false);
            await app.StopAsync(CancellationToken.None).ConfigureAwait(false);
            // The last export reads the engine, which ends next.
            telemetry?.Dispose();
        }
        finally
        {
            if (engine is IAsyncDisposable owned) await owned.DisposeAsync().ConfigureAwait(false);
        }
        environment.Error.WriteLine(options switch
        {
            { Store: not null } => "Stopped; everything is in the database.",
            { DataDirectory: not null } => "Stopped; everything is on disk.",
            _ => "Stopped.",
        });
        return ExitCodes.Done;
    }

    // A recovery may take minutes, and whoever ends the process meanwhile wanted just that.
    private static int StoppedEarly(ToolEnvironment environment)
    {
        environment.Error.WriteLine("Stopped before it was ready.");
        return ExitCodes.Done;
    }

    private static async Task StartAsync(WebApplication app, IReadOnlyList<string> urls, CancellationToken stop)
    {
        try
        {
            await app.StartAsync(stop).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException or InvalidOperationException or FormatException)
        {
            throw new LiveGrainsException(ErrorCode.AddressInUse, $"{string.Join(", ", urls)}: {exception.Message}", exception);
        }
    }

    private static string[] Split(string urls) => urls.Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    // Kestrel takes http://*:5080 and http://+:5080, which are no URIs.
    private static bool IsListenAddress(string url) =>
        Uri.TryCreate(url.Replace("//*", "//0.0.0.0", StringComparison.Ordinal).Replace("//+", "//0.0.0.0", StringComparison.Ordinal), UriKind.Absolute, out var uri)
        && uri.Scheme is ("http" or "https");
}
