using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using LiveGrains.Reports;
using LiveGrains.Server.Health;
using LiveGrains.Server.Rooms;

namespace LiveGrains.Server.Json;

/// <summary>How the answers are written; made at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(Rfc3339Converter)])]
[JsonSerializable(typeof(IngestAnswer))]
[JsonSerializable(typeof(RoomMetrics))]
[JsonSerializable(typeof(RoomListPage))]
[JsonSerializable(typeof(RoomStanding))]
[JsonSerializable(typeof(SeriesAnswer))]
[JsonSerializable(typeof(RoomProducts))]
[JsonSerializable(typeof(RoomReport))]
[JsonSerializable(typeof(ItemMetrics))]
[JsonSerializable(typeof(UserProfile))]
[JsonSerializable(typeof(RecommendationList))]
[JsonSerializable(typeof(SimilarItems))]
[JsonSerializable(typeof(RankingModel))]
[JsonSerializable(typeof(Overview))]
[JsonSerializable(typeof(EventTail))]
[JsonSerializable(typeof(TrafficPolicy))]
[JsonSerializable(typeof(TrafficShares))]
[JsonSerializable(typeof(TrafficPlan))]
[JsonSerializable(typeof(Liveness))]
[JsonSerializable(typeof(Readiness))]
[JsonSerializable(typeof(string))]
internal sealed partial class AnswerJson : JsonSerializerContext
{
    /// <summary>Makes other users of the options, the description of the API for one, see the answers as they are written.</summary>
    internal static void Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.Converters.Add(new Rfc3339Converter());
        options.TypeInfoResolverChain.Insert(0, Default);
    }
}
