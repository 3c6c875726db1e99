namespace LiveGrains.Simulator;

/// <summary>The size and the seed of a simulated platform. The same options give the same bytes on every machine.</summary>
public sealed record SimulatorOptions
{
    /// <summary>Seed of everything random. Any value; default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Rooms that exist, on air or not: 1 to 1,000,000; default 2,000. About 45 % are on air at a time.</summary>
    public int Rooms { get; init; } = 2_000;

    /// <summary>Users that exist: 1 to 50,000,000; default 200,000.</summary>
    public int Users { get; init; } = 200_000;

    /// <summary>Products that exist: 0 to 10,000,000; default 0, which means ten a room.</summary>
    public int Products { get; init; }

    /// <summary>Length of the stream in minutes of event time: 1 to <see cref="int.MaxValue"/>; default 120.</summary>
    public int Minutes { get; init; } = 120;

    /// <summary>Event time of the first instant, 2001 to 2200; default 2026-01-01T12:00:00Z, prime time in Beijing.</summary>
    public DateTimeOffset Start { get; init; } = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Factor on the number of visits per user: above 0, to 100; default 1.</summary>
    public double Activity { get; init; } = 1.0;

    /// <summary>Value of the member <c>source</c> of every event: 0 to 128 characters; default <c>sim</c>; empty leaves it out.</summary>
    public string Source { get; init; } = "sim";

    /// <summary>Whether every event carries <c>seq</c>, counted from 1. Default false.</summary>
    public bool Sequence { get; init; }

    internal int ProductCount => Products > 0 ? Products : (int)Math.Min(10L * Rooms, MaxProducts);

    private const int MaxProducts = 10_000_000;

    /// <summary>Throws when a value is out of its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of the range that its property states.</exception>
    internal void ThrowIfInvalid()
    {
        ThrowIfOutside(Rooms, 1, 1_000_000, nameof(Rooms));
        ThrowIfOutside(Users, 1, 50_000_000, nameof(Users));
        ThrowIfOutside(Products, 0, MaxProducts, nameof(Products));
        ThrowIfOutside(Minutes, 1, int.MaxValue, nameof(Minutes));
        ThrowIfOutside(Start.UtcDateTime.Year, 2001, 2200, nameof(Start));
        ArgumentNullException.ThrowIfNull(Source);
        ThrowIfOutside(Source.Length, 0, 128, nameof(Source));
        if (!(Activity > 0 && Activity <= 100))
            throw new ArgumentOutOfRangeException(nameof(Activity), Activity, "Activity is above 0 and at most 100.");
    }

    private static void ThrowIfOutside(int value, int lowest, int highest, string name)
    {
        if (value < lowest || value > highest)
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {lowest} to {highest}.");
    }
}
