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
        var root = CreateRoot(environment);
        // Response files are off: an argument that begins with @ is a file name here.
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var configuration = new InvocationConfiguration
        {
            Output = environment.Out,
            Error = environment.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        if (parsed.Action is ParseErrorAction)
        {
            foreach (var error in parsed.Errors) environment.Error.WriteLine("error: " + error.Message);
            environment.Error.WriteLine($"See: {CommandPath(parsed.CommandResult)} --help");
            return ExitCodes.WrongUsage;
        }
        try
        {
            return await parsed.InvokeAsync(configuration, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            return Failure.Report(environment, exception);
        }
    }

    private static RootCommand CreateRoot(ToolEnvironment environment)
    {
        var root = new RootCommand("LiveGrains: live state of a live platform. Rooms, users and products, updated by every event, served in milliseconds.")
        {
            Serve.ServeCommand.Create(environment),
            Replay.ReplayCommand.Create(environment),
            Simulate.SimulateCommand.Create(environment),
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
        result.Parent is System.CommandLine.Parsing.CommandResult ? $"livegrains {result.Command.Name}" : "livegrains";
}
