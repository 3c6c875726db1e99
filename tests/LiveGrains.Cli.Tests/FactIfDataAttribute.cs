using LiveGrains.Model;

namespace LiveGrains.Cli.Tests;

/// <summary>A test that needs files of shared/data; skipped, with their names, where one is missing.</summary>
public sealed class FactIfDataAttribute : FactAttribute
{
    /// <summary>Skips the test when a file is not found.</summary>
    public FactIfDataAttribute(params string[] files)
    {
        var missing = files.Where(f => DataFiles.Find(f) is null).ToArray();
        if (missing.Length > 0) Skip = $"{string.Join(", ", missing.Select(f => "shared/data/" + f))} missing: not found in any directory above {AppContext.BaseDirectory}.";
    }
}
