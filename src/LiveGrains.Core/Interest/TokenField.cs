namespace LiveGrains.Core;

/// <summary>Where a token of an item was found, heaviest first: of a token in several fields the first counts.</summary>
internal enum TokenField : byte
{
    /// <summary>The category as a whole.</summary>
    Category,
    /// <summary>A tag as a whole.</summary>
    Tag,
    /// <summary>The host as a whole.</summary>
    Host,
    /// <summary>A word or two characters of the title.</summary>
    Title,
    /// <summary>A word or two characters inside a category or a tag.</summary>
    Part,
    /// <summary>A band of prices.</summary>
    Price,
}
