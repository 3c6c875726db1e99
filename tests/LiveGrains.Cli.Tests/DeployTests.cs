using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace LiveGrains.Cli.Tests;

/// <summary>What stands in `deploy/` fits the tool.</summary>
public sealed partial class DeployTests
{
    private static readonly string _deploy = Path.Combine(Path.GetDirectoryName(Here())!, "..", "..", "deploy");

    public static TheoryData<string> Files() => [.. Directory.EnumerateFiles(_deploy, "*", SearchOption.AllDirectories)
        .Where(f => Path.GetExtension(f) is ".yaml" or ".service" || Path.GetFileName(f) == "Dockerfile").Where(f => File.ReadLines(f).Any(l => Serve().IsMatch(l))).Select(f => Path.GetRelativePath(_deploy, f))];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Options_of_serve_are_options_that_there_are(string file)
    {
        var help = new CommandRun();
        await help.RunAsync("serve", "--help");
        var commands = File.ReadLines(Path.Combine(_deploy, file)).Where(l => Serve().IsMatch(l)).ToList();
        Assert.NotEmpty(commands);
        foreach (var option in commands.SelectMany(c => Option().Matches(c)).Select(m => m.Value)) Assert.Contains($"  {option} ", help.Out, StringComparison.Ordinal);
        // Nothing is open to the world, and no password stands in a file.
        Assert.DoesNotMatch(@"Password=[^$…;""']", File.ReadAllText(Path.Combine(_deploy, file)));
    }

    [Fact]
    public async Task A_build_without_the_cluster_says_so_and_a_silo_has_no_directory()
    {
        var run = new CommandRun { PostgresConnection = "Host=127.0.0.1" };
        Assert.Equal(2, await run.RunAsync("serve", "--cluster", "postgres"));
        Assert.Contains("no cluster", run.Error, StringComparison.Ordinal);
        Assert.Null(run.OpenedWith);
        foreach (var wrong in (string[][])[["--cluster", "postgres", "--data", "x"], ["--cluster", "mars"], ["--cluster", "postgres", "--silo-address", "0.0.0.0"], ["--cluster", "postgres", "--silo-port", "0"]])
            Assert.Equal(2, await new CommandRun().RunAsync(["serve", .. wrong]));
    }

    [GeneratedRegex(@"^(?!#).*\bserve\b")]
    private static partial Regex Serve();

    [GeneratedRegex(@"(?<=[\s""\[])--[a-z-]+")]
    private static partial Regex Option();

    private static string Here([CallerFilePath] string path = "") => path;
}
