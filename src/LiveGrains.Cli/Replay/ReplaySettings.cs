using LiveGrains.Engine;

namespace LiveGrains.Cli.Replay;

/// <summary>What to replay, and where to.</summary>
public sealed record ReplaySettings
{
    /// <summary>Inputs in order; `-` is standard input.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>The embedded engine; not used with <see cref="Url"/>.</summary>
    public required EngineOptions Engine { get; init; }

    /// <summary>The server, or null: an embedded engine.</summary>
    public Uri? Url { get; init; }

    /// <summary>Event time per time; null: as fast as it goes.</summary>
    public double? Speed { get; init; }

    /// <summary>Events of a request.</summary>
    public int Batch { get; init; } = 1_000;

    /// <summary>Requests under way at a time, to a server.</summary>
    public int InFlight { get; init; } = 1;

    /// <summary>Rooms and products to show.</summary>
    public int Top { get; init; } = 20;

    /// <summary>How requests are tried again.</summary>
    public RetryPolicy Retry { get; init; } = new();

    /// <summary>How the result is written.</summary>
    public OutputFormat Format { get; init; }
}
