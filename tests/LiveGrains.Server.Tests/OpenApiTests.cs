using System.Text.Json;

namespace LiveGrains.Server.Tests;

public sealed class OpenApiTests
{
    public static TheoryData<string, string> Calls => new()
    {
        { "/v1/events", "post" },
        { "/v1/rooms", "get" },
        { "/v1/rooms/{room}", "get" },
        { "/v1/rooms/{room}/standing", "get" },
        { "/v1/rooms/{room}/series", "get" },
        { "/v1/rooms/{room}/products", "get" },
        { "/v1/rooms/{room}/report", "get" },
        { "/v1/products/{product}", "get" },
        { "/v1/videos/{video}", "get" },
        { "/v1/users/{user}", "get" },
        { "/v1/users/{user}/recommendations", "get" },
        { "/v1/rooms/{room}/similar", "get" },
        { "/v1/products/{product}/similar", "get" },
        { "/v1/videos/{video}/similar", "get" },
        { "/v1/model", "get" },
        { "/v1/overview", "get" },
        { "/v1/traffic", "get" },
        { "/v1/traffic/policy", "get" },
        { "/v1/traffic/policy", "put" },
        { "/v1/traffic/plan", "post" },
        { "/v1/rooms/{room}/live", "get" },
        { "/v1/overview/live", "get" },
        { "/v1/events/live", "get" },
        { "/healthz/live", "get" },
        { "/healthz/ready", "get" },
        { "/metrics", "get" },
        { "/openapi/v1.json", "get" },
        { "/", "get" },
    };

    [Fact]
    public async Task Document_lists_every_call_and_no_other()
    {
        var document = await DocumentAsync();
        Assert.StartsWith("3.1", document.GetProperty("openapi").GetString());
        var described = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => (path.Name, operation.Name))).Order();
        Assert.Equal(Calls.Select(row => ((string)row[0], (string)row[1])).Order(), described);
    }

    [Fact]
    public async Task Every_call_has_an_id_a_summary_an_answer_and_problem_details()
    {
        var document = await DocumentAsync();
        var ids = new HashSet<string>();
        foreach (var row in Calls)
        {
            var operation = document.GetProperty("paths").GetProperty((string)row[0]).GetProperty((string)row[1]);
            Assert.True(ids.Add(operation.GetProperty("operationId").GetString()!));
            Assert.NotEmpty(operation.GetProperty("summary").GetString()!);
            var responses = operation.GetProperty("responses");
            var good = responses.EnumerateObject().Single(response => response.Name[0] == '2').Value;
            Assert.NotEmpty(good.GetProperty("content").EnumerateObject().Single().Value.GetProperty("schema").EnumerateObject());
            foreach (var bad in responses.EnumerateObject().Where(response => response.Name[0] != '2'))
            {
                Assert.Equal("#/components/schemas/Problem",
                    bad.Value.GetProperty("content").GetProperty("application/problem+json").GetProperty("schema").GetProperty("$ref").GetString());
            }
        }
    }

    [Fact]
    public async Task Every_parameter_of_a_path_is_described_and_those_of_queries_are()
    {
        var document = await DocumentAsync();
        foreach (var row in Calls)
        {
            var path = (string)row[0];
            var operation = document.GetProperty("paths").GetProperty(path).GetProperty((string)row[1]);
            var parameters = operation.TryGetProperty("parameters", out var list) ? list.EnumerateArray().ToArray() : [];
            Assert.Equal(
                path.Split('{').Skip(1).Select(part => part[..part.IndexOf('}')]),
                parameters.Where(parameter => parameter.GetProperty("in").GetString() == "path").Select(parameter => parameter.GetProperty("name").GetString()));
            Assert.All(parameters, parameter => Assert.NotEmpty(parameter.GetProperty("description").GetString()!));
        }
        Assert.Equal(["live", "sort", "limit", "cursor", "window"], QueryNames(document, "/v1/rooms"));
        Assert.Equal(["metric", "step", "from", "to"], QueryNames(document, "/v1/rooms/{room}/series"));
    }

    [Fact]
    public async Task Every_reference_leads_somewhere()
    {
        var document = await DocumentAsync();
        var count = 0;
        Visit(document);
        Assert.True(count > 20);

        void Visit(JsonElement element)
        {
            if (element.ValueKind == JsonValueKind.Array)
            {
                foreach (var item in element.EnumerateArray()) Visit(item);
            }
            else if (element.ValueKind == JsonValueKind.Object)
            {
                foreach (var member in element.EnumerateObject())
                {
                    if (member.Name == "$ref")
                    {
                        count++;
                        var target = document;
                        foreach (var step in member.Value.GetString()!.Split('/').Skip(1)) target = target.GetProperty(step);
                    }
                    else
                    {
                        Visit(member.Value);
                    }
                }
            }
        }
    }

    [Fact]
    public async Task Body_of_events_has_every_media_type_and_the_event_every_type()
    {
        var document = await DocumentAsync();
        var content = document.GetProperty("paths").GetProperty("/v1/events").GetProperty("post").GetProperty("requestBody").GetProperty("content");
        Assert.Equal(
            new[]
            {
                "application/json", "application/x-ndjson", "application/ndjson", "application/jsonl", "application/cloudevents+json",
                "application/cloudevents-batch+json", "application/vnd.livegrains.block",
            }.Order(),
            content.EnumerateObject().Select(member => member.Name).Order());
        var types = Schema(document, "Event").GetProperty("properties").GetProperty("type").GetProperty("enum");
        Assert.Equal(EventTypes.Count - 1, types.GetArrayLength());
        Assert.False(Schema(document, "Event").GetProperty("additionalProperties").GetBoolean());
    }

    [Fact]
    public async Task Schemas_say_what_is_written()
    {
        var document = await DocumentAsync();
        var room = Schema(document, "RoomMetrics").GetProperty("properties");
        Assert.Equal("integer", room.GetProperty("online").GetProperty("type").GetString());
        Assert.Equal("number", room.GetProperty("heat").GetProperty("type").GetString());
        Assert.Equal("date-time", room.GetProperty("asOf").GetProperty("format").GetString());
        Assert.Equal(["null", "number"], room.GetProperty("engagement").GetProperty("type").EnumerateArray().Select(type => type.GetString()).Order());
        var point = Schema(document, "SeriesAnswer").GetProperty("properties").GetProperty("points").GetProperty("items");
        Assert.Equal("array", point.GetProperty("type").GetString());
        Assert.Equal("number", point.GetProperty("items").GetProperty("type").GetString());
    }

    private static async Task<JsonElement> DocumentAsync()
    {
        await using var server = await RunningServer.StartAsync();
        using var response = await server.Client.GetAsync("/openapi/v1.json");
        Assert.Equal("application/json", response.Content.Headers.ContentType!.ToString());
        return await response.JsonAsync();
    }

    private static JsonElement Schema(JsonElement document, string name) => document.GetProperty("components").GetProperty("schemas").GetProperty(name);

    private static IEnumerable<string?> QueryNames(JsonElement document, string path) =>
        document.GetProperty("paths").GetProperty(path).GetProperty("get").GetProperty("parameters").EnumerateArray()
            .Where(parameter => parameter.GetProperty("in").GetString() == "query").Select(parameter => parameter.GetProperty("name").GetString());
}
