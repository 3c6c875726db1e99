using LiveGrains.Engine.Verification;

namespace LiveGrains.Cli.Verify;

/// <summary>The JSON document of `verify --format json`.</summary>
/// <param name="Directory">As given; of a database its name and place.</param>
/// <param name="Ok">Nothing is damaged.</param>
/// <param name="Files">Files that were read; of a database its rows.</param>
/// <param name="Bytes">Bytes that were read.</param>
/// <param name="Frames">Frames of the log.</param>
/// <param name="Events">Events in them.</param>
/// <param name="Seconds">Time it took.</param>
/// <param name="Findings">What is wrong or worth a note, and where.</param>
public sealed record VerifyResult(
    string Directory, bool Ok, long Files, long Bytes, long Frames, long Events, double Seconds, IReadOnlyList<VerifyFinding> Findings);
