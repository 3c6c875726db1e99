using System.Text.Json;

namespace LiveGrains.Cli.Evaluate;

/// <summary>A data set of sequences: a line is a user and its items, oldest first.</summary>
internal sealed class SequenceData
{
    private static readonly char[] _separators = [' ', '\t', ','];

    private SequenceData(IReadOnlyList<uint[]> users, Vocabulary items)
    {
        Users = users;
        Items = items;
    }

    /// <summary>Each user's items.</summary>
    public IReadOnlyList<uint[]> Users { get; }

    /// <summary>All items.</summary>
    public Vocabulary Items { get; }

    /// <summary>Actions of all users.</summary>
    public long Actions => Users.Sum(u => (long)u.Length);

    /// <summary>Each described item's tokens.</summary>
    public IReadOnlyList<(uint Item, uint[] Tokens)> Attributes { get; private set; } = [];

    /// <summary>Reads a file, and another one with the items' attributes.</summary>
    public static SequenceData Read(string path, string? attributesPath, ToolEnvironment environment)
    {
        var items = new Vocabulary();
        var users = new List<uint[]>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (number, text) in DataFile.Lines(path, environment))
        {
            var fields = text.Split(_separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (fields.Length < 2) throw DataFile.Refuse(path, number, "a user and at least one item are expected");
            if (!lines.TryAdd(fields[0], number)) throw DataFile.Refuse(path, number, $"user {fields[0]} is in line {lines[fields[0]]} already");
            users.Add([.. fields.Skip(1).Select(items.Number)]);
        }
        if (!users.Any(u => u.Length > 1)) throw new LiveGrainsException(ErrorCode.InputNotReadable, $"{path}: no user has two items");
        var data = new SequenceData(users, items);
        if (attributesPath is not null) data.Attributes = ReadAttributes(attributesPath, items, environment);
        return data;
    }

    private static List<(uint Item, uint[] Tokens)> ReadAttributes(string path, Vocabulary items, ToolEnvironment environment)
    {
        var bytes = DataFile.Bytes(path, environment);
        var tokens = new Vocabulary();
        var attributes = new List<(uint, uint[])>();
        var reader = new Utf8JsonReader(bytes);
        try
        {
            Expect(ref reader, JsonTokenType.StartObject, bytes, path, "an object of item → list of attributes is expected");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var item = items.Find(reader.GetString()!);
                Expect(ref reader, JsonTokenType.StartArray, bytes, path, "a list of attributes is expected");
                var own = new List<uint>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) own.Add(tokens.Number(Name(ref reader, bytes, path)));
                // Items that nobody touched cannot be recommended by this protocol.
                if (item != 0) attributes.Add((item, [.. own]));
            }
            if (reader.Read()) throw Refuse(ref reader, bytes, path, "nothing is expected after the object");
        }
        catch (JsonException exception)
        {
            throw DataFile.Refuse(path, (int)(exception.LineNumber ?? 0) + 1, "not JSON");
        }
        return attributes;
    }

    private static string Name(ref Utf8JsonReader reader, byte[] bytes, string path) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString()!,
        JsonTokenType.Number => System.Text.Encoding.UTF8.GetString(reader.ValueSpan),
        _ => throw Refuse(ref reader, bytes, path, "an attribute is a number or a string"),
    };

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type, byte[] bytes, string path, string why)
    {
        if (!reader.Read() || reader.TokenType != type) throw Refuse(ref reader, bytes, path, why);
    }

    private static LiveGrainsException Refuse(ref Utf8JsonReader reader, byte[] bytes, string path, string why) =>
        DataFile.Refuse(path, bytes.AsSpan(0, (int)reader.BytesConsumed).Count((byte)'\n') + 1, why);
}
