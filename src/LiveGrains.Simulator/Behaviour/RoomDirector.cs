using LiveGrains.Simulator.Lines;
using LiveGrains.Simulator.Randomness;
using LiveGrains.Simulator.World;

namespace LiveGrains.Simulator.Behaviour;

/// <summary>
/// Runs the rooms: on air, moments, off air, again, for ever. Each step writes at most one event. A broadcast's end is
/// fixed at its start, so viewers can be gone before it.
/// </summary>
internal sealed class RoomDirector(Platform platform)
{
    private const double OnAirShareAtStart = 0.48;
    private const double ShortBreakShare = 0.15;
    private const double MomentGapSeconds = 1_200;
    private const double UpdateGapSeconds = 2_400;
    private const double StockGapSeconds = 600;
    private const int OpeningMs = 120_000;
    private const double FanShareAtStart = 0.04;

    private readonly QuantileTable _broadcastMinutes = QuantileTable.LogNormal(75, 0.6);
    private readonly QuantileTable _breakMinutes = QuantileTable.LogNormal(95, 0.7);
    private readonly Xoshiro256 _random = platform.Random;
    private readonly RoomState[] _rooms = platform.Rooms.States;

    /// <summary>When the room has its first step.</summary>
    public long FirstMs(int room)
    {
        if (room == platform.Rooms.Top)
            return 0;
        return _random.Chance(OnAirShareAtStart)
            ? _random.Below(1_500)
            : 1_500 + (long)(_random.Unit() * _breakMinutes.Draw(_random) * 60_000);
    }

    /// <summary>The host of a room: the number of a name.</summary>
    public int HostOf(int room)
    {
        var hash = Xoshiro256.Hash(platform.Options.Seed ^ 0x484F5354UL, (ulong)room);
        return (int)(hash & 31 | (hash >> 8 & 15) << 5);
    }

    /// <summary>Does what is due in the room and returns when its next step is.</summary>
    public long Step(int index, long nowMs, ref LineWriter line)
    {
        ref var room = ref _rooms[index];
        switch (room.Phase)
        {
            case RoomPhase.OffAir:
                FillShelf(index, ref room);
                room.Phase = RoomPhase.Listing;
                return nowMs;
            case RoomPhase.Listing:
                return List(index, ref room, nowMs, ref line);
            default:
                return Broadcast(index, ref room, nowMs, ref line);
        }
    }

    /// <summary>Sends up to <paramref name="count"/> users to the room within a time.</summary>
    private void Summon(int index, int count, bool fans, int withinMs, Channel channel, long nowMs)
    {
        var known = platform.Users.Fans(index);
        if (platform.IsExogenous || (fans && known.IsEmpty))
            return;
        for (var i = 0; i < count; i++)
        {
            var user = fans ? known[_random.Below(known.Length)] : platform.Users.DrawActive(_random);
            platform.Viewers.Start(user, nowMs + _random.Below(withinMs), index, channel);
        }
    }

    private void FillShelf(int index, ref RoomState room)
    {
        room.Listed = 0;
        room.ShelfCount = 0;
        if (Categories.All[room.Category].Mode == RoomMode.Show)
            return;
        var wanted = _random.Between(4, RoomBoard.ShelfSize + 1);
        var shelf = platform.Rooms.Shelves.AsSpan(index * RoomBoard.ShelfSize, RoomBoard.ShelfSize);
        for (var tries = 0; tries < 3 * wanted && room.ShelfCount < wanted; tries++)
        {
            // Most of a shelf is about the room's own subject.
            var product = platform.Products.Draw(room.Category, _random);
            if (product < 0)
                return;
            if (platform.Products.Tag(product) != room.Tag && _random.Chance(0.5))
                continue;
            if (!shelf[..room.ShelfCount].Contains(product))
                shelf[room.ShelfCount++] = product;
        }
    }

    private long List(int index, ref RoomState room, long nowMs, ref LineWriter line)
    {
        while (room.Listed < room.ShelfCount)
        {
            var product = platform.Rooms.Shelf(index)[room.Listed++];
            if (platform.Products.IsListed(product))
                continue;
            platform.Products.WriteUpsert(ref line, product, nowMs);
            return nowMs + _random.Between(1, 12);
        }

        room.Phase = RoomPhase.OnAir;
        room.StartMs = nowMs;
        room.EndMs = nowMs + BroadcastMs(room, nowMs);
        room.Edition++;
        room.NextUpdateMs = nowMs + platform.GapMs(UpdateGapSeconds);
        room.NextStockMs = room.ShelfCount > 0 ? nowMs + platform.GapMs(StockGapSeconds) : long.MaxValue;
        room.NextMomentMs = long.MaxValue;
        BeginMoment(index, ref room, RoomMoment.Opening, OpeningMs, weight: 2, nowMs);
        var fans = (int)(platform.Users.Fans(index).Length * FanShareAtStart * (nowMs < 3_000 ? 0.5 : 1) + _random.Unit());
        Summon(index, fans, fans: true, OpeningMs, Channel.Follow, nowMs);
        WriteCatalog(EventKind.RoomStart, index, room, nowMs, ref line);
        return NextMs(room);
    }

