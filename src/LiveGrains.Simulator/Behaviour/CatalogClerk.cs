using LiveGrains.Simulator.Lines;
using LiveGrains.Simulator.World;

namespace LiveGrains.Simulator.Behaviour;

/// <summary>Lists what no room has listed: all videos and the rest of the products within the first ten minutes.</summary>
internal sealed class CatalogClerk(Platform platform)
{
    private const double ListingMs = 600_000;

    private double _nextMs;

    /// <summary>Lists one thing and returns when the next is due, or −1 when all is listed.</summary>
    public long Step(long nowMs, ref LineWriter line)
    {
        var videos = platform.Videos;
        var products = platform.Products;
        var product = products.NextUnlisted();
        var videoTurn = videos.Listed < videos.Count
            && (product < 0 || videos.Listed * (long)products.Count <= product * (long)videos.Count);
        if (videoTurn)
            videos.WriteNext(ref line, nowMs);
        else if (product >= 0)
            products.WriteUpsert(ref line, product, nowMs);
        else
            return -1;

        _nextMs += ListingMs / (videos.Count + products.Count);
        return Math.Max(nowMs, (long)_nextMs);
    }
}
