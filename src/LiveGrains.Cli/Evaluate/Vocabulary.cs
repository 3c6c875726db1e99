namespace LiveGrains.Cli.Evaluate;

/// <summary>Names as numbers from 1, in the order in which they came up.</summary>
internal sealed class Vocabulary
{
    private readonly Dictionary<string, uint> _numbers = new(StringComparer.Ordinal);

    /// <summary>How many names there are; also the highest number.</summary>
    public int Count => _numbers.Count;

    /// <summary>The number of a name, which it gets when it is new.</summary>
    public uint Number(string name)
    {
        if (!_numbers.TryGetValue(name, out var number)) _numbers.Add(name, number = (uint)_numbers.Count + 1);
        return number;
    }

    /// <summary>The number of a name that came up; 0: it did not.</summary>
    public uint Find(string name) => _numbers.GetValueOrDefault(name);
}
