using LiveGrains.Model;

namespace LiveGrains.Crash.Tests;

/// <summary>A test that needs a file of shared/data; skipped, with its name, where it is missing.</summary>
public sealed class FactIfDataAttribute : FactAttribute
{
    /// <summary>Skips the test when the file is not found.</summary>
    public FactIfDataAttribute(string file)
    {
        if (DataFiles.Find(file) == null) Skip = $"shared/data/{file} is missing: not found in any directory above {AppContext.BaseDirectory}.";
    }
}
