using LiveGrains.Core;

namespace LiveGrains.Engine;

public sealed partial class LiveGrainsEngine
{
    /// <inheritdoc/>
    public async ValueTask<TrafficPlan> PlanTrafficAsync(TrafficPlanRequest request, CancellationToken cancellationToken = default)
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
