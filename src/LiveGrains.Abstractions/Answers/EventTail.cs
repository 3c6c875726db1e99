using System.Text.Json.Serialization;

namespace LiveGrains;

/// <summary>A sample of accepted events, for people to look at. It holds no users, no texts and no attributes.</summary>
/// <param name="Events">The last sampled events, oldest first, at most 80.</param>
/// <param name="AsOf">The clock.</param>
public sealed record EventTail(IReadOnlyList<TailEvent> Events, DateTimeOffset AsOf);

/// <summary>One sampled event.</summary>
/// <param name="Number">Higher than that of every event sampled before.</param>
/// <param name="Type">`like`, `pay`, …</param>
/// <param name="Time">Event time.</param>
/// <param name="Room">The room, or null.</param>
/// <param name="Product">The product, or null.</param>
/// <param name="Video">The video, or null.</param>
/// <param name="Count">As sent, 1 to 1,000,000.</param>
/// <param name="Amount">Minor units; null for types without money.</param>
/// <param name="Currency">ISO 4217 when it is not the engine's.</param>
/// <param name="Channel">Where the viewer came from, or null.</param>
public sealed record TailEvent(
    long Number, string Type, DateTimeOffset Time,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Room,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Product,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Video,
    long Count,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Amount,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Currency,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Channel);
