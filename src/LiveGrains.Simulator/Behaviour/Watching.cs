using LiveGrains.Simulator.Lines;
using LiveGrains.Simulator.Randomness;
using LiveGrains.Simulator.World;

namespace LiveGrains.Simulator.Behaviour;

/// <summary>
/// A viewer in a room: enter, heartbeats, interactions, cards, leave. Each step writes at most one event. A visit ends before
/// its broadcast does.
/// </summary>
internal sealed class Watching(Platform platform, Browsing browsing, Purchase purchase)
{
    private const double SilentShare = 0.3;
    private const double GoesOn = 0.50;
    private const double GoesOnAfterSilence = 0.15;
    private const int HeartbeatMs = 30_000;
    /// <summary>Nobody enters a broadcast that is so near its end.</summary>
    public const int LeastBroadcastLeftMs = 5_000;

    /// <summary>How much more there is of interactions while a moment lasts.</summary>
    public const double MomentFactor = 3;

    /// <summary>No interaction comes sooner after the viewer.</summary>
    public const double FirstInteractionSeconds = 0.8;

    private const double LeastStaySeconds = 1.5;
    private const double MedianWatchSeconds = 29;
    private const double WatchSigma = 1.38;
    private const double InteractionGapSeconds = 260;
    private const int AdoptsAfterMs = 150_000;

    private static readonly double[] _stayByMatch = [0.5, 1.0, 1.35, 1.5];
    private static readonly QuantileTable _stays = QuantileTable.LogNormal(MedianWatchSeconds, WatchSigma);

    private readonly Xoshiro256 _random = platform.Random;
    private readonly Interaction _interaction = new(platform);

    /// <summary>Mean time between a user's interactions, in seconds.</summary>
    public static double InteractionGap(in UserTraits traits) => Math.Clamp(InteractionGapSeconds / traits.Engagement, 8, 6_000);

    /// <summary>Which part of the visits lasts through the middle of each second, where the broadcast does not end.</summary>
    public static double[] Lasting(Match match, int seconds)
    {
        const int Draws = 4_096;
        var lasting = new double[seconds];
        for (var draw = 0; draw < Draws; draw++)
        {
            var stay = LeastStaySeconds + _stays.At((draw + 0.5) / Draws) * _stayByMatch[(int)match];
            for (var second = 0; second < seconds && second + 0.5 < stay; second++)
                lasting[second] += 1.0 / Draws;
        }

        return lasting;
    }

    /// <summary>Enters the room, when it is still on air, and plans the visit.</summary>
    public long Enter(ref ViewerState viewer, long nowMs, ref LineWriter line)
    {
        ref var room = ref platform.Rooms.States[viewer.Room];
        if (room.Phase != RoomPhase.OnAir || room.EndMs - nowMs < LeastBroadcastLeftMs)
        {
            viewer.Match = Match.Stranger;
            return browsing.AfterVisit(ref viewer, nowMs, goesOn: 0.7);
        }

        line.Begin(EventKind.Enter, nowMs);
        line.Room(viewer.Room);
        line.User(viewer.User);
        line.Text(",\"channel\":"u8, Lexicon.Channels[(int)viewer.Channel]);
        line.End();

        viewer.EnteredMs = nowMs;
        viewer.Match = browsing.MatchOf(viewer.User, viewer.Traits, viewer.Room);
        viewer.Phase = ViewerPhase.Watching;
        viewer.Purchase = PurchaseStep.None;
        viewer.PurchaseMs = long.MaxValue;
        viewer.InteractionGap = (float)InteractionGap(viewer.Traits);
        var stay = (long)(LeastStaySeconds * 1_000) + (long)(_stays.Draw(_random) * _stayByMatch[(int)viewer.Match] * 1_000);
        viewer.EndMs = nowMs + stay;
        viewer.EndsWithRoom = viewer.EndMs >= room.EndMs - 1_000;
        if (viewer.EndsWithRoom)
            viewer.EndMs = room.EndMs - 1 - _random.Below(1_500);
        viewer.HeartbeatMs = nowMs + HeartbeatMs + _random.Between(-200, 200);
        viewer.InteractionMs = nowMs + (long)(FirstInteractionSeconds * 1_000) + platform.GapMs(Gap(viewer, room));
        viewer.CardMs = purchase.FirstCardMs(room, nowMs);
        room.Watching++;
        platform.Watching++;
        return viewer.NextMs;
    }

    /// <summary>Does what is due in the room.</summary>
    public long Watch(ref ViewerState viewer, long nowMs, ref LineWriter line)
    {
        ref var room = ref platform.Rooms.States[viewer.Room];
        if (nowMs >= viewer.EndMs)
            return Depart(ref viewer, ref room, nowMs, ref line);
        if (nowMs >= viewer.PurchaseMs)
        {
            purchase.Step(ref viewer, room, nowMs, ref line);
        }
        else if (nowMs >= viewer.CardMs)
        {
            purchase.ShowCard(ref viewer, room, nowMs, ref line);
        }
        else if (nowMs >= viewer.InteractionMs)
        {
            viewer.InteractionMs = nowMs + 500 + platform.GapMs(Gap(viewer, room));
            _interaction.Write(ref viewer, room, nowMs, ref line);
        }
        else
        {
            Beat(ref viewer, room, nowMs, ref line);
        }

        return viewer.NextMs;
    }

    private void Beat(ref ViewerState viewer, in RoomState room, long nowMs, ref LineWriter line)
    {
        line.Begin(EventKind.Heartbeat, nowMs);
        line.Room(viewer.Room);
        line.User(viewer.User);
        line.End();
        viewer.HeartbeatMs = nowMs + HeartbeatMs + _random.Between(-200, 200);

        // A moment that has begun since the last plan hurries the viewer.
        if (room.Moment != RoomMoment.None)
            viewer.InteractionMs = Math.Min(viewer.InteractionMs, nowMs + 500 + platform.GapMs(Gap(viewer, room)));
    }

    private long Depart(ref ViewerState viewer, ref RoomState room, long nowMs, ref LineWriter line)
    {
        room.Watching--;
        platform.Watching--;
        var silent = viewer.EndsWithRoom || _random.Chance(SilentShare);
        if (!silent)
        {
            line.Begin(EventKind.Leave, nowMs);
            line.Room(viewer.Room);
            line.User(viewer.User);
            line.End();
        }

        // Who stayed for long comes back another time.
        if (nowMs - viewer.EnteredMs > AdoptsAfterMs && _random.Chance(0.4))
            platform.Users.Adopt(viewer.User, viewer.Room);
        var goesOn = viewer.EndsWithRoom ? GoesOn + 0.1 : silent ? GoesOnAfterSilence : GoesOn;
        return browsing.AfterVisit(ref viewer, nowMs, goesOn);
    }

    private static double Gap(in ViewerState viewer, in RoomState room) =>
        viewer.InteractionGap / (room.Moment == RoomMoment.None ? 1 : MomentFactor);
}
