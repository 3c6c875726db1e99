using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace LiveGrains.Engine.Tests;

/// <summary>Projects know only what stands above them in docs and design: Abstractions, Core, Engine; the server only the port.</summary>
public sealed class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["LiveGrains.Abstractions"] = [],
        ["LiveGrains.Simulator"] = [],
        ["LiveGrains.Model"] = [],
        ["LiveGrains.Core"] = ["LiveGrains.Abstractions"],
        ["LiveGrains.Engine"] = ["LiveGrains.Abstractions", "LiveGrains.Core"],
        ["LiveGrains.Postgres"] = ["LiveGrains.Abstractions", "LiveGrains.Core", "LiveGrains.Engine"],
        ["LiveGrains.Reports"] = ["LiveGrains.Abstractions"],
        ["LiveGrains.Server"] = ["LiveGrains.Abstractions", "LiveGrains.Reports"],
    };

    public static TheoryData<string> Projects() => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_refers_only_to_what_it_may(string project)
    {
        var root = Root();
        var file = new[] { "src", "tests" }.Select(d => Path.Combine(root, d, project, project + ".csproj")).Single(File.Exists);
        var references = XDocument.Load(file).Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(((string)r.Attribute("Include")!).Replace('\\', '/')));
        Assert.Empty(references.Except(Allowed[project]));
    }

    [Fact]
    public void Compiled_engine_refers_only_upwards()
    {
        Assert.Empty(Ours(typeof(LiveGrainsEngine)).Except(Allowed["LiveGrains.Engine"]));
        Assert.Empty(Ours(typeof(Core.KeyHash)).Except(Allowed["LiveGrains.Core"]));
        Assert.Empty(Ours(typeof(ILiveGrains)));
        Assert.Empty(Ours(typeof(Model.ModelEngine)));
    }

    [Theory]
    [InlineData("LiveGrains.Abstractions")]
    [InlineData("LiveGrains.Core")]
    [InlineData("LiveGrains.Engine")]
    [InlineData("LiveGrains.Reports")]
    public void Pure_projects_need_no_package(string project)
    {
        var file = Path.Combine(Root(), "src", project, project + ".csproj");
        Assert.Empty(XDocument.Load(file).Descendants("PackageReference"));
    }

    private static IEnumerable<string> Ours(Type type) =>
        type.Assembly.GetReferencedAssemblies().Select(a => a.Name!).Where(n => n.StartsWith("LiveGrains", StringComparison.Ordinal));

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
