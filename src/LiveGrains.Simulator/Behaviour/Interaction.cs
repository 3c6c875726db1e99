using LiveGrains.Simulator.Lines;
using LiveGrains.Simulator.Randomness;
using LiveGrains.Simulator.World;

namespace LiveGrains.Simulator.Behaviour;

/// <summary>What a viewer does in a room besides watching and buying: the mix depends on the kind of room.</summary>
internal sealed class Interaction(Platform platform)
{
    private static readonly EventKind[] _kinds =
    [
        EventKind.Like, EventKind.Comment, EventKind.Gift, EventKind.Follow, EventKind.Share, EventKind.Subscribe,
        EventKind.Dislike, EventKind.Report, EventKind.Unfollow,
    ];

    private static readonly int[] _membershipPrices = [600, 1_500, 3_000, 9_800];

    private static readonly int[] _giftCounts = [1, 1, 1, 1, 1, 3, 5, 10, 66, 99];

    private readonly Xoshiro256 _random = platform.Random;
    private readonly QuantileTable _likes = QuantileTable.LogNormal(4, 1.1);
    private readonly QuantileTable _generosity = QuantileTable.LogNormal(120, 2.1);

    /// <summary>Shares of <see cref="_kinds"/> by <see cref="RoomMode"/>.</summary>
    private static readonly double[][] _weights =
    [
        [52, 36, 2, 5, 3, 0.1, 1.0, 0.15, 0.6],
        [37, 44, 2, 8, 4, 2.0, 0.8, 0.10, 0.5],
        [50, 28, 12, 5, 3, 0.7, 0.9, 0.12, 0.6],
    ];

    private static readonly double[] _lotteryWeights = [25, 60, 2, 8, 6, 0.1, 0.2, 0.03, 0];

    private readonly WeightedTable[] _mixes = Array.ConvertAll(_weights, w => new WeightedTable(w));
    private readonly WeightedTable _lottery = new(_lotteryWeights);

    /// <summary>Which part of what viewers do is a like, a comment, a share or a follow.</summary>
    public static double PositiveShare(RoomMode mode, RoomMoment moment)
    {
        var weights = moment == RoomMoment.Lottery ? _lotteryWeights : _weights[(int)mode];
        double positive = 0, all = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            all += weights[i];
            if (_kinds[i] is EventKind.Like or EventKind.Comment or EventKind.Share or EventKind.Follow)
                positive += weights[i];
        }

        return positive / all;
    }

    /// <summary>Writes one interaction, or nothing when the one drawn is not possible.</summary>
    public void Write(ref ViewerState viewer, in RoomState room, long nowMs, ref LineWriter line)
    {
        var mix = room.Moment == RoomMoment.Lottery ? _lottery : _mixes[(int)Categories.All[room.Category].Mode];
        var kind = _kinds[mix.Draw(_random)];
        switch (kind)
        {
            case EventKind.Follow when !platform.Users.TryFollow(viewer.User, viewer.Room):
                kind = EventKind.Like;
                break;
            case EventKind.Unfollow when platform.Users.IsFollowing(viewer.User, viewer.Room):
                platform.Users.Unfollow(viewer.User, viewer.Room);
                break;
            case EventKind.Unfollow:
                return;
            case EventKind.Dislike or EventKind.Report when viewer.Match != Match.Stranger && _random.Chance(0.6):
                return;
            case EventKind.Dislike or EventKind.Report:
                // Who is annoyed leaves, but finishes a purchase first.
                if (viewer.Purchase == PurchaseStep.None)
                    viewer.EndMs = Math.Min(viewer.EndMs, nowMs + _random.Between(800, 4_000));
                break;
        }

        line.Begin(kind, nowMs);
        line.Room(viewer.Room);
        line.User(viewer.User);
        WriteMembers(kind, viewer, room, ref line);
        line.End();
    }

    private void WriteMembers(EventKind kind, in ViewerState viewer, in RoomState room, ref LineWriter line)
    {
        switch (kind)
        {
            case EventKind.Like:
                WriteCount(1 + Math.Min(500, (int)_likes.Draw(_random)), ref line);
                break;
            case EventKind.Comment:
                line.Text(",\"text\":"u8, Comment(viewer, room));
                break;
            case EventKind.Report:
                line.Text(",\"text\":"u8, Lexicon.ReportReasons[_random.Below(Lexicon.ReportReasons.Length)]);
                break;
            case EventKind.Subscribe:
                line.Number(",\"amount\":"u8, _membershipPrices[_random.Below(_membershipPrices.Length)]);
                break;
            case EventKind.Gift:
                WriteGift(viewer, ref line);
                break;
        }
    }

    private byte[] Comment(in ViewerState viewer, in RoomState room)
    {
        var words = room.Moment == RoomMoment.Lottery && _random.Chance(0.7) ? Lexicon.LotteryComments
            : _random.Chance(0.35) ? Categories.All[room.Category].Comments
            : viewer.Traits.English ? Lexicon.EnglishComments
            : Lexicon.ChineseComments;
        return words[_random.Below(words.Length)];
    }

    /// <summary>The dearest gift that today's generosity affords; half of all gifts are free.</summary>
    private void WriteGift(in ViewerState viewer, ref LineWriter line)
    {
        var affords = _random.Chance(0.5) ? 0 : Math.Max(10, _generosity.Draw(_random) * viewer.Traits.Budget);
        var gifts = Lexicon.Gifts;
        var choice = _random.Below(2);
        if (affords > 0)
        {
            choice = gifts.Length - 1;
            while (gifts[choice].Price > affords)
                choice--;
        }

        var count = gifts[choice].Price < 600 ? _giftCounts[_random.Below(_giftCounts.Length)] : 1;
        WriteCount(count, ref line);
        line.Number(",\"amount\":"u8, (long)gifts[choice].Price * count);
        line.Text(",\"attrs\":{\"gift\":"u8, gifts[choice].Name);
        line.Raw("}"u8);
    }

    private static void WriteCount(int count, ref LineWriter line)
    {
        if (count > 1)
            line.Number(",\"count\":"u8, count);
    }
}
