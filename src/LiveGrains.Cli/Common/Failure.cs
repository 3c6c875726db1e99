namespace LiveGrains.Cli;

/// <summary>Turns what went wrong into one clear line and an exit code. No stack traces: those are for LIVEGRAINS_DEBUG=1.</summary>
public static class Failure
{
    /// <summary>Writes the line to the error stream and returns the exit code.</summary>
    public static int Report(ToolEnvironment environment, Exception exception)
    {
        var (line, exitCode) = Describe(exception);
        environment.Error.WriteLine("error: " + line);
        if (Environment.GetEnvironmentVariable("LIVEGRAINS_DEBUG") == "1") environment.Error.WriteLine(exception);
        return exitCode;
    }

    private static (string Line, int ExitCode) Describe(Exception exception)
    {
        switch (exception)
        {
            case LiveGrainsException refusal:
                var description = refusal.Code.Describe();
                var detail = refusal.Detail is { Length: > 0 } words && words != description.Title ? $" ({OneLine(words)})" : "";
                return ($"{description.Code}: {description.Title}{detail}", Math.Max(description.ExitCode, ExitCodes.Failed));
            case OperationCanceledException:
                return ("interrupted", ExitCodes.Failed);
            case IOException or UnauthorizedAccessException or HttpRequestException:
                return (OneLine(exception.Message), ExitCodes.Failed);
            default:
                var title = ErrorCode.InternalError.Describe();
                return ($"{title.Code}: {exception.GetType().Name}: {OneLine(exception.Message)} (LIVEGRAINS_DEBUG=1 shows where)", ExitCodes.Failed);
        }
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();
}
