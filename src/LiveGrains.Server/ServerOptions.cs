namespace LiveGrains.Server;

/// <summary>What can be set of the HTTP server. Limits of bodies and events are the engine's: <see cref="RequestLimits"/>.</summary>
public sealed record ServerOptions
{
    /// <summary>Where to listen: `http://host:port`; port 0 takes a free one. Default: 127.0.0.1 only, port 5080.</summary>
    public IReadOnlyList<string> Urls { get; init; } = ["http://127.0.0.1:5080"];

    /// <summary>Connections open at once; more are closed at once. Default 20,000.</summary>
    public int MaxConnections { get; init; } = 20_000;

    /// <summary>Connections subscribed to live changes at once; more are refused with `too_many_subscribers`. Default 10,000; the rest of <see cref="MaxConnections"/> is for the other calls.</summary>
    public int MaxSubscribers { get; init; } = 10_000;

    /// <summary>Rooms and other things watched at once, each of which asks its shard four times a second; more are refused with `too_many_subscribers`. Default 500.</summary>
    public int MaxWatched { get; init; } = 500;

    /// <summary>Bytes that bodies held in memory may take in all, inflated ones included; above it requests are refused with `busy`. Default 512 MiB.</summary>
    public long MaxBodyBytesInFlight { get; init; } = 512L << 20;

    /// <summary>Plans of traffic solved at once, each of which takes a processor and up to some hundred MB; more are refused with `busy`. Default 1.</summary>
    public int MaxPlans { get; init; } = 1;

    /// <summary>A plan that is not solved after this time is given up with `plan_timeout`. Default 60 s.</summary>
    public TimeSpan PlanTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A client that sends its body slower than this, in bytes a second, is cut off with `request_timeout`. Default 240.</summary>
    public double MinBodyBytesPerSecond { get; init; } = 240;

    /// <summary>For how long a body may be slower than <see cref="MinBodyBytesPerSecond"/>. Default 5 s, more than 1 s.</summary>
    public TimeSpan BodyGracePeriod { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A body that is not there after this time is refused with `request_timeout`, however fast it comes. Default 60 s.</summary>
    public TimeSpan BodyTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Time in which the headers of a request must arrive. Default 15 s.</summary>
    public TimeSpan HeadersTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Time after which an idle connection is closed. Default 130 s.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(130);

    /// <summary>How long running requests may take to finish when the server stops. Default 30 s.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
