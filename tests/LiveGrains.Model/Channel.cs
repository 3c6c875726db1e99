namespace LiveGrains.Model;

/// <summary>What one channel brought to a room.</summary>
internal sealed class Channel
{
    public long Views;
    public long Gmv;
    public HashSet<string> Viewers { get; } = new(StringComparer.Ordinal);
}
