using System.Globalization;

namespace LiveGrains.Cli.Evaluate;

/// <summary>One user's item; a rating of NaN: none is given.</summary>
internal readonly record struct Rating(uint User, uint Item, double Value);

/// <summary>
/// A data set of ratings in one of two forms, told apart by content: a line is `user item [rating [time]]` (tabs, commas, `::`
/// or blanks), or a line is a user and all its items (blanks).
/// </summary>
internal static class RatingData
{
    /// <summary>Reads a file.</summary>
    public static List<Rating> Read(string path, Vocabulary users, Vocabulary items, ToolEnvironment environment)
    {
        var lines = new List<(int Number, string[] Fields)>();
        var delimited = true;
        foreach (var (number, text) in DataFile.Lines(path, environment))
        {
            var fields = Split(text, out var isDelimited);
            if (fields.Length < 2) throw DataFile.Refuse(path, number, "a user and at least one item are expected");
            delimited &= isDelimited;
            lines.Add((number, fields));
        }
        if (lines.Count == 0) throw new LiveGrainsException(ErrorCode.InputNotReadable, $"{path}: empty");
        var lists = !delimited && IsLists(lines);
        var ratings = new List<Rating>();
        foreach (var (number, fields) in lines)
        {
            var user = users.Number(fields[0]);
            if (!lists) ratings.Add(One(path, number, fields, user, items));
            else ratings.AddRange(fields.Skip(1).Select(item => new Rating(user, items.Number(item), double.NaN)));
        }
        return ratings;
    }

    private static string[] Split(string text, out bool isDelimited)
    {
        const StringSplitOptions Options = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        isDelimited = true;
        if (text.Contains("::", StringComparison.Ordinal)) return text.Split("::", Options);
        if (text.AsSpan().IndexOfAny('\t', ',') >= 0) return text.Split(['\t', ','], Options);
        isDelimited = false;
        return text.Split(' ', Options);
    }

    // With blanks both forms are possible: a list has a line a user, and seldom three fields in all lines.
    private static bool IsLists(List<(int Number, string[] Fields)> lines) =>
        lines.Exists(l => l.Fields.Length > 4) || lines.DistinctBy(l => l.Fields[0]).Count() == lines.Count;

    private static Rating One(string path, int number, string[] fields, uint user, Vocabulary items)
    {
        if (fields.Length > 4) throw DataFile.Refuse(path, number, $"{fields.Length} fields, where user, item, rating and time are expected");
        var value = double.NaN;
        if (fields.Length > 2 && !(double.TryParse(fields[2], NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value)))
            throw DataFile.Refuse(path, number, $"the rating '{fields[2]}' is not a number");
        return new Rating(user, items.Number(fields[1]), value);
    }
}
