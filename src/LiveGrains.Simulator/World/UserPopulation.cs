using LiveGrains.Simulator.Lines;
using LiveGrains.Simulator.Randomness;

namespace LiveGrains.Simulator.World;

/// <summary>
/// All users. Traits come from a hash; kept are 17 bytes a user (four favourite rooms, flags) and the list of the fans of
/// each room, 12 bytes a user, which does not change.
/// </summary>
internal sealed class UserPopulation
{
    public const int FavouriteSlots = 4;
    private const int InitialFavourites = 3;
    private const double ProfileShare = 0.4;
    private const int ActivityClasses = 1024;
    private const byte OccupiedFlag = 1;
    private const byte SeenFlag = 2;
    private const int FollowedShift = 4;

    private readonly ulong _seed;
    private readonly int _count;
    private readonly int _stride;
    private readonly int[] _favourites;
    private readonly byte[] _flags;
    private readonly int[] _fanStarts;
    private readonly int[] _fans;
    private readonly ushort[] _activityClasses = new ushort[1 << 16];
    private readonly WeightedTable _tastes = new(Array.ConvertAll(Categories.All, c => c.Share));
    private readonly WeightedTable _ages = new(4, 22, 31, 24, 12, 7);
    private readonly QuantileTable _budgets = QuantileTable.LogNormal(0.7, 0.85);
    private readonly QuantileTable _engagements = QuantileTable.LogNormal(0.6, 1.0);

    public UserPopulation(SimulatorOptions options, RoomBoard rooms, Xoshiro256 random)
    {
        _seed = options.Seed ^ 0x55534552UL;
        _count = options.Users;
        _stride = CoprimeStride(_count);
        _favourites = new int[_count * FavouriteSlots];
        _flags = new byte[_count];
        _fanStarts = new int[options.Rooms + 1];
        FillActivityClasses();

        var fansOf = new int[options.Rooms];
        for (var user = 0; user < _count; user++)
        {
            var favourites = Favourites(user);
            ChooseFavourites(Traits(user), favourites, rooms, random);
            foreach (var room in favourites)
            {
                if (room >= 0)
                    fansOf[room]++;
            }

            // The first two favourites are followed since before the stream.
            _flags[user] = (byte)((favourites[0] >= 0 ? 1 << FollowedShift : 0) | (favourites[1] >= 0 ? 2 << FollowedShift : 0));
        }

        for (var room = 0; room < options.Rooms; room++)
            _fanStarts[room + 1] = _fanStarts[room] + fansOf[room];
        _fans = new int[_fanStarts[^1]];
        for (var user = 0; user < _count; user++)
        {
            foreach (var room in Favourites(user))
            {
                if (room >= 0)
                    _fans[_fanStarts[room] + --fansOf[room]] = user;
            }
        }
    }

    /// <summary>True: nobody adopts, follows or leaves a favourite.</summary>
    public bool HasFixedFavourites { get; init; }

    /// <summary>The user's favourite rooms; −1 for none.</summary>
    public Span<int> Favourites(int user) => _favourites.AsSpan(user * FavouriteSlots, FavouriteSlots);

    /// <summary>Users who had the room among their favourites at the start.</summary>
    public ReadOnlySpan<int> Fans(int room) => _fans.AsSpan(_fanStarts[room]..(_fanStarts[room + 1]));

    public bool TryOccupy(int user)
    {
        if ((_flags[user] & OccupiedFlag) != 0)
            return false;
        _flags[user] |= OccupiedFlag;
        return true;
    }

    public void Vacate(int user) => _flags[user] &= unchecked((byte)~OccupiedFlag);

    /// <summary>A user by activity, which is log-normal with sigma 0.9: the busiest per mille comes sixteen times the median.</summary>
    public int DrawActive(Xoshiro256 random)
    {
        var cell = _activityClasses[random.Next() >> 48];
        var index = (long)((cell + random.Unit()) * _count / ActivityClasses);

        // The stride spreads the busy over all numbers.
        return (int)(index * _stride % _count);
    }

    public UserTraits Traits(int user)
    {
        var hash = Xoshiro256.Hash(_seed, (ulong)user);
        var more = Xoshiro256.Hash(_seed, ~(ulong)user);
        return new UserTraits
        {
            FirstTaste = (byte)_tastes.At(hash),
            SecondTaste = (byte)_tastes.At(hash >> 12),
            ThirdTaste = (byte)_tastes.At(hash >> 24),
            LikedTags = (byte)(1 << (int)(hash >> 36 & 7) | 1 << (int)(hash >> 39 & 7) | 1 << (int)(hash >> 42 & 7)),
            English = (hash >> 45 & 15) < 3,
            Budget = (float)_budgets.At((more & 0xFFFFFF) / (double)0x1000000),
            Engagement = (float)_engagements.At((more >> 24 & 0xFFFFFF) / (double)0x1000000),
        };
    }

