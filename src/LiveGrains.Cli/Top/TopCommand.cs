using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace LiveGrains.Cli.Top;

/// <summary>`livegrains top`: a live view of a server in the terminal.</summary>
public static class TopCommand
{
    private const int PlainColumns = 120;
    private const int PlainRooms = 20;

    /// <summary>Makes the command.</summary>
    public static Command Create(ToolEnvironment environment)
    {
        var url = CommonOptions.Url($"The server (default {CommonOptions.DefaultUrl}).");
        var interval = new Option<double>("--interval") { Description = "Seconds between looks.", HelpName = "N", DefaultValueFactory = _ => 1 };
        interval.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is not (>= 0.1 and <= 3_600)) result.AddError("--interval must be from 0.1 to 3600.");
        });
        var once = new Option<bool>("--once") { Description = "One plain snapshot, then end." };
        var format = CommonOptions.Format();
        var command = new Command("top", "Shows a server live: traffic, rooms on air, money. Keys: q quits, s sorts, arrows page.") { url, interval, once, format };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var server = parsed.GetValue(url) ?? new Uri(CommonOptions.DefaultUrl + "/");
            var pause = TimeSpan.FromSeconds(parsed.GetValue(interval));
            // A screen says soon that nobody answers; who looks once waits as long as for any answer.
            var isOnce = parsed.GetValue(once) || (parsed.GetValue(format) != OutputFormat.Json && !environment.OutIsTerminal);
            using var reader = new ServerReader(server, TimeSpan.FromSeconds(isOnce ? 30 : 5));
            var source = new TopSource(reader, server.ToString().TrimEnd('/'), environment.Time);
            if (parsed.GetValue(format) == OutputFormat.Json)
            {
                return await WriteJsonAsync(environment, source, isOnce ? null : pause, cancellationToken).ConfigureAwait(false);
            }
            return isOnce
                ? await WriteOnceAsync(environment, source, cancellationToken).ConfigureAwait(false)
                : await new TopLoop(environment, source, pause).RunAsync(cancellationToken).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> WriteOnceAsync(ToolEnvironment environment, TopSource source, CancellationToken cancellationToken)
    {
        var view = new TopView { Server = source.Server };
        view.Take(await source.LookAsync(RoomSort.Heat, PlainRooms, null, cancellationToken).ConfigureAwait(false));
        await source.AddSeriesAsync(view, cancellationToken).ConfigureAwait(false);
        var console = (environment with { OutIsTerminal = false }).CreateConsole();
        console.Profile.Width = PlainColumns;
        var rooms = Math.Max(view.Snapshot!.Rooms.Rooms.Count, 1);
        console.Write(TopScreen.Draw(view, PlainColumns, rooms + TopScreen.FrameLines, environment.Time.GetLocalNow()));
        return ExitCodes.Done;
    }

    private static async Task<int> WriteJsonAsync(ToolEnvironment environment, TopSource source, TimeSpan? pause, CancellationToken cancellationToken)
    {
        while (true)
        {
            var snapshot = await source.LookAsync(RoomSort.Heat, PlainRooms, null, cancellationToken).ConfigureAwait(false);
            if (pause is not { } wait)
            {
                JsonText.Write(environment.Out, snapshot);
                return ExitCodes.Done;
            }
            environment.Out.WriteLine(JsonSerializer.Serialize(snapshot, JsonText.Compact));
            environment.Out.Flush();
            await Task.Delay(wait, environment.Time, cancellationToken).ConfigureAwait(false);
        }
    }
}
