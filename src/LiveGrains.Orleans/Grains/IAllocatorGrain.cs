using Orleans;

namespace LiveGrains.Cluster.Grains;

/// <summary>The allocator of traffic, one for the cluster: key 0. Members throw <see cref="LiveGrainsException"/> as <see cref="ILiveGrains"/> does.</summary>
[Alias("livegrains.allocator")]
public interface IAllocatorGrain : IGrainWithIntegerKey
{
    /// <summary>As <see cref="ILiveGrains.GetTrafficPolicyAsync"/>.</summary>
    [Alias("policy")]
    Task<TrafficPolicy> GetPolicyAsync();

    /// <summary>As <see cref="ILiveGrains.SetTrafficPolicyAsync"/>.</summary>
    [Alias("setPolicy")]
    Task<TrafficPolicy> SetPolicyAsync(TrafficPolicy policy);

    /// <summary>As <see cref="ILiveGrains.GetTrafficAsync"/>.</summary>
    [Alias("shares")]
    Task<TrafficShares> GetSharesAsync();
}
