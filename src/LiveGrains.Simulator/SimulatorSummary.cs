namespace LiveGrains.Simulator;

/// <summary>What a simulator has written so far. A snapshot: it does not change afterwards.</summary>
/// <param name="Events">Lines written.</param>
/// <param name="Bytes">Bytes written, line ends included.</param>
/// <param name="RoomsOnAir">Rooms on air at the last written event.</param>
/// <param name="Watching">Viewers in a room at the last written event.</param>
/// <param name="ByType">Lines by event type; a type that has not occurred is absent.</param>
public sealed record SimulatorSummary(
    long Events,
    long Bytes,
    int RoomsOnAir,
    int Watching,
    IReadOnlyDictionary<string, long> ByType);
