using Orleans;

namespace LiveGrains.Cluster.Grains;

/// <summary>One shard, by its number. Between silos only: records come cut by the front, and questions and answers are the front's JSON.</summary>
[Alias("livegrains.shard")]
internal interface IShardGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Takes the records of a part; the verdicts come when they are durable and applied. Refuses with <see cref="ErrorCode.ShardUnavailable"/>
    /// when the lease of the silo that sent them ran out, ms since 1970 UTC.
    /// </summary>
    [Alias("ingest")]
    Task<ShardReply> IngestAsync(byte[] records, long leaseUntilMs);

    /// <summary>Answers a question.</summary>
    [Alias("ask")]
    Task<ShardReply> AskAsync(byte[] question);

    /// <summary>Gives the shard up, and it goes to the silo where it belongs.</summary>
    [Alias("leave")]
    Task LeaveAsync();
}

/// <summary>An answer, or why there is none.</summary>
/// <param name="Code">None, or the refusal.</param>
/// <param name="Detail">What in this case.</param>
/// <param name="Bytes">The answer.</param>
[GenerateSerializer]
[Immutable]
[Alias("livegrains.reply")]
internal readonly record struct ShardReply([property: Id(0)] ErrorCode Code, [property: Id(1)] string? Detail, [property: Id(2)] byte[]? Bytes)
{
    /// <summary>The answer, or the refusal as an exception.</summary>
    public byte[] Unwrap() => Code == ErrorCode.None ? Bytes! : throw new LiveGrainsException(Code, Detail);
}
