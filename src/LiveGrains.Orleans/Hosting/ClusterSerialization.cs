using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.Serialization;

namespace LiveGrains.Cluster.Hosting;

/// <summary>How the answers of grains travel: as JSON, because their types know nothing of Orleans.</summary>
public static class ClusterSerialization
{
    /// <summary>For clients: the serializer, and the streams of room changes.</summary>
    public static IClientBuilder AddLiveGrains(this IClientBuilder client)
    {
        client.Services.AddLiveGrainsSerializer();
        return client.AddMemoryStreams(ClusterStreams.Provider);
    }

    internal static IServiceCollection AddLiveGrainsSerializer(this IServiceCollection services) =>
        services.AddSerializer(serializer => serializer.AddJsonSerializer(static type => type.Namespace == nameof(LiveGrains) && !typeof(Exception).IsAssignableFrom(type)));
}

/// <summary>A refusal on its way.</summary>
[GenerateSerializer]
[Alias("livegrains.refusal")]
internal struct RefusalSurrogate
{
    [Id(0)]
    public ErrorCode Code;

    [Id(1)]
    public string? Detail;
}

/// <summary>Takes the code and the words of a refusal along; what caused it stays in the log of its silo.</summary>
[RegisterConverter]
internal sealed class RefusalConverter : IConverter<LiveGrainsException, RefusalSurrogate>
{
    /// <inheritdoc/>
    public LiveGrainsException ConvertFromSurrogate(in RefusalSurrogate surrogate) => new(surrogate.Code, surrogate.Detail);

    /// <inheritdoc/>
    public RefusalSurrogate ConvertToSurrogate(in LiveGrainsException value) => new() { Code = value.Code, Detail = value.Detail };
}
