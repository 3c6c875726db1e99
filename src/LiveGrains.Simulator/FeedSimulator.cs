using System.Buffers;
using System.Globalization;
using LiveGrains.Simulator.Behaviour;
using LiveGrains.Simulator.Lines;
using LiveGrains.Simulator.Randomness;
using LiveGrains.Simulator.World;

namespace LiveGrains.Simulator;

/// <summary>A user opens the feed.</summary>
/// <param name="User">From 0.</param>
/// <param name="TimeMs">Milliseconds since 1970 UTC.</param>
public readonly record struct FeedRequest(int User, long TimeMs);

/// <summary>What showing a room's card to a user leads to on average: the truth that whoever makes lists can only learn.</summary>
/// <param name="Enters">Probability that the user enters.</param>
/// <param name="WatchSeconds">Seconds watched.</param>
/// <param name="Interactions">Likes, comments, shares, follows and carts.</param>
/// <param name="PaidAmount">Paid for products, in minor units.</param>
public readonly record struct CardExpectation(double Enters, double WatchSeconds, double Interactions, double PaidAmount);

/// <summary>
/// The platform of <see cref="PlatformSimulator"/> with a feed that the caller fills: users come and ask, the caller shows them rooms,
/// and they do with each card what users do there. Who comes when, and what is on air, is the same for the same options whatever is
/// shown; what was shown changes nothing but the visits that follow. Not safe for use by several threads at a time.
/// </summary>
/// <remarks>
/// Users see all cards that they are shown at once, decide on each by itself, and have what they entered open side by side, so that what one card leads to
/// does not depend on the others. Nobody comes but through the feed. Rooms that are on air at the start are so before the first user comes.
/// </remarks>
public sealed class FeedSimulator
{
    private const int ArrivalsActor = int.MinValue;
    private const int FirstUserMs = 3_000;

    private readonly LineState _lines;
    private readonly Platform _platform;
    private readonly Platform _viewers;
    private readonly RoomDirector _director;
    private readonly Arrivals _arrivals;
    private readonly Browsing _browsing;
    private readonly Watching _watching;
    private readonly VisitExpectation _expectation;
    private readonly string _userFormat;
    private readonly long _endMs;
    private long _nowMs;

    /// <summary>Makes the world.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public FeedSimulator(SimulatorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.ThrowIfInvalid();
        _lines = new LineState(options);
        _platform = new Platform(options, isExogenous: true);
        _viewers = _platform.Beside(options.Seed ^ 0x46454544UL);
        _director = new RoomDirector(_platform);
        _arrivals = new Arrivals(_platform);
        _browsing = new Browsing(_viewers);
        _watching = new Watching(_viewers, _browsing, new Purchase(_viewers));
        _expectation = new VisitExpectation(_viewers, _browsing);
        _userFormat = "D" + _lines.UserDigits.ToString(CultureInfo.InvariantCulture);
        _endMs = options.Minutes * 60_000L;
        for (var room = 0; room < options.Rooms; room++)
            _platform.Queue.Add(_director.FirstMs(room), ~room);
        _platform.Queue.Add(FirstUserMs, ArrivalsActor);
    }

    /// <summary>Rooms that exist.</summary>
    public int Rooms => _platform.Options.Rooms;

    /// <summary>True while cards of the room can be shown.</summary>
    /// <param name="room">From 0.</param>
    public bool IsOnAir(int room) => _platform.Rooms.States[room].Phase == RoomPhase.OnAir;

    /// <summary>The host of a room: equal numbers for equal names.</summary>
    public int HostOf(int room) => _director.HostOf(room);

    /// <summary>The id of a room in the events.</summary>
    public static string RoomId(int room) => "r" + room.ToString(CultureInfo.InvariantCulture);

    /// <summary>The id of a user in the events.</summary>
    public string UserId(int user) => "u" + user.ToString(_userFormat, CultureInfo.InvariantCulture);

    /// <summary>Writes what happens until the next user opens the feed.</summary>
    /// <param name="writer">Receives the events, one line each.</param>
    /// <param name="request">Who, and when.</param>
    /// <returns>False at the end of the stream.</returns>
    public bool TryNext(IBufferWriter<byte> writer, out FeedRequest request)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var line = new LineWriter(_lines, writer);
        var rooms = _platform.Queue;
        var viewers = _viewers.Queue;
        while (true)
        {
            // Rooms come back for ever, so that their queue is never empty; of what is due at once they are first.
            _nowMs = rooms.NextMs;
            if (viewers.Count > 0 && viewers.NextMs < _nowMs)
            {
                _nowMs = viewers.NextMs;
                if (_nowMs <= _endMs) Step(viewers.NextActor, ref line);
            }
            else if (rooms.NextActor != ArrivalsActor)
            {
                if (_nowMs <= _endMs) rooms.Postpone(_director.Step(~rooms.NextActor, _nowMs, ref line));
            }
            else if (_nowMs <= _endMs)
            {
                var nextMs = _arrivals.Step(_nowMs, out var user);
                rooms.Postpone(nextMs);
                if (_platform.Users.TakeProfile(user)) _platform.Users.WriteProfile(ref line, user, _platform.Users.Traits(user).English, _nowMs);
                line.Flush();
                request = new FeedRequest(user, _lines.StartMs + _nowMs);
                return true;
            }

            if (_nowMs <= _endMs) continue;
            line.Flush();
            request = default;
            return false;
        }
    }

    /// <summary>Shows a room's card to the user who opened the feed last, or to any other one, at that moment.</summary>
    /// <param name="writer">Receives the impression; what follows it comes with the next calls of <see cref="TryNext"/>.</param>
    /// <param name="user">From 0.</param>
    /// <param name="room">From 0; on air.</param>
    public void Show(IBufferWriter<byte> writer, int user, int room)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var line = new LineWriter(_lines, writer);
        var enters = _browsing.LooksAt(user, _platform.Users.Traits(user), room, _nowMs, ref line);
        line.Flush();
        if (enters) _viewers.Viewers.Start(user, _nowMs + _viewers.Random.Between(500, 3_000), room, Channel.Feed);
    }

    /// <summary>What showing a room's card to a user at the moment of the last request leads to on average, as rooms are at that moment.</summary>
    public CardExpectation Expect(int user, int room) => _expectation.Of(user, _platform.Users.Traits(user), room, _nowMs);

    private void Step(int actor, ref LineWriter line)
    {
        ref var viewer = ref _viewers.Viewers[actor];
        var isComing = viewer.Phase == ViewerPhase.Arriving;
        var nextMs = viewer.Phase switch
        {
            ViewerPhase.Watching => _watching.Watch(ref viewer, _nowMs, ref line),
            ViewerPhase.Entering => _watching.Enter(ref viewer, _nowMs, ref line),
            _ => _browsing.Arrive(ref viewer, _nowMs, ref line),
        };
        if (isComing || viewer.Phase == ViewerPhase.Watching && nextMs >= 0)
        {
            _viewers.Queue.Postpone(nextMs);
            return;
        }

        // One visit a card: who would look on or come back by themselves is gone.
        _viewers.Queue.Remove();
        _viewers.Viewers.Release(actor);
    }
}
