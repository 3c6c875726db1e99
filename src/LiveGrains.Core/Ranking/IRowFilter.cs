namespace LiveGrains.Core;

/// <summary>Which rows a query may return. A struct, so that the call costs nothing; asked only of rows that could be among the best.</summary>
internal interface IRowFilter
{
    /// <summary>True when the row may be returned. Must give the same answer throughout a query.</summary>
    bool Allows(int row);
}

/// <summary>Every row.</summary>
internal readonly struct EveryRow : IRowFilter
{
    /// <inheritdoc/>
    public bool Allows(int row) => true;
}
