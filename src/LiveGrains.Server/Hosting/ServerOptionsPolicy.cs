using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LiveGrains.Server.Hosting;

/// <summary>Which options make sense, and what they mean to Kestrel.</summary>
internal static class ServerOptionsPolicy
{
    /// <summary>Throws <see cref="ErrorCode.WrongUsage"/> for options the server cannot keep.</summary>
    internal static void Check(ServerOptions options)
    {
        if (options.Urls.Count == 0) throw Wrong("--urls: give at least one address, http://127.0.0.1:5080 for example.");
        foreach (var url in options.Urls) CheckUrl(url);
        if (options.MaxConnections < 1) throw Wrong("MaxConnections must be at least 1.");
        if (options.MaxSubscribers < 1) throw Wrong("MaxSubscribers must be at least 1.");
        if (options.MaxWatched < 1) throw Wrong("MaxWatched must be at least 1.");
        if (options.MaxBodyBytesInFlight < 1) throw Wrong("MaxBodyBytesInFlight must be at least 1.");
        if (options.MaxPlans < 1) throw Wrong("MaxPlans must be at least 1.");
        if (options.PlanTimeout <= TimeSpan.Zero) throw Wrong("PlanTimeout must be more than 0.");
        if (!(options.MinBodyBytesPerSecond > 0)) throw Wrong("MinBodyBytesPerSecond must be more than 0.");
        if (options.BodyGracePeriod <= TimeSpan.FromSeconds(1)) throw Wrong("BodyGracePeriod must be more than 1 s.");
        if (options.BodyTimeout <= TimeSpan.Zero) throw Wrong("BodyTimeout must be more than 0.");
        if (options.HeadersTimeout <= TimeSpan.Zero) throw Wrong("HeadersTimeout must be more than 0.");
        if (options.KeepAliveTimeout <= TimeSpan.Zero) throw Wrong("KeepAliveTimeout must be more than 0.");
        if (options.ShutdownTimeout < TimeSpan.Zero) throw Wrong("ShutdownTimeout must be at least 0.");
    }

    /// <summary>Sets Kestrel's limits.</summary>
    internal static void Apply(ServerOptions options, KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http1);
        kestrel.Limits.MaxConcurrentConnections = options.MaxConnections;
        kestrel.Limits.MaxConcurrentUpgradedConnections = 0;
        // The ingest call keeps the limit itself: Kestrel would count the framing of chunks as body, and reset the connection
        // of a client that is still sending, which then never sees its 413. Unread bodies are drained for at most 5 s.
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(options.MinBodyBytesPerSecond, options.BodyGracePeriod);
        kestrel.Limits.RequestHeadersTimeout = options.HeadersTimeout;
        kestrel.Limits.KeepAliveTimeout = options.KeepAliveTimeout;
    }

    private static void CheckUrl(string url)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException exception)
        {
            throw Wrong($"--urls: '{url}' is not an address. Give http://host:port.", exception);
        }
        if (!address.Scheme.Equals("http", StringComparison.OrdinalIgnoreCase))
            throw Wrong($"--urls: '{url}' is not http. TLS is a reverse proxy's task.");
        if (address.PathBase.Length > 0)
            throw Wrong($"--urls: '{url}' has a path. Give http://host:port.");
    }

    private static LiveGrainsException Wrong(string detail, Exception? inner = null) => new(ErrorCode.WrongUsage, detail, inner);
}