    /// <summary>The place of the room among the user's favourites; −1 when it is none.</summary>
    public int FavouriteSlot(int user, int room)
    {
        var favourites = Favourites(user);
        for (var slot = 0; slot < favourites.Length; slot++)
        {
            if (favourites[slot] == room)
                return slot;
        }

        return -1;
    }

    public bool IsFollowing(int user, int room)
    {
        var slot = FavouriteSlot(user, room);
        return slot >= 0 && IsFollowedSlot(user, slot);
    }

    /// <summary>Makes the room a favourite in the last place, unless it is one or the room there is followed.</summary>
    public void Adopt(int user, int room)
    {
        const int Last = FavouriteSlots - 1;
        if (!HasFixedFavourites && FavouriteSlot(user, room) < 0 && !IsFollowedSlot(user, Last))
            Favourites(user)[Last] = room;
    }

    /// <summary>Follows the room; false when the user follows it, or as many as there are places.</summary>
    public bool TryFollow(int user, int room)
    {
        var slot = FavouriteSlot(user, room);
        for (var i = 0; slot < 0 && i < FavouriteSlots; i++)
        {
            if (!IsFollowedSlot(user, i))
                slot = i;
        }

        if (slot < 0 || IsFollowedSlot(user, slot))
            return false;
        if (HasFixedFavourites)
            return true;
        Favourites(user)[slot] = room;
        _flags[user] |= (byte)(1 << (FollowedShift + slot));
        return true;
    }

    public void Unfollow(int user, int room)
    {
        if (HasFixedFavourites)
            return;
        var slot = FavouriteSlot(user, room);
        _flags[user] &= unchecked((byte)~(1 << (FollowedShift + slot)));
        Favourites(user)[slot] = -1;
    }

    /// <summary>True once: before the user's first event, for the users who have static features.</summary>
    public bool TakeProfile(int user)
    {
        if ((_flags[user] & SeenFlag) != 0)
            return false;
        _flags[user] |= SeenFlag;
        return (Xoshiro256.Hash(_seed, (ulong)user) >> 56) < ProfileShare * 256;
    }

    public void WriteProfile(ref LineWriter line, int user, bool english, long nowMs)
    {
        var hash = Xoshiro256.Hash(_seed ^ 0x41545452UL, (ulong)user);
        line.Begin(EventKind.UserUpsert, nowMs);
        line.User(user);
        line.Text(",\"attrs\":{\"gender\":"u8, Lexicon.Genders[(hash & 15) == 0 ? 2 : (int)(hash >> 4 & 1)]);
        line.Text(",\"age\":"u8, Lexicon.Ages[_ages.At(hash >> 8)]);
        line.Text(",\"region\":"u8, Lexicon.Regions[(int)(hash >> 24 & 0xFFFF) % Lexicon.Regions.Length]);
        line.Text(",\"language\":"u8, english ? "en"u8 : "zh"u8);
        line.Raw("}"u8);
        line.End();
    }

    private bool IsFollowedSlot(int user, int slot) => (_flags[user] >> (FollowedShift + slot) & 1) != 0;

    private static void ChooseFavourites(in UserTraits traits, Span<int> favourites, RoomBoard rooms, Xoshiro256 random)
    {
        favourites.Fill(-1);
        for (var slot = 0; slot < InitialFavourites; slot++)
        {
            var category = slot == 0 || random.Chance(0.5) ? traits.FirstTaste : traits.SecondTaste;
            for (var tries = 0; tries < 4; tries++)
            {
                var room = rooms.DrawKnown(category, random);
                if (room < 0 || favourites.Contains(room))
                    continue;
                favourites[slot] = room;
                if (traits.LikesTag(rooms.States[room].Tag) && rooms.States[room].English == traits.English)
                    break;
            }
        }
    }

    private void FillActivityClasses()
    {
        var activity = QuantileTable.LogNormal(1, 0.9);
        var total = 0.0;
        for (var i = 0; i < ActivityClasses; i++)
            total += activity.At((i + 0.5) / ActivityClasses);
        var sum = 0.0;
        var filled = 0;
        for (var i = 0; i < ActivityClasses; i++)
        {
            sum += activity.At((i + 0.5) / ActivityClasses);
            var end = i == ActivityClasses - 1 ? _activityClasses.Length : (int)(sum / total * _activityClasses.Length);
            for (; filled < end; filled++)
                _activityClasses[filled] = (ushort)i;
        }
    }

    /// <summary>About 0.618 × count without a common divisor, so that index × stride mod count meets every number once.</summary>
    private static int CoprimeStride(int count)
    {
        var stride = Math.Max(1, (int)(count * 0.6180339887));
        while (GreatestCommonDivisor(stride, count) != 1)
            stride++;
        return stride;
    }

    private static int GreatestCommonDivisor(int a, int b) => b == 0 ? a : GreatestCommonDivisor(b, a % b);
}
