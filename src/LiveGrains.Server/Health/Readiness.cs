namespace LiveGrains.Server.Health;

/// <summary>The answer of `/healthz/ready`.</summary>
/// <param name="State">The engine's state.</param>
/// <param name="Detail">Why, where there is more to say.</param>
/// <param name="Clock">The engine's clock.</param>
internal sealed record Readiness(string State, string? Detail, DateTimeOffset Clock);
