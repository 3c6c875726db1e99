using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace LiveGrains.Server.Traffic;

/// <summary>How policies and requests for plans are read: no member that is not in the contract, none twice, none null that may not be.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, MaxDepth = 8)]
[JsonSerializable(typeof(TrafficPlanRequest))]
[JsonSerializable(typeof(TrafficPolicy))]
internal sealed partial class TrafficRequestJson : JsonSerializerContext
{
    /// <summary>Reads a request for a plan, or says where it is wrong.</summary>
    internal static TrafficPlanRequest ReadPlan(ReadOnlySpan<byte> body) => Read(body, Default.TrafficPlanRequest, ErrorCode.InvalidPlan);

    /// <summary>Reads a policy, or says where it is wrong.</summary>
    internal static TrafficPolicy ReadPolicy(ReadOnlySpan<byte> body) => Read(body, Default.TrafficPolicy, ErrorCode.InvalidPolicy);

    private static T Read<T>(ReadOnlySpan<byte> body, JsonTypeInfo<T> type, ErrorCode otherwise) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body, type) ?? throw new LiveGrainsException(otherwise, "The body is null, not an object.");
        }
        catch (JsonException exception)
        {
            var place = exception.Path is { Length: > 0 } path ? $" at {path}" : "";
            throw new LiveGrainsException(otherwise, $"The body cannot be read{place}: bad JSON, an unknown or a missing member, or a value of the wrong type.", exception);
        }
    }
}