    private long Broadcast(int index, ref RoomState room, long nowMs, ref LineWriter line)
    {
        if (nowMs >= room.EndMs)
        {
            room.Phase = RoomPhase.OffAir;
            room.Moment = RoomMoment.None;
            platform.Rooms.SetWeight(index, 0);
            line.Begin(EventKind.RoomEnd, nowMs);
            line.Room(index);
            line.End();
            return nowMs + BreakMs(nowMs);
        }

        if (nowMs >= room.MomentEndMs)
        {
            room.Moment = RoomMoment.None;
            room.MomentEndMs = long.MaxValue;
            room.NextMomentMs = nowMs + platform.GapMs(MomentGapSeconds);
            platform.Rooms.SetWeight(index, 1);
        }
        else if (nowMs >= room.NextMomentMs)
        {
            Surprise(index, ref room, nowMs);
        }
        else if (nowMs >= room.NextUpdateMs)
        {
            room.NextUpdateMs = nowMs + platform.GapMs(UpdateGapSeconds);
            room.Edition++;
            WriteCatalog(EventKind.RoomUpdate, index, room, nowMs, ref line);
        }
        else if (nowMs >= room.NextStockMs)
        {
            room.NextStockMs = nowMs + platform.GapMs(StockGapSeconds);
            var shelf = platform.Rooms.Shelf(index);
            var product = shelf[_random.Below(shelf.Length)];
            platform.Products.Manage(product, _random);
            platform.Products.WriteUpsert(ref line, product, nowMs);
        }

        return NextMs(room);
    }

    private void Surprise(int index, ref RoomState room, long nowMs)
    {
        var lastsMs = _random.Between(60_000, 150_000);
        var guests = Math.Min(room.Watching, 5_000);
        if (_random.Chance(0.06))
        {
            BeginMoment(index, ref room, RoomMoment.Viral, 2 * lastsMs, weight: 10, nowMs);
        }
        else if (room.ShelfCount > 0 && _random.Chance(0.6))
        {
            BeginMoment(index, ref room, RoomMoment.Flash, lastsMs, weight: 2, nowMs);
            Summon(index, guests / 10, fans: true, 40_000, Channel.Follow, nowMs);
        }
        else
        {
            BeginMoment(index, ref room, RoomMoment.Lottery, lastsMs, weight: 2, nowMs);
            Summon(index, guests / 6, fans: false, 30_000, Channel.Share, nowMs);
        }
    }

    private void BeginMoment(int index, ref RoomState room, RoomMoment moment, int lastsMs, int weight, long nowMs)
    {
        room.Moment = moment;
        room.MomentEndMs = nowMs + lastsMs;
        room.NextMomentMs = long.MaxValue;
        platform.Rooms.SetWeight(index, weight);
    }

    private long BroadcastMs(in RoomState room, long nowMs)
    {
        // The popular work longer; who is on air at the start has been for a while.
        var minutes = _broadcastMinutes.Draw(_random) * (room.Popularity > 100_000 ? 1.5 : 1);
        if (nowMs < 3_000)
            minutes *= 0.25 + 0.75 * _random.Unit();
        return (long)(Math.Clamp(minutes, 5, 480) * 60_000);
    }

    private long BreakMs(long nowMs)
    {
        var minutes = _random.Chance(ShortBreakShare)
            ? 1 + 4 * _random.Unit()
            : 5 + _breakMinutes.Draw(_random) / (0.4 + 0.6 * DayCurve.At(platform.StartMs + nowMs));
        return (long)(minutes * 60_000);
    }

    private static long NextMs(in RoomState room) =>
        Math.Min(Math.Min(room.EndMs, room.MomentEndMs), Math.Min(Math.Min(room.NextMomentMs, room.NextUpdateMs), room.NextStockMs));

    private void WriteCatalog(EventKind kind, int index, in RoomState room, long nowMs, ref LineWriter line)
    {
        var category = Categories.All[room.Category];
        var seed = platform.Options.Seed;
        var hash = Xoshiro256.Hash(seed ^ 0x5449544CUL, (ulong)index * 65_537 + (ulong)room.Edition);
        var host = HostOf(index);
        var titles = room.English ? category.EnglishTitles : category.ChineseTitles;
        var suffixes = room.English ? Lexicon.EnglishSuffix : Lexicon.ChineseSuffix;
        line.Begin(kind, nowMs);
        line.Room(index);
        line.Raw(",\"title\":\""u8);
        line.Raw(titles[(int)(hash & 0xFFFF) % titles.Length]);
        line.Raw(suffixes[(int)(hash >> 16 & 0xFFFF) % suffixes.Length]);
        line.Quote();
        if (kind == EventKind.RoomStart)
        {
            line.Raw(",\"host\":\""u8);
            line.Raw(Lexicon.HostFirst[host & 31]);
            line.Raw(Lexicon.HostLast[host >> 5]);
            line.Quote();
            line.Text(",\"category\":"u8, category.Name);
        }

        // The second tag changes with the edition; the first is what the room is about.
        line.Text(",\"tags\":["u8, category.TagWords[room.Tag]);
        line.Text(","u8, category.TagWords[(room.Tag + 1 + (int)(hash >> 32 & 3)) % CategoryProfile.Tags]);
        line.Raw("]"u8);
        line.End();
    }
}
