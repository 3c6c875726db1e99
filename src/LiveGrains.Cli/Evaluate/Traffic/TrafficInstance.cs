using LiveGrains.Core;

namespace LiveGrains.Cli.Evaluate.Traffic;

/// <summary>How viewers and rooms of an instance change over time.</summary>
internal enum TrafficInstanceKind
{
    /// <summary>Independent, identically distributed: nothing changes.</summary>
    Iid,

    /// <summary>Rooms get better and worse, segments come and go.</summary>
    Drift,

    /// <summary>Sudden crowds, and rooms that are suddenly wanted.</summary>
    Flash,

    /// <summary>One segment after the other, the least valuable first.</summary>
    Adversarial,

    /// <summary>The simulated platform's viewers, who act on what they are shown; what they are worth is to be learned.</summary>
    Simulator,
}

/// <summary>
/// Four hours of a platform: who can be shown what when, and what it is worth. An opportunity is a list for a viewer, of one slot or more. The same for the same
/// kind, seed and sizes.
/// </summary>
internal abstract class TrafficInstance
{
    /// <summary>Impressions are counted by such slices of time.</summary>
    public const int SliceMs = 30_000;

    public const long StartMs = 1_767_225_600_000; // 2026-01-01, an hour's beginning
    public const int Hours = 4;
    public const int Slices = Hours * 3_600_000 / SliceMs;

    private const int GuaranteeMinutes = 60;

    protected TrafficInstance(int rooms)
    {
        Rooms = rooms;
        IsNew = new bool[rooms];
        HostOf = new int[rooms];
    }

    public int Rooms { get; }

    /// <summary>Rooms that a guarantee is about: those of hosts whom nobody has seen.</summary>
    public bool[] IsNew { get; }

    public int[] HostOf { get; }

    /// <summary>Slots of all lists.</summary>
    public abstract int Impressions { get; }

    public abstract TrafficPolicy Policy { get; }

    /// <summary>No list has more candidates.</summary>
    public abstract int MostCandidates { get; }

    /// <summary>Slots of a list.</summary>
    public abstract int Slots { get; }

    /// <summary>When a room goes on air first.</summary>
    public abstract long OnAirMs(int room);

    /// <summary>True: from then on it is on air to the end.</summary>
    public abstract bool StaysOnAir(int room);

    /// <summary>For how many slices of time a room is on air.</summary>
    public abstract int SlicesOnAir(int room);

    /// <summary>The first list of a slice.</summary>
    public abstract int FirstOf(int slice);

    /// <summary>The candidates of a list and what an impression of each is worth.</summary>
    public abstract int Fill(int slice, int list, Span<int> rooms, Span<float> values);

    /// <summary>Impressions from one slice to before another.</summary>
    public int ImpressionsOf(int from, int until) => (FirstOf(until) - FirstOf(from)) * Slots;

    /// <summary>The slice of a moment.</summary>
    public static int SliceOf(long timeMs) => (int)((timeMs - StartMs) / SliceMs);

    /// <summary>The first slice that the guarantee of a room does not reach.</summary>
    public int EndOfGuarantee(int room, int minutes) => (int)Math.Min(Slices, (OnAirMs(room) + minutes * 60_000L - StartMs + SliceMs - 1) / SliceMs);

    public static string Name(int room) => $"r{room}";

    /// <summary>A room's number in ledgers that the yardstick keeps itself.</summary>
    public static uint Item(int room) => InterestItem.Of(InterestKind.Room, (uint)room + 1);

    public static int RoomOf(TrafficBoost boost) => int.Parse(boost.Room![1..], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>What is promised: caps, a floor, and a twentieth of all impressions to new hosts.</summary>
    protected TrafficPolicy PolicyOf(IReadOnlyList<TrafficBoost> boosts, int newRooms) => new()
    {
        Guarantees = newRooms == 0 ? [] : [new TrafficGuarantee { HostImpressionsBelow = 1, Impressions = Math.Max(1, Impressions / 20 / newRooms), Minutes = GuaranteeMinutes }],
        Caps = [new TrafficCap { Over = TrafficDimension.Room, Share = Math.Min(1, 4.0 / Rooms) }, new TrafficCap { Over = TrafficDimension.Host, Share = Math.Min(1, 6.0 / Rooms) }],
        Fairness = new TrafficFairness { Over = TrafficDimension.Host, Floor = 0.1 },
        Boosts = boosts,
    };

    /// <summary>Impressions that were bought for a room, from one slice to before another.</summary>
    protected static TrafficBoost BoostOf(int room, int number, long from, long until, int impressions) => new()
    {
        Id = $"b{number}",
        Room = Name(room),
        Impressions = Math.Max(1, impressions),
        From = DateTimeOffset.FromUnixTimeMilliseconds(StartMs + from * SliceMs),
        Until = DateTimeOffset.FromUnixTimeMilliseconds(StartMs + until * SliceMs),
    };
}
