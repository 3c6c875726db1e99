namespace LiveGrains.Core;

/// <summary>What became of an event.</summary>
internal enum Verdict : byte
{
    /// <summary>Applied.</summary>
    Accepted = 0,
    /// <summary>Known; changed nothing.</summary>
    Duplicate = 1,
    /// <summary>A table is full; left no trace.</summary>
    Capacity = 2,
}
