namespace LiveGrains.Cli;

/// <summary>The exit codes of every command.</summary>
public static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Failed; one line on the error stream says why.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage; the error stream says what, and how it is right.</summary>
    public const int WrongUsage = 2;
}
