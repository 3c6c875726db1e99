using System.CommandLine;
using System.Text;
using LiveGrains.Reports;

namespace LiveGrains.Cli.Report;

/// <summary>`livegrains report`: the report of a broadcast, from a server or from a data directory that no server holds.</summary>
public static class ReportCommand
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(30);

    /// <summary>Makes the command.</summary>
    public static Command Create(ToolEnvironment environment)
    {
        var room = new Argument<string>("ROOM") { Description = "The room's id." };
        var data = new Option<string?>("--data") { Description = "Read this data directory, which no server holds. It is not changed.", HelpName = "DIR" };
        var url = CommonOptions.Url($"Ask this server (default {CommonOptions.DefaultUrl}).");
        var format = CommonOptions.OneOf<ReportFormat>("--format", "html: one file with everything in it; json: for machines (default html).");
        var output = new Option<string?>("--output", "-o") { Description = "Write to this file (default report-ROOM.html or .json; - is standard output).", HelpName = "FILE" };
        var language = CommonOptions.OneOf<ReportLanguage>("--language", "Language of the HTML file (default en).");
        var moments = new Option<string[]>("--moment")
        {
            Description = $"Compare what came after this moment with what was before; may be given {ReportOptions.MaxMoments} times (default: the best minutes). {ReportMoment.Forms}.",
            HelpName = "TIME",
        };
        moments.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(t => !ReportMoment.TryParse(t.Value, out _))) result.AddError($"--moment must be {ReportMoment.Forms}, not '{token.Value}'.");
            if (result.Tokens.Count > ReportOptions.MaxMoments) result.AddError($"--moment may be given {ReportOptions.MaxMoments} times.");
        });
        var window = CommonOptions.Whole("--window", "Minutes before and after a moment.", ReportOptions.DefaultWindowMinutes, 1, ReportOptions.MaxWindowMinutes);
        var offset = new Option<string?>("--utc-offset") { Description = "Offset from UTC of the times in the HTML file (default: that of this machine).", HelpName = "+08:00" };
        offset.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !ReportOptions.TryParseOffset(result.Tokens[0].Value, out _)) result.AddError($"--utc-offset must be an offset such as +08:00, at most 14 hours, not '{result.Tokens[0].Value}'.");
        });
        var command = new Command("report", "Makes the report of a room's broadcast.") { room, data, url, format, output, language, moments, window, offset };
        command.Validators.Add(result =>
        {
            if (result.GetResult(data) is not null && result.GetResult(url) is not null) result.AddError("--data and --url exclude each other.");
        });
        command.SetAction((parsed, cancellationToken) =>
        {
            var question = new ReportQuestion(
                parsed.GetValue(room)!, parsed.GetValue(format), parsed.GetValue(language), [.. parsed.GetValue(moments) ?? []], parsed.GetValue(window), parsed.GetValue(offset));
            return parsed.GetValue(data) is { } directory
                ? WriteAsync(environment, question, parsed.GetValue(output), () => Task.Run(() => FromDirectory(environment, directory, question, cancellationToken), cancellationToken))
                : WriteAsync(environment, question, parsed.GetValue(output), () => FromServerAsync(environment, parsed.GetValue(url) ?? new Uri(CommonOptions.DefaultUrl + "/"), question, cancellationToken));
        });
        return command;
    }

    private static byte[] FromDirectory(ToolEnvironment environment, string directory, ReportQuestion question, CancellationToken cancellationToken)
    {
        var broadcast = environment.ReadBroadcast(directory, question.Room, cancellationToken)
            ?? throw new LiveGrainsException(ErrorCode.NotFound, $"no event has named the room {question.Room}");
        var report = ReportBuilder.Build(broadcast, new ReportOptions
        {
            Moments = [.. question.Moments.Select(m => ReportMoment.TryParse(m, out var moment) ? moment : throw new LiveGrainsException(ErrorCode.WrongUsage))],
            WindowMinutes = question.WindowMinutes,
        });
        if (question.Format == ReportFormat.Json)
        {
            using var text = new StringWriter();
            JsonText.Write(text, report);
            return Encoding.UTF8.GetBytes(text.ToString());
        }

        var offset = question.OffsetAt(environment.Time, report.Summary.StartedAt ?? report.Curves.Start);
        return Encoding.UTF8.GetBytes(ReportHtml.Write(report, question.Language, offset));
    }

    private static async Task<byte[]> FromServerAsync(ToolEnvironment environment, Uri server, ReportQuestion question, CancellationToken cancellationToken)
    {
        using var reader = new ServerReader(server, _timeout);
        return await reader.GetReportAsync(question.Room, question.Query(environment.Time), cancellationToken).ConfigureAwait(false)
            ?? throw new LiveGrainsException(ErrorCode.NotFound, $"the server does not know the room {question.Room}");
    }

    private static async Task<int> WriteAsync(ToolEnvironment environment, ReportQuestion question, string? output, Func<Task<byte[]>> make)
    {
        var started = environment.Time.GetTimestamp();
        var bytes = await make().ConfigureAwait(false);
        if (output == "-")
        {
            await using var stream = environment.OpenOutput();
            await stream.WriteAsync(bytes).ConfigureAwait(false);
            return ExitCodes.Done;
        }

        // A colon is part of ids and of no file name on other systems.
        var file = output ?? $"report-{question.Room.Replace(':', '-')}.{(question.Format == ReportFormat.Json ? "json" : "html")}";
        await File.WriteAllBytesAsync(file, bytes).ConfigureAwait(false);
        environment.Error.WriteLine($"{file}: {Words.Bytes(bytes.Length)} in {Words.Duration(environment.Time.GetElapsedTime(started))}");
        return ExitCodes.Done;
    }
}
