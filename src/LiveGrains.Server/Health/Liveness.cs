namespace LiveGrains.Server.Health;

/// <summary>The answer of `/healthz/live`: the process answers.</summary>
internal sealed record Liveness(string Status);
