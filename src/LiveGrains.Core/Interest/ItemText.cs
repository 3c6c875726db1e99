namespace LiveGrains.Core;

/// <summary>What is known of a room, a product or a video, as UTF-8; any member may be empty, and none need be valid.</summary>
internal readonly ref struct ItemText
{
    /// <summary>The category, such as `服饰 fashion`.</summary>
    public ReadOnlySpan<byte> Category { get; init; }

    /// <summary>The tags: two length bytes and that many bytes each, as records carry them.</summary>
    public ReadOnlySpan<byte> Tags { get; init; }

    /// <summary>The title.</summary>
    public ReadOnlySpan<byte> Title { get; init; }

    /// <summary>The host's or seller's name.</summary>
    public ReadOnlySpan<byte> Host { get; init; }

    /// <summary>The price in minor units; 0 or less: unknown.</summary>
    public long Price { get; init; }
}
