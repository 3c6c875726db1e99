using System.Net;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>What load to make.</summary>
public sealed record LoadOptions
{
    /// <summary>The server.</summary>
    public required IPEndPoint Server { get; init; }

    /// <summary>Complete HTTP/1.1 requests, made by <see cref="LoadGenerator.Post"/> or <see cref="LoadGenerator.Get"/>.</summary>
    public required IReadOnlyList<ReadOnlyMemory<byte>> Requests { get; init; }

    /// <summary>Connections, each with a thread.</summary>
    public int Connections { get; init; } = 8;

    /// <summary>Requests a second over all connections (open loop); null: each connection sends as fast as it is answered.</summary>
    public double? RequestsPerSecond { get; init; }

    /// <summary>Longest time; the load ends earlier when the requests are used up.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time before <see cref="Duration"/> with the same load, of which nothing is counted; default none.</summary>
    public TimeSpan WarmUp { get; init; }

    /// <summary>True: begin again with the first request (queries). False: each is sent once (events, whose ids are unique).</summary>
    public bool Cycle { get; init; }
}
