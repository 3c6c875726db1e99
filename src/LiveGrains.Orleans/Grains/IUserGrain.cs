using Orleans;

namespace LiveGrains.Cluster.Grains;

/// <summary>A user, by id. Members throw <see cref="LiveGrainsException"/> as <see cref="ILiveGrains"/> does.</summary>
[Alias("livegrains.user")]
public interface IUserGrain : IGrainWithStringKey
{
    /// <summary>As <see cref="ILiveGrains.GetUserAsync"/>.</summary>
    [Alias("get")]
    Task<UserProfile?> GetAsync();

    /// <summary>As <see cref="ILiveGrains.RecommendAsync"/>.</summary>
    [Alias("recommend")]
    Task<RecommendationList> RecommendAsync(RecommendationQuery query);
}
