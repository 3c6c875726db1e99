using LiveGrains.Simulator.Lines;
using LiveGrains.Simulator.Randomness;
using LiveGrains.Simulator.World;

namespace LiveGrains.Simulator.Behaviour;

/// <summary>
/// A viewer outside rooms: arrives, looks at cards of the feed, plays videos, decides where to go. Each step writes at most
/// one event and returns when the next step is, or <see cref="Gone"/>.
/// </summary>
internal sealed class Browsing(Platform platform)
{
    /// <summary>The viewer has left the platform.</summary>
    public const long Gone = -1;

    private const double FollowEntry = 0.26;
    private const double SearchEntry = 0.07;
    private const double ShareEntry = 0.05;
    private const double AdEntry = 0.06;
    private const double ProductCardShare = 0.07;
    private const double VideoCardShare = 0.10;
    private const double FavouriteCardShare = 0.20;
    private const double GiveUp = 0.13;
    private const double SecondsPerCard = 6;

    /// <summary>Chance to enter a room of the feed by how well it fits (<see cref="Match"/>).</summary>
    private static readonly double[] _enterByMatch = [0.12, 0.30, 0.42, 0.55];

    private readonly Xoshiro256 _random = platform.Random;

    /// <summary>The first step: a profile the first time, then a choice of the way in.</summary>
    public long Arrive(ref ViewerState viewer, long nowMs, ref LineWriter line)
    {
        if (platform.Users.TakeProfile(viewer.User))
            platform.Users.WriteProfile(ref line, viewer.User, viewer.Traits.English, nowMs);
        if (viewer.Room < 0)
            ChooseWayIn(ref viewer);
        viewer.Phase = viewer.Room >= 0 ? ViewerPhase.Entering : ViewerPhase.Browsing;
        return nowMs + _random.Between(80, 1_200);
    }

    /// <summary>Shows the next card of the feed.</summary>
    public long ShowCard(ref ViewerState viewer, long nowMs, ref LineWriter line)
    {
        var kind = _random.Unit();
        if (kind < ProductCardShare)
            return ShowProductCard(ref viewer, nowMs, ref line);
        if (kind < ProductCardShare + VideoCardShare)
            return ShowVideoCard(ref viewer, nowMs, ref line);

        var room = CandidateRoom(ref viewer);
        if (room < 0)
            return Gone;
        if (!LooksAt(viewer.User, viewer.Traits, room, nowMs, ref line))
            return NextCard(nowMs);
        viewer.Room = room;
        viewer.Channel = Channel.Feed;
        viewer.Phase = ViewerPhase.Entering;
        return nowMs + _random.Between(500, 3_000);
    }

    /// <summary>Shows a room's card to a user and says whether they enter.</summary>
    public bool LooksAt(int user, in UserTraits traits, int room, long nowMs, ref LineWriter line)
    {
        line.Begin(EventKind.Impression, nowMs);
        line.Room(room);
        line.User(user);
        line.Raw(",\"channel\":\"feed\""u8);
        line.End();
        return _random.Chance(EnterChance(user, traits, room));
    }

    /// <summary>Chance that a user who sees a room's card enters.</summary>
    public double EnterChance(int user, in UserTraits traits, int room) =>
        _enterByMatch[(int)MatchOf(user, traits, room)] * (platform.Rooms.States[room].English == traits.English ? 1 : 0.5);

    /// <summary>Opens the video whose card was shown, or passes on.</summary>
    public long OpenVideo(ref ViewerState viewer, long nowMs, ref LineWriter line)
    {
        WriteVideoEvent(EventKind.Click, viewer, nowMs, ref line);
        line.End();
        viewer.Phase = ViewerPhase.PlayingVideo;

        // Half watch to the end or a second time, the others swipe on early.
        var part = _random.Chance(0.5) ? 0.9 + 0.6 * _random.Unit() : 0.05 + 0.8 * _random.Unit();
        viewer.PurchaseMs = (long)(part * platform.Videos.LengthMs(viewer.Video));
        return nowMs + viewer.PurchaseMs;
    }

    /// <summary>Reports the play at its end.</summary>
    public long EndPlay(ref ViewerState viewer, long nowMs, ref LineWriter line)
    {
        WriteVideoEvent(EventKind.Play, viewer, nowMs, ref line);
        line.Number(",\"ms\":"u8, viewer.PurchaseMs);
        line.End();
        var reacts = _random.Chance(0.15);
        viewer.Phase = reacts ? ViewerPhase.ReactingToVideo : ViewerPhase.Browsing;
        return reacts ? nowMs + _random.Between(300, 4_000) : NextCard(nowMs);
    }

    public long ReactToVideo(ref ViewerState viewer, long nowMs, ref LineWriter line)
    {
        var choice = _random.Unit();
        var kind = choice < 0.70 ? EventKind.Like : choice < 0.85 ? EventKind.Comment : choice < 0.97 ? EventKind.Share : EventKind.Dislike;
        WriteVideoEvent(kind, viewer, nowMs, ref line);
        if (kind == EventKind.Comment)
        {
            var words = viewer.Traits.English ? Lexicon.EnglishComments : Lexicon.ChineseComments;
            line.Text(",\"text\":"u8, words[_random.Below(words.Length)]);
        }

        line.End();
        viewer.Phase = ViewerPhase.Browsing;
        return NextCard(nowMs);
    }

    public long ClickProductCard(ref ViewerState viewer, long nowMs, ref LineWriter line)
    {
        line.Begin(EventKind.Click, nowMs);
        line.Product(viewer.Product);
        line.User(viewer.User);
        line.Raw(",\"channel\":\"feed\""u8);
        line.End();
        viewer.Phase = ViewerPhase.Browsing;
        return nowMs + platform.GapMs(3 * SecondsPerCard);
    }

