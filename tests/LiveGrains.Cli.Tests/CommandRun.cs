using System.Text.Json;
using LiveGrains.Engine;

namespace LiveGrains.Cli.Tests;

/// <summary>Runs the tool in this process with captured streams and a fake engine.</summary>
internal sealed class CommandRun
{
    private readonly WatchedWriter _out = new();
    private readonly StringWriter _error = new();

    public FakeLiveGrains Engine { get; init; } = new();

    public byte[] Input { get; init; } = [];

    public MemoryStream Output { get; } = new();

    public Func<string, IProgress<LiveGrains.Engine.Verification.VerifyProgress>?, LiveGrains.Engine.Verification.VerifyReport>? Verify { get; init; }

    /// <summary>What verifying a database says.</summary>
    public Func<string, LiveGrains.Engine.Verification.VerifyReport>? VerifyDatabase { get; init; }

    public Exception? OpenFailure { get; init; }

    /// <summary>What the environment says of PostgreSQL.</summary>
    public string? PostgresConnection { get; init; }

    /// <summary>What opening the engine takes.</summary>
    public Func<CancellationToken, Task>? Recovery { get; init; }

    public EngineOptions? OpenedWith { get; private set; }

    public string Out => _out.ToString();

    public string Error => _error.ToString();

    public Task StartScreen => _out.Seen.Task;

    public JsonElement Json => JsonDocument.Parse(Out).RootElement;

    public Task<int> RunAsync(params string[] arguments) => RunAsync(CancellationToken.None, arguments);

    public Task<int> RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        var environment = new ToolEnvironment
        {
            Out = _out,
            Error = _error,
            OpenInput = () => new OneByteAtFirstStream(Input),
            OpenOutput = () => Output,
            PostgresConnection = PostgresConnection,
            OpenEngine = async (options, _, stop) =>
            {
                OpenedWith = options;
                if (Recovery is not null) await Recovery(stop);
                return OpenFailure is null ? Engine : throw OpenFailure;
            },
        };
        if (Verify is not null) environment = environment with { Verify = Verify };
        if (VerifyDatabase is not null) environment = environment with { VerifyDatabase = (connection, _) => VerifyDatabase(connection) };
        return Tool.RunAsync(arguments, environment, cancellationToken);
    }

    private sealed class WatchedWriter : StringWriter
    {
        public TaskCompletionSource Seen { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Write(string? value)
        {
            base.Write(value);
            if (value?.Contains("Ctrl+C", StringComparison.Ordinal) == true) Seen.TrySetResult();
        }
    }

    /// <summary>Like a pipe: the first read brings one byte, later ones what fits.</summary>
    private sealed class OneByteAtFirstStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(Position == 0 ? buffer[..1] : buffer);

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Position == 0 ? 1 : count);
    }
}
