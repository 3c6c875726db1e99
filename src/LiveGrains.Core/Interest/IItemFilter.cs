namespace LiveGrains.Core;

/// <summary>Which items a question may return. A struct, so that the call costs nothing.</summary>
internal interface IItemFilter
{
    /// <summary>True when the item may be returned. Must give the same answer throughout a question.</summary>
    bool Allows(uint item);

    /// <summary>Brings what <see cref="Allows"/> reads on its way from memory.</summary>
    void Prefetch(uint item);
}
