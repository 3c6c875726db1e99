using System.CommandLine;
using System.Globalization;
using LiveGrains.Engine;

namespace LiveGrains.Cli.Replay;

/// <summary>`livegrains replay`: events from files into an engine or a server, and what came of them.</summary>
public static class ReplayCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(ToolEnvironment environment)
    {
        var files = new Argument<string[]>("FILE") { Description = "NDJSON, plain or gzip, in this order; - is standard input.", Arity = ArgumentArity.OneOrMore };
        var data = new Option<string?>("--data") { Description = "Data directory of an embedded engine (default: in memory).", HelpName = "DIR" };
        var url = CommonOptions.Url("A server to send to, instead of an embedded engine.");
        var speed = new Option<double?>("--speed")
        {
            Description = "max, or how much faster than event time (1: as it happened, 60: an hour in a minute).",
            HelpName = "max|N",
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (text == "max") return null;
                if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is > 0 and <= 1e6) return value;
                result.AddError($"--speed must be max or a number above 0 and up to 1000000, not '{text}'.");
                return null;
            },
        };
        var batch = CommonOptions.Whole("--batch", "Events of a request.", 1_000, 1, 10_000);
        var inFlight = CommonOptions.Whole("--in-flight", "Requests to a server under way at a time; above 1, batches may overtake each other (those whose order matters do not).", 1, 1, 64);
        var retryFor = CommonOptions.Whole("--retry-for", "Seconds for which a request to a server is tried again.", 60, 0, 86_400);
        var top = CommonOptions.Whole("--top", "Rooms and products to show.", 20, 0, 200);
        var format = CommonOptions.Format();
        var settings = new EngineSettings(ClockMode.Event);

        var command = new Command("replay", "Replays event files into an embedded engine or a server, and shows the totals.") { files, data, url, speed, batch, inFlight, retryFor, top, format };
        settings.AddBasicsTo(command);
        settings.AddLimitsTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(url) is not null && result.GetResult(data) is not null) result.AddError("--data and --url exclude each other.");
            if (result.GetResult(files) is { } given && given.Tokens.Count(t => t.Value == "-") > 1) result.AddError("Standard input (-) can be given once.");
        });
        command.SetAction((parsed, cancellationToken) =>
        {
            var directory = parsed.GetValue(data);
            return RunAsync(environment, new ReplaySettings
            {
                Files = parsed.GetValue(files)!,
                Engine = settings.Read(parsed, directory is null ? null : Path.GetFullPath(directory)),
                Url = parsed.GetValue(url),
                Speed = parsed.GetValue(speed),
                Batch = parsed.GetValue(batch),
                InFlight = parsed.GetValue(inFlight),
                Top = parsed.GetValue(top),
                Retry = new RetryPolicy { GiveUpAfter = TimeSpan.FromSeconds(parsed.GetValue(retryFor)) },
                Format = parsed.GetValue(format),
            }, cancellationToken);
        });
        return command;
    }

    /// <summary>Runs a replay and writes its result; returns the exit code.</summary>
    public static async Task<int> RunAsync(ToolEnvironment environment, ReplaySettings settings, CancellationToken cancellationToken)
    {
        foreach (var file in settings.Files)
        {
            // A missing third file is said before the first is replayed, not an hour later.
            if (file != "-" && !File.Exists(file)) throw new LiveGrainsException(ErrorCode.InputNotReadable, $"{file}: no such file");
        }
        return settings.Url is { } url
            ? await IntoServerAsync(environment, settings, url, cancellationToken).ConfigureAwait(false)
            : await IntoEngineAsync(environment, settings, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<int> IntoServerAsync(ToolEnvironment environment, ReplaySettings settings, Uri url, CancellationToken cancellationToken)
    {
        var totals = new ReplayTotals();
        TimeSpan elapsed;
        await using (var sink = new HttpSink(url, settings.InFlight, settings.Retry, environment.Time, totals))
        {
            elapsed = await new ReplayRun(environment, settings, totals).RunAsync(sink, cancellationToken).ConfigureAwait(false);
        }
        using var reader = new ServerReader(url, TimeSpan.FromSeconds(30));
        return await ReplayReport.WriteAsync(environment, settings, totals, elapsed, reader, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<int> IntoEngineAsync(ToolEnvironment environment, ReplaySettings settings, CancellationToken cancellationToken)
    {
        var engine = await environment.OpenEngine(settings.Engine, environment.Time, cancellationToken).ConfigureAwait(false);
        try
        {
            var totals = new ReplayTotals();
            TimeSpan elapsed;
            await using (var sink = new EngineSink(engine, environment.Time, totals))
            {
                elapsed = await new ReplayRun(environment, settings, totals).RunAsync(sink, cancellationToken).ConfigureAwait(false);
            }
            return await ReplayReport.WriteAsync(environment, settings, totals, elapsed, new EngineReader(engine), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (engine is IAsyncDisposable owned) await owned.DisposeAsync().ConfigureAwait(false);
        }
    }
}
