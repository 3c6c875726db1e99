using LiveGrains.Simulator.Randomness;
using LiveGrains.Simulator.World;

namespace LiveGrains.Simulator.Behaviour;

/// <summary>
/// Means of what <see cref="Browsing"/>, <see cref="Watching"/>, <see cref="Interaction"/> and <see cref="Purchase"/> draw, from their own
/// numbers. A room's moment is known to its end, moments to come are in it on average; what a purchase or annoyance changes in the length of a visit is
/// not.
/// </summary>
internal sealed class VisitExpectation
{
    private const int TableSeconds = 8_192;
    // Between the card and the room: the tap, then the way.
    private const double WaySeconds = 2.4;
    // Moments that begin during a visit hurry the viewer: measured over all visits.
    private const double MomentsToCome = 1.25;

    private readonly Platform _platform;
    private readonly Browsing _browsing;
    // By match, up to each second of a visit: seconds watched, cards of products, and of these the first.
    private readonly double[][] _seconds;
    private readonly double[][] _cards;
    private readonly double[][] _firstCards;

    public VisitExpectation(Platform platform, Browsing browsing)
    {
        _platform = platform;
        _browsing = browsing;
        var rates = Purchase.CardRates(TableSeconds);
        var matches = Enum.GetValues<Match>();
        _seconds = Array.ConvertAll(matches, m => SumUp(m, _ => 1));
        _cards = Array.ConvertAll(matches, m => SumUp(m, s => rates.All[s]));
        _firstCards = Array.ConvertAll(matches, m => SumUp(m, s => rates.First[s]));
    }

    /// <summary>What follows when a user is shown a room's card at a moment, in milliseconds since the start.</summary>
    public CardExpectation Of(int user, in UserTraits traits, int room, long nowMs)
    {
        ref readonly var state = ref _platform.Rooms.States[room];
        var left = (state.EndMs - nowMs) / 1000.0 - WaySeconds;
        if (state.Phase != RoomPhase.OnAir || left < Watching.LeastBroadcastLeftMs / 1000.0)
            return default;
        var match = (int)_browsing.MatchOf(user, traits, room);
        var enters = _browsing.EnterChance(user, traits, room);
        var moment = state.Moment == RoomMoment.None ? 0 : Math.Clamp((state.MomentEndMs - nowMs) / 1000.0 - WaySeconds, 0, left);

        var seconds = At(_seconds[match], left);
        var hurried = At(_seconds[match], moment);
        var mode = Categories.All[state.Category].Mode;
        // Of a moment's interactions the first comes no sooner than the first of any other time.
        var deeds = (Watching.MomentFactor * Math.Max(0, hurried - Watching.FirstInteractionSeconds) * Interaction.PositiveShare(mode, state.Moment)
            + MomentsToCome * (seconds - Math.Max(hurried, Watching.FirstInteractionSeconds)) * Interaction.PositiveShare(mode, RoomMoment.None)) / Watching.InteractionGap(traits);
        var (carts, paid) = state.ShelfCount == 0 ? default : Buys(traits, (Match)match, state, room, nowMs, left, moment);
        return new CardExpectation(enters, enters * seconds, enters * (Math.Max(0, deeds) + carts), enters * paid);
    }

    private (double Carts, double Paid) Buys(in UserTraits traits, Match match, in RoomState state, int room, long nowMs, double left, double moment)
    {
        var first = At(_firstCards[(int)match], left);
        var later = At(_cards[(int)match], left) - first;
        var usual = Purchase.ExpectCard(_platform, traits, match, state, room, nowMs, isFlash: false);
        if (state.Moment != RoomMoment.Flash)
            return Sum(first, later, usual);
        var firstInTime = At(_firstCards[(int)match], moment);
        var laterInTime = At(_cards[(int)match], moment) - firstInTime;
        var hurried = Sum(firstInTime, laterInTime, Purchase.ExpectCard(_platform, traits, match, state, room, nowMs, isFlash: true));
        var after = Sum(first - firstInTime, later - laterInTime, usual);
        return (hurried.Carts + after.Carts, hurried.Paid + after.Paid);
    }

    private static (double Carts, double Paid) Sum(double first, double later, in CardMeans means) =>
        (first * means.CartsOfFirst + later * means.CartsOfLater, first * means.PaidOfFirst + later * means.PaidOfLater);

    // The integral of a rate over the time that a visit lasts, up to each second.
    private static double[] SumUp(Match match, Func<int, double> rate)
    {
        var sums = new double[TableSeconds + 1];
        var lasts = Watching.Lasting(match, TableSeconds);
        for (var second = 0; second < TableSeconds; second++)
            sums[second + 1] = sums[second] + lasts[second] * rate(second);
        return sums;
    }

    private static double At(double[] sums, double seconds)
    {
        if (seconds >= TableSeconds)
            return sums[^1];
        var second = (int)seconds;
        return sums[second] + (seconds - second) * (sums[second + 1] - sums[second]);
    }
}
