using System.Globalization;

namespace LiveGrains.Cli.Evaluate.Bandit;

/// <summary>
/// Impressions that a policy chose, each with the probability of its choice and what came of it (docs/traffic.md has the format, which is
/// that of the Open Bandit Dataset).
/// </summary>
internal sealed class BanditLog
{
    private const int MaxRows = 5_000_000, MaxPositions = 1_000, MaxFeatures = 32;
    private const string FeaturePrefix = "user_feature_";

    private BanditLog(string name) => Name = name;

    /// <summary>The file.</summary>
    public string Name { get; }

    /// <summary>Number of each row's item in the vocabulary of both logs.</summary>
    public List<int> Items { get; } = [];

    /// <summary>Position of each row, from 1.</summary>
    public List<int> Positions { get; } = [];

    /// <summary>What came of it: 0 or 1 of clicks.</summary>
    public List<double> Rewards { get; } = [];

    /// <summary>The probability with which the policy chose this item for this position, above 0 to 1.</summary>
    public List<double> Propensities { get; } = [];

    /// <summary>Number of each row's combination of the viewer's features.</summary>
    public List<int> Contexts { get; } = [];

    /// <summary>The features of each combination: numbers of values, in the order of the columns.</summary>
    public List<int[]> ContextFeatures { get; } = [];

    /// <summary>Number of different values of all features.</summary>
    public int FeatureValues { get; private set; }

    /// <summary>Number of rows.</summary>
    public int Count => Items.Count;

    /// <summary>Reads a log: `log.csv` or `log.csv.gz` of a directory, or a file. Of the directory's `item_context.csv` the items that could have been chosen.</summary>
    /// <exception cref="LiveGrainsException"><see cref="ErrorCode.InputNotReadable"/>, with file and line.</exception>
    public static BanditLog Read(string path, Dictionary<string, int> items, ToolEnvironment environment, CancellationToken cancellationToken)
    {
        var file = path;
        if (Directory.Exists(path))
        {
            file = new[] { "log.csv", "log.csv.gz" }.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists)
                ?? throw new LiveGrainsException(ErrorCode.InputNotReadable, $"{path}: has neither log.csv nor log.csv.gz");
        }
        if (Path.GetDirectoryName(file) is { } directory && Path.Combine(directory, "item_context.csv") is var context && File.Exists(context))
            ReadItems(context, items, environment);
        var log = new BanditLog(file);
        log.ReadRows(file, items, environment, cancellationToken);
        return log;
    }

    private static void ReadItems(string path, Dictionary<string, int> items, ToolEnvironment environment)
    {
        var column = -1;
        foreach (var (number, text) in DataFile.Lines(path, environment))
        {
            var fields = Fields(path, number, text);
            if (column < 0)
            {
                column = Array.IndexOf(fields, "item_id");
                if (column < 0) throw DataFile.Refuse(path, number, "has no column item_id");
                continue;
            }
            if (fields.Length <= column) throw DataFile.Refuse(path, number, "is shorter than the header");
            Number(items, fields[column]);
        }
    }

    private void ReadRows(string path, Dictionary<string, int> items, ToolEnvironment environment, CancellationToken cancellationToken)
    {
        Columns? columns = null;
        var values = new Dictionary<(int Column, string Value), int>();
        var contexts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (number, text) in DataFile.Lines(path, environment))
        {
            var fields = Fields(path, number, text);
            if (columns is null)
            {
                columns = Columns.Of(path, number, fields);
                continue;
            }
            if (number % 4096 == 0) cancellationToken.ThrowIfCancellationRequested();
            if (fields.Length != columns.Count) throw DataFile.Refuse(path, number, $"{fields.Length} fields, where the header has {columns.Count}");
            if (Count == MaxRows) throw DataFile.Refuse(path, number, $"more than {MaxRows} rows");
            var item = fields[columns.Item];
            if (item.Length is 0 or > 64) throw DataFile.Refuse(path, number, "item_id must have 1 to 64 characters");
            if (!int.TryParse(fields[columns.Position], NumberStyles.None, CultureInfo.InvariantCulture, out var position) || position is < 1 or > MaxPositions)
                throw DataFile.Refuse(path, number, $"position must be from 1 to {MaxPositions}");
            if (!TryNumber(fields[columns.Reward], out var reward) || !double.IsFinite(reward)) throw DataFile.Refuse(path, number, "click or reward must be a number");
            if (columns.IsClick && reward is not (0 or 1)) throw DataFile.Refuse(path, number, "click must be 0 or 1");
            if (!TryNumber(fields[columns.Propensity], out var propensity) || !(propensity is > 0 and <= 1)) throw DataFile.Refuse(path, number, "propensity_score must be above 0 and at most 1");
            Items.Add(Number(items, item));
            Positions.Add(position);
            Rewards.Add(reward);
            Propensities.Add(propensity);
            Contexts.Add(ContextOf(fields, columns, values, contexts));
        }
        if (Count < 2) throw new LiveGrainsException(ErrorCode.InputNotReadable, $"{path}: has fewer than two rows");
        FeatureValues = values.Count;
    }

    private int ContextOf(string[] fields, Columns columns, Dictionary<(int, string), int> values, Dictionary<string, int> contexts)
    {
        var key = string.Join(',', columns.Features.Select(column => fields[column]));
        if (contexts.TryGetValue(key, out var known)) return known;
        ContextFeatures.Add([.. columns.Features.Select(column =>
        {
            if (!values.TryGetValue((column, fields[column]), out var value)) values.Add((column, fields[column]), value = values.Count);
            return value;
        })]);
        contexts.Add(key, ContextFeatures.Count - 1);
        return ContextFeatures.Count - 1;
    }

    private static string[] Fields(string path, int number, string text) =>
        text.Contains('"', StringComparison.Ordinal) ? throw DataFile.Refuse(path, number, "quotes are not part of the format") : text.Split(',');

    private static bool TryNumber(string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    private static int Number(Dictionary<string, int> items, string item)
    {
        if (!items.TryGetValue(item, out var number)) items.Add(item, number = items.Count);
        return number;
    }

    /// <summary>Where the header has what.</summary>
    private sealed record Columns(int Count, int Item, int Position, int Reward, bool IsClick, int Propensity, int[] Features)
    {
        public static Columns Of(string path, int number, string[] header)
        {
            int Required(string name) => Array.IndexOf(header, name) is var column and >= 0 ? column : throw DataFile.Refuse(path, number, $"has no column {name}");
            var click = Array.IndexOf(header, "click");
            var features = Enumerable.Range(0, header.Length).Where(column => header[column].StartsWith(FeaturePrefix, StringComparison.Ordinal)).ToArray();
            if (features.Length > MaxFeatures) throw DataFile.Refuse(path, number, $"more than {MaxFeatures} columns {FeaturePrefix}…");
            return new Columns(header.Length, Required("item_id"), Required("position"), click >= 0 ? click : Required("reward"), click >= 0, Required("propensity_score"), features);
        }
    }
}
