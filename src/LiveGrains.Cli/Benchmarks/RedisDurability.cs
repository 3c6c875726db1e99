namespace LiveGrains.Cli.Benchmarks;

/// <summary>What Redis keeps.</summary>
public enum RedisDurability
{
    /// <summary>Nothing: `appendonly no`.</summary>
    None,

    /// <summary>Everything that it acknowledged: `appendonly yes`, `appendfsync always`.</summary>
    AppendOnlyAlways,
}
