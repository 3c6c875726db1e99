namespace LiveGrains.Model;

/// <summary>The real data sets, which are beside the checkout and never in it.</summary>
public static class DataFiles
{
    /// <summary>4.2 hours of seven live rooms.</summary>
    public const string Bilibili = "bilibili-2021-12-30.ndjson.gz";

    /// <summary>Two hours of a shop.</summary>
    public const string Taobao = "taobao-2017-11-26.ndjson.gz";

    /// <summary>The path of `shared/data/NAME`, looked for in each directory from the program's upwards; null when missing.</summary>
    public static string? Find(string name)
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory != null; directory = directory.Parent)
        {
            var path = Path.Combine(directory.FullName, "shared", "data", name);
            if (File.Exists(path))
                return path;
        }

        return null;
    }
}
