using System.Text.Json;
using System.Text.Json.Serialization;

namespace LiveGrains.Core;

/// <summary>How a policy stands in the log.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TrafficPolicy))]
internal sealed partial class TrafficPolicyJson : JsonSerializerContext
{
    /// <summary>Most bytes of a policy.</summary>
    public const int MaxBytes = 60_000;

    /// <summary>The bytes of a policy, without its version: the record has that.</summary>
    public static byte[] Write(TrafficPolicy policy) => JsonSerializer.SerializeToUtf8Bytes(policy with { Version = null }, Default.TrafficPolicy);

    /// <summary>A policy of the log. Throws <see cref="InvalidDataException"/> for anything else.</summary>
    public static TrafficPolicy Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, Default.TrafficPolicy) ?? throw new InvalidDataException("The policy is null.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException("The policy cannot be read.", e);
        }
    }
}
