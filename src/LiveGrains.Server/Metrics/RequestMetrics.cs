using System.Diagnostics.Metrics;

namespace LiveGrains.Server.Metrics;

/// <summary>The server's own counters. Routes are added while the server is built; counting is for any thread.</summary>
internal sealed class RequestMetrics(Histogram<double> durations)
{
    private readonly List<RouteCounters> _routes = [];
    private readonly long[] _refused = new long[Enum.GetValues<ErrorCode>().Length];
    private long _active;

    /// <summary>Bytes of bodies held in memory now.</summary>
    internal Func<long> BodyBytes { get; set; } = static () => 0;

    /// <summary>Connections subscribed now.</summary>
    internal Func<long> Subscribers { get; set; } = static () => 0;

    /// <summary>Things watched by them.</summary>
    internal Func<long> WatchedTopics { get; set; } = static () => 0;

    /// <summary>The counters of a route: one object a template.</summary>
    internal RouteCounters Route(string route)
    {
        var known = _routes.Find(counters => counters.Route == route);
        if (known is not null) return known;
        var added = new RouteCounters(route, durations);
        _routes.Add(added);
        return added;
    }

    /// <summary>All routes.</summary>
    internal IReadOnlyList<RouteCounters> Routes => _routes;

    /// <summary>Requests being answered now.</summary>
    internal long Active => Interlocked.Read(ref _active);

    /// <summary>A request came.</summary>
    internal void Began() => Interlocked.Increment(ref _active);

    /// <summary>A request is answered.</summary>
    internal void Ended() => Interlocked.Decrement(ref _active);

    /// <summary>A whole request was answered with this code.</summary>
    internal void Refused(ErrorCode code) => Interlocked.Increment(ref _refused[(int)code]);

    /// <summary>How often a whole request was answered with this code.</summary>
    internal long RefusedWith(ErrorCode code) => Interlocked.Read(ref _refused[(int)code]);
}
