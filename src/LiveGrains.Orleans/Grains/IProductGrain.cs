using Orleans;

namespace LiveGrains.Cluster.Grains;

/// <summary>A product, by id. Members throw <see cref="LiveGrainsException"/> as <see cref="ILiveGrains"/> does.</summary>
[Alias("livegrains.product")]
public interface IProductGrain : IGrainWithStringKey
{
    /// <summary>As <see cref="ILiveGrains.GetProductAsync"/>.</summary>
    [Alias("get")]
    Task<ItemMetrics?> GetAsync();

    /// <summary>As <see cref="ILiveGrains.GetSimilarAsync"/>.</summary>
    [Alias("similar")]
    Task<SimilarItems?> GetSimilarAsync(int limit);
}
