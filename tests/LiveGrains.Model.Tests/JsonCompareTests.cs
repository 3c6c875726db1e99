using System.Text.Json.Nodes;

namespace LiveGrains.Model.Tests;

public class JsonCompareTests
{
    private static IReadOnlyList<string> Compare(string expected, string actual, params string[] ignoring) =>
        JsonCompare.Differences(JsonNode.Parse(expected), JsonNode.Parse(actual), ignoring);

    [Theory]
    [InlineData("""{"a":1}""", """{"a":1,"b":2}""")]
    [InlineData("""{"a":0.3}""", """{"a":0.30000000000000004}""")]
    [InlineData("""{"a":2}""", """{"a":2.0}""")]
    [InlineData("""{"a":null,"b":[1,{"c":"x"}]}""", """{"b":[1,{"c":"x"}],"a":null}""")]
    [InlineData("\"2023-11-14T22:13:27+00:00\"", "\"2023-11-14T22:13:27.000Z\"")]
    [InlineData("\"\\u6c49\"", "\"汉\"")]
    public void The_same_has_no_differences(string expected, string actual) => Assert.Empty(Compare(expected, actual));

    [Theory]
    [InlineData("""{"a":{"b":1}}""", """{"a":{"b":2}}""", "a.b: expected 1, actual 2")]
    [InlineData("""{"a":9007199254740993}""", """{"a":9007199254740992}""", "a: expected 9007199254740993, actual 9007199254740992")]
    [InlineData("""{"a":0.3}""", """{"a":0.3001}""", "a: expected 0.3, actual 0.3001")]
    [InlineData("""{"a":null}""", """{}""", "a: expected null, actual is missing")]
    [InlineData("""{"a":null}""", """{"a":0}""", "a: expected null, actual 0")]
    [InlineData("""{"a":0}""", """{"a":null}""", "a: expected 0, actual null")]
    [InlineData("""{"a":[1,2]}""", """{"a":[1]}""", "a: expected 2 elements, actual 1")]
    [InlineData("""{"a":[{"b":true}]}""", """{"a":[{"b":false}]}""", "a.0.b: expected true, actual false")]
    [InlineData("""{"a":"1"}""", """{"a":1}""", "a: expected \"1\", actual 1")]
    [InlineData("""{"a":{}}""", """{"a":[]}""", "a: expected {}, actual []")]
    public void Differences_are_named_with_their_paths(string expected, string actual, string difference) =>
        Assert.Equal([difference], Compare(expected, actual));

    [Fact]
    public void Ignored_paths_are_not_compared() =>
        Assert.Equal(["d: expected 1, actual 2"], Compare("""{"a":1,"b":[{"c":1},{"c":3}],"d":1,"e":1}""", """{"a":2,"b":[{"c":2},{"c":4}],"d":2}""", "a", "b[*].c", "e"));
}
