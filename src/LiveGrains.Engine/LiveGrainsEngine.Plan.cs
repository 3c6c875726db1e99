using LiveGrains.Core;

namespace LiveGrains.Engine;

public sealed partial class LiveGrainsEngine
{
    /// <inheritdoc/>
    public ValueTask<TrafficPlan> PlanTrafficAsync(TrafficPlanRequest request, CancellationToken cancellationToken = default) => PlanAsync(request, cancellationToken);

    /// <summary>The plan, which needs nothing but the request.</summary>
    internal static async ValueTask<TrafficPlan> PlanAsync(TrafficPlanRequest request, CancellationToken cancellationToken)
    {
        var plans = new TrafficPlans(request);
        try
        {
            // Seconds of one processor: on a thread of the pool, never on a shard's.
            return await Task.Run(() => plans.Solve(cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (ArithmeticException exception)
        {
            throw new LiveGrainsException(ErrorCode.InvalidPlan, exception.Message, exception);
        }
    }
}
