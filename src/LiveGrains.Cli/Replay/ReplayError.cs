namespace LiveGrains.Cli.Replay;

/// <summary>A refused line.</summary>
/// <param name="Input">The file.</param>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Id">The event's id where it could be read.</param>
/// <param name="Code">The stable code.</param>
/// <param name="Message">What is wrong and what to do.</param>
public sealed record ReplayError(string Input, long Line, string? Id, string Code, string Message);
