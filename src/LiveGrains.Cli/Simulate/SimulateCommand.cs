using System.Buffers;
using System.CommandLine;
using System.Globalization;
using System.IO.Compression;
using LiveGrains.Cli.Replay;
using LiveGrains.Engine;
using LiveGrains.Simulator;

namespace LiveGrains.Cli.Simulate;

/// <summary>`livegrains simulate`: a believable live platform as NDJSON, the same for the same seed.</summary>
public static class SimulateCommand
{
    private const long LastMs = 253_402_300_799_999;
    private const int EventsAtOnce = 4_096;

    /// <summary>When the simulated time begins unless said otherwise: fixed, so that the same seed gives the same bytes.</summary>
    public static readonly DateTimeOffset DefaultStart = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Makes the command.</summary>
    public static Command Create(ToolEnvironment environment)
    {
        var seed = new Option<ulong>("--seed") { Description = "The same seed gives the same events.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var rooms = CommonOptions.Whole("--rooms", "Rooms.", 20, 1, 1_000_000);
        var users = CommonOptions.Whole("--users", "Users.", 10_000, 1, 50_000_000);
        var products = CommonOptions.Whole("--products", "Products; 0: ten a room.", 0, 0, 10_000_000);
        var minutes = CommonOptions.Whole("--minutes", "Simulated minutes.", 10, 1, 100_000);
        var activity = new Option<double>("--activity") { Description = "How much users do; 1 is usual.", HelpName = "X", DefaultValueFactory = _ => 1 };
        activity.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is not (> 0 and <= 100))
            {
                result.AddError($"--activity must be above 0 and up to 100, not {result.Tokens[0].Value}.");
            }
        });
        var start = new Option<DateTimeOffset?>("--start")
        {
            Description = $"When simulated time begins: now, RFC 3339 or ms since 1970 (default {DefaultStart:yyyy-MM-ddTHH:mm:ssZ}; with --url so that it ends at the time of the last request).",
            HelpName = "TIME",
            CustomParser = result => ParseStart(environment, result),
        };
        var source = new Option<string>("--source") { Description = "The source member of the events.", HelpName = "NAME", DefaultValueFactory = _ => "simulator" };
        var sequence = new Option<bool>("--sequence") { Description = "Give every event a seq, for exact duplicates." };
        var output = new Option<string?>("--out") { Description = "A file instead of standard output; .gz is compressed.", HelpName = "FILE" };
        var url = CommonOptions.Url("A server to send to, instead of standard output.");
        var speed = new Option<double?>("--speed") { Description = "With --url: how much faster than event time (default: as fast as it goes).", HelpName = "N" };
        speed.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is not (> 0 and <= 1e6))
            {
                result.AddError($"--speed must be above 0 and up to 1000000, not {result.Tokens[0].Value}.");
            }
        });
        var format = CommonOptions.Format();
        var command = new Command("simulate", "Writes the events of a simulated live platform: NDJSON, the same for the same seed.")
        {
            seed, rooms, users, minutes, products, activity, start, source, sequence, output, url, speed, format,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(output) is not null && result.GetResult(url) is not null) result.AddError("--out and --url exclude each other.");
            if (result.GetResult(speed) is not null && result.GetResult(url) is null) result.AddError("--speed needs --url.");
        });
        command.SetAction((parsed, cancellationToken) =>
        {
            var target = parsed.GetValue(url);
            var length = TimeSpan.FromMinutes(parsed.GetValue(minutes));
            var begin = parsed.GetValue(start) ?? (target is null
                ? DefaultStart
                : environment.Time.GetUtcNow() - (parsed.GetValue(speed) is { } pace ? length * Math.Max(1 - 1 / pace, 0) : length));
            var simulator = new PlatformSimulator(new SimulatorOptions
            {
                Seed = parsed.GetValue(seed),
                Rooms = parsed.GetValue(rooms),
                Users = parsed.GetValue(users),
                Products = parsed.GetValue(products),
                Minutes = parsed.GetValue(minutes),
                Start = begin,
                Activity = parsed.GetValue(activity),
                Source = parsed.GetValue(source)!,
                Sequence = parsed.GetValue(sequence),
            });
            return target is null
                ? Task.FromResult(Write(environment, simulator, begin, length, parsed.GetValue(output), cancellationToken))
                : SendAsync(environment, simulator, target, parsed.GetValue(speed), parsed.GetValue(format), cancellationToken);
        });
        return command;
    }

    private static Task<int> SendAsync(ToolEnvironment environment, PlatformSimulator simulator, Uri url, double? speed, OutputFormat format, CancellationToken cancellationToken) =>
        ReplayCommand.RunAsync(
            environment with { OpenInput = () => new SimulatorStream(simulator) },
            new ReplaySettings { Files = ["-"], Engine = new EngineOptions(), Url = url, Speed = speed, Top = 0, Format = format },
            cancellationToken);

    private static int Write(ToolEnvironment environment, PlatformSimulator simulator, DateTimeOffset start, TimeSpan length, string? file, CancellationToken cancellationToken)
    {
        using var progress = new ProgressLine(environment);
        var buffer = new ArrayBufferWriter<byte>(1 << 21);
        long events = 0, bytes = 0;
        try
        {
            using var stream = Open(environment, file);
            while (!cancellationToken.IsCancellationRequested)
            {
                var written = simulator.WriteNext(buffer, EventsAtOnce);
                if (written == 0 || buffer.WrittenCount > 1 << 20)
                {
                    stream.Write(buffer.WrittenSpan);
                    bytes += buffer.WrittenCount;
                    buffer.ResetWrittenCount();
                }
                if (written == 0) break;
                events += written;
                // Progress among the events themselves helps nobody.
                if (progress.Due && !(file is null && environment.OutIsTerminal))
                {
                    var done = (simulator.CurrentTimeMs - start.ToUnixTimeMilliseconds()) / length.TotalMilliseconds;
                    progress.Update(done, $"{Words.Whole(events)} events  {Words.Bytes(bytes)}");
                }
            }
            stream.Write(buffer.WrittenSpan);
        }
        catch (IOException) when (file is null)
        {
            // The reader of the pipe has had enough (`| head`): that is its right, not an error.
            return ExitCodes.Done;
        }
        cancellationToken.ThrowIfCancellationRequested();
        progress.Dispose();
        if (environment.ErrorIsTerminal && (file is not null || !environment.OutIsTerminal))
        {
            environment.Error.WriteLine($"{Words.Count(events, "event")}, {Words.Bytes(bytes)}, in {Words.Duration(progress.Elapsed)}");
        }
        return ExitCodes.Done;
    }

    private static Stream Open(ToolEnvironment environment, string? file)
    {
        if (file is null) return environment.OpenOutput();
        var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        return file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(stream, CompressionLevel.Fastest) : stream;
    }

    private static DateTimeOffset? ParseStart(ToolEnvironment environment, System.CommandLine.Parsing.ArgumentResult result)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (text == "now") return environment.Time.GetUtcNow();
        DateTimeOffset? time = null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ms))
        {
            if (ms <= LastMs) time = DateTimeOffset.FromUnixTimeMilliseconds(ms);
        }
        else if (text.Length >= 10 && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed))
        {
            time = parsed;
        }
        if (time is { } given && given.UtcDateTime.Year is >= 2001 and <= 2200) return given;
        result.AddError($"--start must be now, a time such as 2026-01-01T12:00:00Z, or ms since 1970, from 2001 to 2200, not '{text}'.");
        return null;
    }
}
