using System.Text.Json;
using System.Text.Json.Serialization;

namespace LiveGrains.Server.Traffic;

/// <summary>How policies are read: no member that is not in the contract, none twice, none null that may not be.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, MaxDepth = 8)]
[JsonSerializable(typeof(TrafficPolicy))]
internal sealed partial class PolicyJson : JsonSerializerContext
{
    /// <summary>Reads a policy, or says where it is wrong.</summary>
    internal static TrafficPolicy Read(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, Default.TrafficPolicy) ?? throw Invalid("The body is null, not an object.", null);
        }
        catch (JsonException exception)
        {
            var place = exception.Path is { Length: > 0 } path ? $" at {path}" : "";
            throw Invalid($"The body cannot be read{place}: bad JSON, an unknown or a missing member, or a value of the wrong type.", exception);
        }
    }

    private static LiveGrainsException Invalid(string detail, Exception? inner) => new(ErrorCode.InvalidPolicy, detail, inner);
}
