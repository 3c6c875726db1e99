using System.Numerics;

namespace LiveGrains.Core;

/// <summary>
/// What an interaction says about a user's interest (docs/semantics.md, "Interest"): 1 is a visit. Bursts, money and watching
/// count by their logarithm, in whole steps, so that every machine gets the same number.
/// </summary>
internal static class InterestStrength
{
    /// <summary>The strength of an event; 0: it says nothing, or nothing good.</summary>
    /// <param name="type">What happened.</param>
    /// <param name="count">How often.</param>
    /// <param name="value">Milliseconds for `play`, minor units for money.</param>
    public static float Of(EventType type, uint count, long value) => type switch
    {
        EventType.Enter or EventType.Click => 1,
        EventType.Play => Math.Min(3, 0.25f + 0.25f * BitOperations.Log2((ulong)value / 1000 + 1)),
        EventType.Like => 1 + 0.25f * Math.Min(4, BitOperations.Log2(count)),
        EventType.Comment => 1.5f,
        EventType.Cart => 2,
        EventType.Share => 2.5f,
        EventType.Follow or EventType.Order => 3,
        EventType.Subscribe or EventType.Gift or EventType.Pay => Math.Min(6, 3 + 0.25f * BitOperations.Log2((ulong)value / 100 + 1)),
        _ => 0,
    };

    /// <summary>Who leaves a room so soon after coming, and did nothing there, did not want it.</summary>
    public const long QuickLeaveMs = 10_000;

    /// <summary>Who watches a video for less than this did not want it.</summary>
    public const long ShortPlayMs = 3_000;

    /// <summary>What is remembered of an event besides its strength.</summary>
    /// <param name="type">What happened.</param>
    /// <param name="value">Milliseconds for `play`.</param>
    public static HistoryFlags Flags(EventType type, long value) => type switch
    {
        EventType.Play when value < ShortPlayMs => HistoryFlags.Seen | HistoryFlags.Left,
        EventType.Enter or EventType.Click or EventType.Play => HistoryFlags.Seen,
        EventType.Like or EventType.Share => HistoryFlags.Liked,
        EventType.Follow => HistoryFlags.Followed,
        EventType.Pay or EventType.Subscribe => HistoryFlags.Bought,
        EventType.Dislike => HistoryFlags.Disliked,
        EventType.Report => HistoryFlags.Reported,
        _ => HistoryFlags.None,
    };
}