    /// <summary>After a visit: on to the feed, back to the same room after a while, or away.</summary>
    public long AfterVisit(ref ViewerState viewer, long nowMs, double goesOn)
    {
        viewer.LastRoom = viewer.Room;
        viewer.Room = -1;
        if (!_random.Chance(goesOn))
            return Gone;
        if (viewer.Match != Match.Stranger && _random.Chance(0.12))
        {
            viewer.Room = viewer.LastRoom;
            viewer.Channel = Channel.Follow;
            viewer.Phase = ViewerPhase.Entering;
            return nowMs + platform.GapMs(120);
        }

        viewer.Phase = ViewerPhase.Browsing;
        return NextCard(nowMs);
    }

    /// <summary>How well a room fits a user.</summary>
    public Match MatchOf(int user, in UserTraits traits, int room)
    {
        if (platform.Users.FavouriteSlot(user, room) >= 0)
            return Match.Favourite;
        ref var state = ref platform.Rooms.States[room];
        if (!traits.Likes(state.Category))
            return Match.Stranger;
        return traits.LikesTag(state.Tag) ? Match.Tag : Match.Category;
    }

    private void ChooseWayIn(ref ViewerState viewer)
    {
        var way = _random.Unit();
        if ((way -= FollowEntry) < 0)
        {
            viewer.Channel = Channel.Follow;
            viewer.Room = FavouriteOnAir(viewer.User);
        }
        else if ((way -= SearchEntry) < 0)
        {
            viewer.Channel = Channel.Search;
            viewer.Room = _random.Chance(0.5) ? FavouriteOnAir(viewer.User) : TasteRoom(viewer);
        }
        else if ((way -= ShareEntry) < 0)
        {
            viewer.Channel = Channel.Share;
            viewer.Room = platform.Rooms.DrawOnAir(_random);
        }
        else if (way < AdEntry)
        {
            viewer.Channel = Channel.Ad;
            viewer.Room = TasteRoom(viewer);
        }
    }

    private long ShowProductCard(ref ViewerState viewer, long nowMs, ref LineWriter line)
    {
        var product = platform.Products.Draw(viewer.Traits.FirstTaste, _random);
        if (product < 0)
            product = platform.Products.Draw(viewer.Traits.SecondTaste, _random);
        if (product < 0 || !platform.Products.IsAvailable(product))
            return NextCard(nowMs);
        line.Begin(EventKind.Impression, nowMs);
        line.Product(product);
        line.User(viewer.User);
        line.Raw(",\"channel\":\"feed\""u8);
        line.End();
        if (!_random.Chance(viewer.Traits.LikesTag(platform.Products.Tag(product)) ? 0.15 : 0.05))
            return NextCard(nowMs);
        viewer.Product = product;
        viewer.Phase = ViewerPhase.ClickingCard;
        return nowMs + _random.Between(600, 3_000);
    }

    private long ShowVideoCard(ref ViewerState viewer, long nowMs, ref LineWriter line)
    {
        var category = _random.Chance(0.6) ? viewer.Traits.FirstTaste : viewer.Traits.SecondTaste;
        var video = platform.Videos.Draw(category, _random);
        if (video < 0)
            return NextCard(nowMs);
        viewer.Video = video;
        WriteVideoEvent(EventKind.Impression, viewer, nowMs, ref line);
        line.End();
        if (!_random.Chance(viewer.Traits.Likes(platform.Videos.Category(video)) ? 0.5 : 0.2))
            return NextCard(nowMs);
        viewer.Phase = ViewerPhase.OpeningVideo;
        return nowMs + _random.Between(300, 1_500);
    }

    private void WriteVideoEvent(EventKind kind, in ViewerState viewer, long nowMs, ref LineWriter line)
    {
        line.Begin(kind, nowMs);
        line.Video(viewer.Video);
        line.User(viewer.User);
    }

    private long NextCard(long nowMs) =>
        _random.Chance(GiveUp) ? Gone : nowMs + 800 + platform.GapMs(SecondsPerCard);

    private int CandidateRoom(ref ViewerState viewer)
    {
        var room = _random.Chance(FavouriteCardShare) ? FavouriteOnAir(viewer.User) : -1;
        if (room < 0 || room == viewer.LastRoom)
            room = TasteRoom(viewer);
        return room == viewer.LastRoom ? TasteRoom(viewer) : room;
    }

    private int TasteRoom(in ViewerState viewer)
    {
        var choice = _random.Unit();
        var category = choice < 0.50 ? viewer.Traits.FirstTaste : choice < 0.75 ? viewer.Traits.SecondTaste : viewer.Traits.ThirdTaste;
        if (choice > 0.85)
            return platform.Rooms.DrawOnAir(_random);
        var room = platform.Rooms.DrawOnAir(category, _random);
        if (room < 0)
            return -1;

        // A feed that knows its viewer a little looks a second time when the first find does not fit.
        ref var state = ref platform.Rooms.States[room];
        var fits = viewer.Traits.LikesTag(state.Tag) && viewer.Traits.English == state.English;
        return fits || _random.Chance(0.5) ? room : platform.Rooms.DrawOnAir(category, _random);
    }

    private int FavouriteOnAir(int user)
    {
        var favourites = platform.Users.Favourites(user);
        var first = _random.Below(favourites.Length);
        for (var i = 0; i < favourites.Length; i++)
        {
            var room = favourites[(first + i) % favourites.Length];
            if (room >= 0 && platform.Rooms.States[room].Phase == RoomPhase.OnAir)
                return room;
        }

        return -1;
    }
}
