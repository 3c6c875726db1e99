using LiveGrains.Engine;
using LiveGrains.Engine.Cluster;
using LiveGrains.Engine.Queries;
using LiveGrains.Engine.Verification;
using LiveGrains.Postgres;
using Spectre.Console;

namespace LiveGrains.Cli;

/// <summary>What a command sees of the world: streams, terminals, time, the engine. Tests replace any of it.</summary>
public sealed record ToolEnvironment
{
    /// <summary>Columns of tables when the output is not a terminal.</summary>
    private const int PlainWidth = 160;

    /// <summary>Results.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Errors and progress.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Opens standard input as bytes.</summary>
    public required Func<Stream> OpenInput { get; init; }

    /// <summary>Opens standard output as bytes. Writing fails with an <see cref="IOException"/> when the reader is gone.</summary>
    public required Func<Stream> OpenOutput { get; init; }

    /// <summary>Standard output is a terminal.</summary>
    public bool OutIsTerminal { get; init; }

    /// <summary>Standard error is a terminal: progress may be drawn.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>Keys can be read.</summary>
    public bool InputIsTerminal { get; init; }

    /// <summary>Colours are wanted (no NO_COLOR, no TERM=dumb).</summary>
    public bool Colours { get; init; }

    /// <summary>Time.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>A connection string of PostgreSQL, of which the command line says nothing; a secret.</summary>
    public string? PostgresConnection { get; init; }

    /// <summary>A variable of the environment, or null. Only those of OpenTelemetry are asked for here.</summary>
    public Func<string, string?> Variable { get; init; } = static _ => null;

    /// <summary>Opens an engine; the caller disposes it when it is <see cref="IAsyncDisposable"/>.</summary>
    public Func<EngineOptions, TimeProvider, CancellationToken, ValueTask<ILiveGrains>> OpenEngine { get; init; } =
        static async (options, time, cancellationToken) =>
            await LiveGrainsEngine.OpenAsync(options, time, cancellationToken).ConfigureAwait(false);

    /// <summary>Joins a cluster, whose store the options have; the caller disposes the engine. Null: this build has no cluster.</summary>
    public Func<EngineOptions, ClusterOptions, TimeProvider, CancellationToken, Task<ILiveGrains>>? JoinCluster { get; init; }

    /// <summary>Checks a data directory.</summary>
    public Func<string, IProgress<VerifyProgress>?, VerifyReport> Verify { get; init; } = DirectoryVerifier.Verify;

    /// <summary>Checks a database, by its connection string.</summary>
    public Func<string, IProgress<VerifyProgress>?, VerifyReport> VerifyDatabase { get; init; } = PostgresVerifier.Verify;

    /// <summary>Reads what a data directory keeps of a room's broadcast; null: the room is unknown.</summary>
    public Func<string, string, CancellationToken, RoomBroadcast?> ReadBroadcast { get; init; } = DirectoryReader.ReadBroadcast;

    /// <summary>The environment of this process.</summary>
    public static ToolEnvironment ForProcess() => new()
    {
        Out = Console.Out,
        Error = Console.Error,
        OpenInput = Console.OpenStandardInput,
        OpenOutput = StandardOutputStream.Open,
        OutIsTerminal = !Console.IsOutputRedirected,
        ErrorIsTerminal = !Console.IsErrorRedirected,
        InputIsTerminal = !Console.IsInputRedirected,
        PostgresConnection = Environment.GetEnvironmentVariable("LIVEGRAINS_POSTGRES") is { Length: > 0 } connection ? connection : null,
        Variable = Environment.GetEnvironmentVariable,
        Colours = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") != "dumb",
    };

    /// <summary>A console for results.</summary>
    public IAnsiConsole CreateConsole() => Create(Out, OutIsTerminal);

    /// <summary>A console for progress.</summary>
    public IAnsiConsole CreateErrorConsole() => Create(Error, ErrorIsTerminal);

    private IAnsiConsole Create(TextWriter writer, bool terminal)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = terminal && Environment.GetEnvironmentVariable("TERM") != "dumb" ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = terminal && Colours ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = terminal ? InteractionSupport.Yes : InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        if (!terminal) console.Profile.Width = PlainWidth;
        // Spectre asks Console.OutputEncoding, which says ASCII under LANG=C although the terminal takes UTF-8.
        console.Profile.Capabilities.Unicode = true;
        return console;
    }
}
