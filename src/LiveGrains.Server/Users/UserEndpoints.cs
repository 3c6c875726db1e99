using LiveGrains.Server.Json;
using LiveGrains.Server.Metrics;
using LiveGrains.Server.OpenApi;
using LiveGrains.Server.Parameters;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LiveGrains.Server.Users;

/// <summary>The calls that read users.</summary>
internal sealed class UserEndpoints(ILiveGrains engine)
{
    private static readonly CallDescription _call = new("getUser", "users", "A user's profile.", 200, typeof(UserProfile))
    {
        AnswerMeans = "The profile.",
        Parameters = [CallParameter.Id("user")],
        Errors = [ErrorCode.InvalidParameter, ErrorCode.NotFound],
    };

    /// <summary>Maps the calls.</summary>
    internal void Map(IEndpointRouteBuilder routes, RequestMetrics metrics) => routes.MapRead("/v1/users/{user}", GetAsync, _call, metrics);

    private async Task GetAsync(HttpContext context)
    {
        var profile = await engine.GetUserAsync(PathParameter.Id(context, "user"), context.RequestAborted).ConfigureAwait(false)
            ?? throw new LiveGrainsException(ErrorCode.NotFound, "No event has named this user.");
        await JsonResponse.WriteAsync(context, profile, AnswerJson.Default.UserProfile).ConfigureAwait(false);
    }
}
