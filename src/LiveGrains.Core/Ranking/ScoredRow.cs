namespace LiveGrains.Core;

/// <summary>A row and its score.</summary>
/// <param name="Row">The row's number.</param>
/// <param name="Score">Higher is better.</param>
internal readonly record struct ScoredRow(int Row, float Score)
{
    /// <summary>True when this comes before another: higher score first, then lower row.</summary>
    public bool IsBefore(ScoredRow other) => Score > other.Score || (Score == other.Score && Row < other.Row);
}
