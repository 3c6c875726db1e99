using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace LiveGrains.Cli;

/// <summary>The `livegrains` tool: its commands, and how one of them is run.</summary>
public static class Tool
{
    /// <summary>Parses and runs; returns the exit code (0 done, 1 failed, 2 wrong usage). Throws nothing.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, ToolEnvironment environment, CancellationToken cancellationToken = default)
    {
        try
        {
            // Response files are off: an argument that begins with @ is a file name here.
            var parsed = CreateRoot(environment).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (parsed.Action is ParseErrorAction) return Refuse(parsed, environment.Error);
            var configuration = new InvocationConfiguration
            {
                Output = environment.Out,
                Error = environment.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parsed.InvokeAsync(configuration, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            return Failure.Report(environment, exception);
        }
    }

    private static int Refuse(ParseResult parsed, TextWriter error)
    {
        foreach (var message in parsed.Errors.Select(e => e.Message).Distinct()) error.WriteLine("error: " + message);
        error.WriteLine($"See: {CommandPath(parsed.CommandResult)} --help");
        return ExitCodes.WrongUsage;
    }

    private static RootCommand CreateRoot(ToolEnvironment environment)
    {
        var root = new RootCommand("LiveGrains: live state of a live platform. Rooms, users and products, updated by every event, served in milliseconds.")
        {
            Serve.ServeCommand.Create(environment),
            Replay.ReplayCommand.Create(environment),
            Simulate.SimulateCommand.Create(environment),
            Evaluate.EvaluateCommand.Create(environment),
            Report.ReportCommand.Create(environment),
            Verify.VerifyCommand.Create(environment),
            Top.TopCommand.Create(environment),
            Bench.BenchCommand.Create(environment),
        };
        root.SetAction(parsed =>
        {
            new HelpAction().Invoke(parsed);
            return ExitCodes.WrongUsage;
        });
        foreach (var option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction help }) option.Action = new HelpWithExamples(help);
        }
        return root;
    }

    private static string CommandPath(System.CommandLine.Parsing.CommandResult result) =>
        result.Parent is System.CommandLine.Parsing.CommandResult parent ? $"{CommandPath(parent)} {result.Command.Name}" : "livegrains";
}
