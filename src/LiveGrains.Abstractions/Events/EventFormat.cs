namespace LiveGrains;

/// <summary>The form in which a body of events arrives.</summary>
public enum EventFormat
{
    /// <summary>One JSON object or an array of them (`application/json`).</summary>
    Json,
    /// <summary>One JSON object a line (`application/x-ndjson`). Empty lines are skipped.</summary>
    NdJson,
    /// <summary>CloudEvents 1.0, one event in structured mode (`application/cloudevents+json`).</summary>
    CloudEvent,
    /// <summary>CloudEvents 1.0, JSON batch (`application/cloudevents-batch+json`).</summary>
    CloudEventBatch,
    /// <summary>CloudEvents 1.0, binary mode: attributes in headers, the body is the `data` member.</summary>
    CloudEventBinary,
    /// <summary>LiveGrains' binary blocks (`application/vnd.livegrains.block`), see docs/block-format.md.</summary>
    Block,
}

/// <summary>The context attributes of a CloudEvent in binary mode, from the `ce-` headers.</summary>
/// <param name="Id">`ce-id`; becomes `id`.</param>
/// <param name="Source">`ce-source`; becomes `source`.</param>
/// <param name="Type">`ce-type`; becomes `type`.</param>
/// <param name="Time">`ce-time`; becomes `time`. Null: the body must have one.</param>
/// <param name="SpecVersion">`ce-specversion`; must be `1.0`.</param>
public sealed record CloudEventAttributes(string? Id, string? Source, string? Type, string? Time, string? SpecVersion);
