namespace LiveGrains.Reports;

/// <summary>The report of a broadcast. Amounts are in minor units of <see cref="Currency"/>; a ratio whose denominator is 0 is null.</summary>
public sealed record RoomReport
{
    /// <summary>The room's metrics, as `GET /v1/rooms/{room}` gives them.</summary>
    public required RoomMetrics Summary { get; init; }
    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }
    /// <summary>Series a minute, as `GET /v1/rooms/{room}/series?step=60` gives them; broadcasts of more than a day have longer steps.</summary>
    public required ReportCurves Curves { get; init; }
    /// <summary>From exposure to payment, in distinct users.</summary>
    public required IReadOnlyList<FunnelStage> Funnel { get; init; }
    /// <summary>The steps that stand out, in the order of time, at most 12.</summary>
    public required IReadOnlyList<BestMinute> BestMinutes { get; init; }
    /// <summary>After against before: of the moments that were named, else of the best minutes.</summary>
    public required IReadOnlyList<MomentEffect> Effects { get; init; }
    /// <summary>Products and videos, highest gmv first, then clicks, at most 100.</summary>
    public required IReadOnlyList<ItemInRoom> Products { get; init; }
    /// <summary>Gifts.</summary>
    public required GiftSummary Gifts { get; init; }
    /// <summary>Where viewers came from, most views first.</summary>
    public required IReadOnlyList<ReportChannel> Channels { get; init; }
    /// <summary>What people wrote about.</summary>
    public required CommentWords Words { get; init; }
}

/// <summary>Series with a common beginning and step.</summary>
/// <param name="Start">Begin of the first step, a multiple of the step since 1970.</param>
/// <param name="StepSeconds">60; of broadcasts over a day 300, 1,800, 3,600 or 21,600.</param>
/// <param name="Values">By metric, all of one length; `online` is the highest in a step.</param>
public sealed record ReportCurves(DateTimeOffset Start, int StepSeconds, IReadOnlyDictionary<string, double[]> Values)
{
    /// <summary>The begin of a step.</summary>
    public DateTimeOffset At(int step) => Start.AddSeconds((double)step * StepSeconds);

    /// <summary>The number of steps.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int Count => Values["online"].Length;
}

/// <summary>A stage of the funnel.</summary>
/// <param name="Stage">`exposure`, `view`, `productClick`, `order` or `pay`.</param>
/// <param name="Users">Distinct users.</param>
/// <param name="Count">How often.</param>
/// <param name="OfPrevious">Users ÷ users of the stage before; null for the first.</param>
/// <param name="OfFirst">Users ÷ users of the first stage.</param>
public sealed record FunnelStage(string Stage, long Users, long Count, double? OfPrevious, double? OfFirst);

/// <summary>A step in which something was far above its average.</summary>
/// <param name="Start">Its begin.</param>
/// <param name="Highlights">What stands out, most times the average first.</param>
/// <param name="Counts">What happened in it, by metric; only what is not 0.</param>
public sealed record BestMinute(DateTimeOffset Start, IReadOnlyList<Highlight> Highlights, IReadOnlyDictionary<string, double> Counts);

/// <summary>A metric that stands out in a step.</summary>
/// <param name="Metric">Its name.</param>
/// <param name="Value">Its value in the step.</param>
/// <param name="TimesAverage">Value ÷ average over all steps.</param>
public sealed record Highlight(string Metric, double Value, double TimesAverage);

/// <summary>What changed at a moment.</summary>
/// <param name="At">The moment, rounded to the series' step; `after` begins here.</param>
/// <param name="Resumed">Where `after` begins when a found minute is itself left out, else the moment.</param>
/// <param name="Found">True: a best minute; false: named by the reader.</param>
/// <param name="SecondsBefore">Length of the window before; shorter than asked where the broadcast begins.</param>
/// <param name="SecondsAfter">Length of the window after; shorter than asked where it ends.</param>
/// <param name="Changes">Metric by metric; `interactions` is the interaction effect.</param>
public sealed record MomentEffect(DateTimeOffset At, DateTimeOffset Resumed, bool Found, int SecondsBefore, int SecondsAfter, IReadOnlyList<EffectChange> Changes);

/// <summary>After against before for one metric.</summary>
/// <param name="Metric">Its name.</param>
/// <param name="Per">What it is a rate of: `watchedMinute` or `minute`.</param>
/// <param name="Before">Its sum before.</param>
/// <param name="After">Its sum after.</param>
/// <param name="RateBefore">Sum ÷ (watched) minutes before.</param>
/// <param name="RateAfter">The same after.</param>
/// <param name="Change">(rate after − rate before) ÷ rate before.</param>
/// <param name="Low">Lower end of the change's 95 % interval; null: too little happened to give one.</param>
/// <param name="High">Upper end.</param>
public sealed record EffectChange(
    string Metric, string Per, double Before, double After, double? RateBefore, double? RateAfter, double? Change, double? Low, double? High);

/// <summary>Gifts of a broadcast.</summary>
/// <param name="Count">Gifts.</param>
/// <param name="Users">Users who gave.</param>
/// <param name="Amount">Their amount.</param>
/// <param name="PerGiver">Amount ÷ users.</param>
/// <param name="GiverRate">Users who gave ÷ viewers.</param>
/// <param name="BestStart">The step with the highest amount; null: there was none.</param>
/// <param name="BestAmount">Its amount.</param>
public sealed record GiftSummary(long Count, long Users, long Amount, double? PerGiver, double? GiverRate, DateTimeOffset? BestStart, double BestAmount);

/// <summary>What a channel brought.</summary>
/// <param name="Channel">Its name.</param>
/// <param name="Views">Sessions.</param>
/// <param name="Viewers">Distinct users.</param>
/// <param name="Gmv">Paid amount.</param>
/// <param name="Share">Views ÷ all views of the room.</param>
public sealed record ReportChannel(string Channel, long Views, long Viewers, long Gmv, double? Share);
