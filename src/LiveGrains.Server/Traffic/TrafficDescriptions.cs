using LiveGrains.Server.OpenApi;
using Microsoft.OpenApi;

namespace LiveGrains.Server.Traffic;

/// <summary>What the description says about the calls of traffic.</summary>
internal static class TrafficDescriptions
{
    private const string Tag = "traffic";

    internal static readonly CallDescription Shares = new("getTraffic", Tag, "What the policy of traffic promised, what was delivered, and what it costs.", 200, typeof(TrafficShares))
    {
        AnswerMeans = "Rules with what was kept, and prices by room, host, category and product. Version 0: there is no policy.",
    };

    internal static readonly CallDescription Read = new("getTrafficPolicy", Tag, "The policy of traffic.", 200, typeof(TrafficPolicy))
    {
        AnswerMeans = "The policy; its version is also the ETag. Version 0: none was ever set.",
    };

    internal static readonly CallDescription Write = new("putTrafficPolicy", Tag, "Puts a policy of traffic in place of the one that holds.", 200, typeof(TrafficPolicy))
    {
        Details = "It holds as soon as it is durable. With If-Match, or with a version in the body, only when that version holds. See docs/traffic.md.",
        AnswerMeans = "The policy with its version.",
        Errors =
        [
            ErrorCode.InvalidPolicy, ErrorCode.ContradictoryPolicy, ErrorCode.PolicyConflict, ErrorCode.InvalidParameter, ErrorCode.NothingToRead, ErrorCode.RequestTimeout, ErrorCode.BodyTooLarge,
            ErrorCode.UnsupportedMediaType, ErrorCode.UnsupportedEncoding, ErrorCode.Busy, ErrorCode.StorageFull, ErrorCode.StorageUnavailable, ErrorCode.ShardStopped, ErrorCode.ShuttingDown,
        ],
        Body = document => new OpenApiRequestBody
        {
            Required = true,
            Description = "The whole policy; members that are left out have their defaults.",
            Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new() { Schema = new OpenApiSchemaReference(nameof(TrafficPolicy), document) } },
        },
    };
}
