using LiveGrains.Server.OpenApi;
using Microsoft.OpenApi;

namespace LiveGrains.Server.Traffic;

/// <summary>What the description says about `POST /v1/traffic/plan`.</summary>
internal static class TrafficPlanDescription
{
    internal static readonly CallDescription Call = new("planTraffic", "traffic", "The plan of traffic that is worth most under its bounds, exactly, with prices.", 200, typeof(TrafficPlan))
    {
        Details = "Rooms with expected values, impressions of segments and bounds in; how many impressions of each segment each room gets out, by linear programming. "
            + "Bounds that contradict each other are named, with what they fall short by (`status: infeasible`). Nothing is stored, no policy changes. See docs/traffic.md.",
        AnswerMeans = "The plan with the price of each bound and a certificate that nothing is better, or the contradiction.",
        Errors =
        [
            ErrorCode.InvalidPlan, ErrorCode.NothingToRead, ErrorCode.RequestTimeout, ErrorCode.BodyTooLarge, ErrorCode.PlanTooLarge, ErrorCode.UnsupportedMediaType,
            ErrorCode.UnsupportedEncoding, ErrorCode.Busy, ErrorCode.PlanTimeout,
        ],
        Body = _ => new OpenApiRequestBody
        {
            Required = true,
            Description = "What there is and what must hold. Shares are of all impressions.",
            Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new() { Schema = Request() } },
        },
    };

    private static OpenApiSchema Request() => Object(
        ["segments", "rooms"],
        ("segments", List(Object(["segment", "impressions"], ("segment", Text("A name.")), ("impressions", Amount("Impressions that it has to give."))), "Segments of viewers, or any cells of time and audience; at most 200.")),
        ("rooms", List(Object(
            ["room", "values"],
            ("room", Text("The room's id.")),
            ("host", Text("Whose it is.")),
            ("category", Text("Where it belongs.")),
            ("values", List(Number("Expected value of an impression."), "One for each segment in their order, or one for all.")),
            ("atLeast", Amount("Impressions that it must get.")),
            ("atMost", Amount("Impressions that it may get.")),
            ("atMostPerSegment", Amount("Impressions that it may get of any one segment.")),
            ("exclude", List(Text("A segment."), "Segments that never see it."))), "Rooms; at most 50,000, and 1,000,000 times segments.")),
        ("groups", List(Object(
            ["name"],
            ("name", Text("A name for the answer.")),
            ("host", Text("All rooms of this host; or")),
            ("category", Text("all rooms of this category; or")),
            ("rooms", List(Text("A room."), "these rooms.")),
            ("atLeast", Amount("Impressions that they must get.")),
            ("atMost", Amount("Impressions that they may get.")),
            ("atLeastShare", Share("Share that they must get.")),
            ("atMostShare", Share("Share that they may get."))), "Rooms that are bounded together; at most 10,000.")),
        ("eachRoom", Shares("Bounds of every room.")),
        ("eachHost", Shares("Bounds of all rooms of every host.")),
        ("eachCategory", Shares("Bounds of all rooms of every category.")));

    private static OpenApiSchema Object(string[] required, params (string Name, OpenApiSchema Schema)[] members) => new()
    {
        Type = JsonSchemaType.Object,
        Required = new HashSet<string>(required),
        AdditionalPropertiesAllowed = false,
        Properties = members.ToDictionary(member => member.Name, member => (IOpenApiSchema)member.Schema),
    };

    private static OpenApiSchema Shares(string description)
    {
        var schema = Object([], ("atLeast", Share("The least share.")), ("atMost", Share("The most.")));
        schema.Description = description;
        return schema;
    }

    private static OpenApiSchema List(OpenApiSchema items, string description) => new() { Type = JsonSchemaType.Array, Items = items, Description = description };

    private static OpenApiSchema Text(string description) => new() { Type = JsonSchemaType.String, Description = description, MinLength = 1, MaxLength = 200 };

    private static OpenApiSchema Number(string description) => new() { Type = JsonSchemaType.Number, Description = description };

    private static OpenApiSchema Amount(string description) => new() { Type = JsonSchemaType.Number, Description = description, Minimum = "0", Maximum = "1000000000000" };

    private static OpenApiSchema Share(string description) => new() { Type = JsonSchemaType.Number, Description = description, Minimum = "0", Maximum = "1" };
}
