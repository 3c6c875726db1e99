using LiveGrains.Core;

namespace LiveGrains.Engine;

/// <summary>The ranges of <see cref="EngineOptions"/>, both ends included: what the engine refuses, a command line refuses with the same words.</summary>
/// <param name="Least">The lowest value.</param>
/// <param name="Most">The highest value.</param>
public readonly record struct EngineLimits(long Least, long Most)
{
    private const int Megabyte = 1 << 20;

    /// <summary>Of <see cref="EngineOptions.Shards"/>.</summary>
    public static EngineLimits Shards { get; } = new(1, 64);

    /// <summary>Of <see cref="EngineOptions.Lateness"/>, seconds.</summary>
    public static EngineLimits LatenessSeconds { get; } = new(0, 3_600);

    /// <summary>Of <see cref="EngineOptions.PresenceTimeout"/>, seconds.</summary>
    public static EngineLimits PresenceTimeoutSeconds { get; } = new(1, 600);

    /// <summary>Of <see cref="EngineOptions.DedupeWindow"/>, seconds: a week.</summary>
    public static EngineLimits DedupeWindowSeconds { get; } = new(1, 7 * 86_400);

    /// <summary>Of <see cref="EngineOptions.DedupeIds"/>.</summary>
    public static EngineLimits DedupeIds { get; } = new(1024, 1 << 30);

    /// <summary>Of <see cref="EngineOptions.ExactAudience"/>.</summary>
    public static EngineLimits ExactAudience { get; } = new(1, 100_000_000);

    /// <summary>Of <see cref="EngineOptions.MaxRooms"/>.</summary>
    public static EngineLimits MaxRooms { get; } = new(1, UserDetail.MaxItemRows);

    /// <summary>Of <see cref="EngineOptions.MaxProducts"/>.</summary>
    public static EngineLimits MaxProducts { get; } = new(1, UserDetail.MaxItemRows);

    /// <summary>Of <see cref="EngineOptions.MaxUsers"/>.</summary>
    public static EngineLimits MaxUsers { get; } = new(1, int.MaxValue);

    /// <summary>Of <see cref="EngineOptions.MaxAudiencePairs"/>.</summary>
    public static EngineLimits MaxAudiencePairs { get; } = new(1024, long.MaxValue / 2);

    /// <summary>Of <see cref="EngineOptions.SegmentBytes"/>.</summary>
    public static EngineLimits SegmentBytes { get; } = new(64 << 10, 1L << 32);

    /// <summary>Of <see cref="EngineOptions.SegmentBytes"/>, in whole MiB.</summary>
    public static EngineLimits SegmentMegabytes { get; } = new(1, SegmentBytes.Most / Megabyte);

    /// <summary>Of <see cref="EngineOptions.WatchWeight"/>, <see cref="EngineOptions.InteractWeight"/> and <see cref="EngineOptions.PayWeight"/>.</summary>
    public static EngineLimits ObjectiveWeight { get; } = new(0, 1_000);

    /// <summary>True when a value lies within.</summary>
    public bool Allows(double value) => value >= Least && value <= Most;
}
