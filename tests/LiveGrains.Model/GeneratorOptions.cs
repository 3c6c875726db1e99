namespace LiveGrains.Model;

/// <summary>The knobs of <see cref="EventGenerator"/>. Few keys make everything collide.</summary>
public sealed record GeneratorOptions
{
    /// <summary>Rooms.</summary>
    public int Rooms { get; init; } = 4;
    /// <summary>Users.</summary>
    public int Users { get; init; } = 12;
    /// <summary>Products.</summary>
    public int Products { get; init; } = 6;
    /// <summary>Videos.</summary>
    public int Videos { get; init; } = 3;
    /// <summary>Channels; above 31 some share the row `other`.</summary>
    public int Channels { get; init; } = 6;
    /// <summary>The generator's clock at the first event.</summary>
    public long StartMs { get; init; } = 1_700_000_003_217;
    /// <summary>The lateness whose edge is aimed at.</summary>
    public long LatenessMs { get; init; } = 300_000;
    /// <summary>The presence timeout whose edge is aimed at.</summary>
    public long PresenceTimeoutMs { get; init; } = 90_000;
    /// <summary>Share of events that repeat an earlier id or seq.</summary>
    public double DuplicateShare { get; init; } = 0.08;
    /// <summary>Share of events out of order, half of them beyond lateness.</summary>
    public double DisorderShare { get; init; } = 0.25;
    /// <summary>Share of events ahead of the clock, by up to 60 s.</summary>
    public double AheadShare { get; init; } = 0.05;
    /// <summary>Share of events with a currency that is not CNY, of those with an amount.</summary>
    public double ForeignShare { get; init; } = 0.1;
    /// <summary>Share of lines that break exactly one rule.</summary>
    public double InvalidShare { get; init; }
    /// <summary>Chance that the clock jumps by more than the presence timeout, up to two hours, before an event.</summary>
    public double GapShare { get; init; } = 0.004;
    /// <summary>Events that name a product and a video at once, and a pay or refund that names a video too.</summary>
    public bool BothItems { get; init; }
    /// <summary>Spelling that only a full JSON reader gets right: escaped names and values, blanks, any order of members.</summary>
    public bool OddSpelling { get; init; } = true;
}
