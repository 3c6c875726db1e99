using System.Text.Json;
using LiveGrains.Cli.Evaluate.Traffic;

namespace LiveGrains.Cli.Tests;

public sealed class EvaluateTrafficTests
{
    private static readonly string[] _small = ["evaluate", "traffic", "--rooms", "60", "--impressions", "10000", "--seeds", "1"];

    [Fact]
    public async Task Promises_are_kept_and_the_bound_is_one_for_who_keeps_them()
    {
        var json = await Run("--instances", "iid,flash");
        Assert.Equal(["iid", "flash"], json.GetProperty("tables").EnumerateArray().Select(t => t.GetProperty("instance").GetString()));
        foreach (var table in json.GetProperty("tables").EnumerateArray())
        {
            var allocator = Row(table, "allocator");
            Assert.InRange(Median(allocator, "value"), 0.8, 1);
            Assert.Equal(0, allocator.GetProperty("capsBroken").GetInt64());
            Assert.True(Median(allocator, "guaranteesKept") >= 0.98);
            // Six impressions are bought for each of six rooms; a few more come unasked.
            Assert.InRange(Median(allocator, "boostError"), 0, 0.12);
            Assert.InRange(Median(Row(table, "secondDay"), "boostError"), 0, 0.12);
            Assert.True(Median(allocator, "value") > Median(Row(table, "heat"), "value"));
            // Who has to learn what everybody else is told has less, and more than who gives slots away by chance.
            Assert.InRange(Median(Row(table, "learning"), "value"), Median(Row(table, "heat"), "value"), Median(allocator, "value"));
            Assert.Equal(0, Row(table, "learning").GetProperty("capsBroken").GetInt64());
        }
    }

    [Fact]
    public async Task On_the_simulated_platform_promises_are_kept_while_values_are_learned()
    {
        var json = await Run("--instances", "simulator");
        var table = json.GetProperty("tables")[0];
        var allocator = Row(table, "allocator");
        Assert.Equal(0, allocator.GetProperty("capsBroken").GetInt64());
        Assert.True(Median(allocator, "guaranteesKept") >= 0.98);
        Assert.InRange(Median(allocator, "value"), Math.Max(Median(Row(table, "random"), "value"), Median(Row(table, "heat"), "value")), 1);
        // Caps alone are kept by everybody.
        Assert.All(table.GetProperty("rows").EnumerateArray(), row => Assert.Equal(0, row.GetProperty("capsBroken").GetInt64()));
        Assert.DoesNotContain(table.GetProperty("rows").EnumerateArray(), row => row.GetProperty("method").GetString() == "learning");
    }

    [Fact]
    public void A_loop_on_the_simulated_platform_goes_the_same_way_again()
    {
        var outcomes = Enumerable.Range(0, 2).Select(_ => SimulatedRun.Play(new SimulatedInstance(5, 60, 10_000), TrafficMethod.Allocator)).ToArray();
        Assert.Equal(outcomes[0] with { MicrosecondsPerDecision = 0 }, outcomes[1] with { MicrosecondsPerDecision = 0 });
        Assert.NotEqual(outcomes[0].Value, SimulatedRun.Play(new SimulatedInstance(6, 60, 10_000), TrafficMethod.Allocator).Value);
    }

    [Fact]
    public async Task The_same_seed_is_the_same_instance_and_another_is_another()
    {
        var first = Row((await Run("--instances", "drift")).GetProperty("tables")[0], "allocator");
        var again = Row((await Run("--instances", "drift", "--first-seed", "1")).GetProperty("tables")[0], "allocator");
        var other = Row((await Run("--instances", "drift", "--first-seed", "2")).GetProperty("tables")[0], "allocator");
        Assert.Equal(Median(first, "value"), Median(again, "value"));
        Assert.NotEqual(Median(first, "value"), Median(other, "value"));
    }

    [Theory]
    [InlineData("text", "LiveGrains")]
    [InlineData("markdown", "| LiveGrains |")]
    public async Task It_is_written_for_people_and_for_a_readme(string format, string text)
    {
        var run = new CommandRun();
        Assert.Equal(0, await run.RunAsync([.. _small, "--instances", "adversarial", "--format", format]));
        Assert.Contains(text, run.Out, StringComparison.Ordinal);
        Assert.Contains("60 rooms", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--instances", "sunny")]
    [InlineData("--rooms", "3")]
    [InlineData("--seeds", "0")]
    [InlineData("--first-seed", "0")]
    [InlineData("--format", "xml")]
    public async Task What_is_out_of_range_is_wrong_usage(string option, string value)
    {
        var run = new CommandRun();
        Assert.Equal(2, await run.RunAsync("evaluate", "traffic", option, value));
        Assert.Contains(option, run.Error, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> Run(params string[] arguments)
    {
        var run = new CommandRun();
        Assert.True(await run.RunAsync([.. _small, "--format", "json", .. arguments]) == 0, run.Error);
        return run.Json;
    }

    private static JsonElement Row(JsonElement table, string method) => table.GetProperty("rows").EnumerateArray().Single(r => r.GetProperty("method").GetString() == method);

    private static double Median(JsonElement row, string number) => row.GetProperty(number).GetProperty("median").GetDouble();
}
