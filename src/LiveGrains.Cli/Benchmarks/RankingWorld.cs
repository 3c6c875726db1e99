using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using LiveGrains.Core;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>A recommender that knows 10,000 live rooms and has seen 2,000 users with 40 touches each. One thread.</summary>
internal sealed class RankingWorld : IDisposable
{
    /// <summary>Rooms are numbered from 1.</summary>
    public const uint Rooms = 10_000;

    /// <summary>The clock, seconds since 1970 UTC.</summary>
    public const uint Now = 1_800_000_000;

    private const int Users = 2_000;
    private const int Touches = 40;
    private readonly LiveRooms _rooms;

    public RankingWorld()
    {
        var random = new Random(3);
        _rooms = new LiveRooms(random);
        Recommender = new Recommender(_rooms);
        for (uint row = 1; row <= Rooms; row++) Describe(Recommender, random, row);
        Histories = [.. Enumerable.Range(0, Users).Select(_ => Visit(Recommender, random))];
        Recommender.Refresh(int.MaxValue);
    }

    public Recommender Recommender { get; }

    /// <summary>Of each user, oldest first.</summary>
    public HistoryEntry[][] Histories { get; }

    public void Dispose()
    {
        Recommender.Dispose();
        _rooms.Dispose();
    }

    /// <summary>The category of a room, from 1.</summary>
    public static uint Category(uint row) => 1 + row * 7919 % 40;

    private static void Describe(Recommender recommender, Random random, uint row)
    {
        var category = Category(row);
        var tag = Encoding.UTF8.GetBytes($"tag{category * 20 + random.Next(20)}");
        recommender.Describe(InterestItem.Of(InterestKind.Room, row), new ItemText
        {
            Category = Encoding.UTF8.GetBytes($"category{category}"),
            Tags = [(byte)tag.Length, 0, .. tag],
            Title = Encoding.UTF8.GetBytes($"w{random.Next(2000)} w{category * 60 + random.Next(60)}"),
            Host = Encoding.UTF8.GetBytes($"host{row}"),
        });
    }

    private static HistoryEntry[] Visit(Recommender recommender, Random random)
    {
        var taste = (uint)random.Next(40);
        var history = new List<HistoryEntry>();
        while (history.Count < Touches)
        {
            var row = 1 + (uint)(Rooms * Math.Pow(random.NextDouble(), 2));
            if (row > Rooms || (Category(row) != 1 + taste && random.Next(20) != 0)) continue;
            var item = InterestItem.Of(InterestKind.Room, row);
            if (history.Exists(e => e.Item == item)) continue;
            var time = Now - (uint)(Touches - history.Count) * 300;
            recommender.Visit(CollectionsMarshal.AsSpan(history), item, time, 1);
            history.Add(new HistoryEntry { Item = item, TimeSeconds = time, Weight = (Half)1, Flags = HistoryFlags.Seen });
        }

        return [.. history];
    }

    private sealed unsafe class LiveRooms : IItemSource, IDisposable
    {
        private readonly NativeArena _arena = new();
        private readonly ItemRecord* _records;
        private readonly ItemNumbers* _numbers;

        public LiveRooms(Random random)
        {
            _records = (ItemRecord*)_arena.Allocate((Rooms + 1) * (nuint)sizeof(ItemRecord));
            _numbers = (ItemNumbers*)_arena.Allocate((Rooms + 1) * (nuint)sizeof(ItemNumbers));
            for (uint row = 1; row <= Rooms; row++)
            {
                _records[row] = new ItemRecord { Home = row, Host = row, Category = Category(row) };
                var views = random.Next(1, 5_000);
                _numbers[row] = new ItemNumbers(random.Next(10_000), random.Next(1_000), views * 10, views, views / 10, views / 100, views / 500);
            }
        }

        public uint Highest(InterestKind kind) => kind == InterestKind.Room ? Rooms : 0;

        public ItemRecord* Item(uint item) => _records + InterestItem.Row(item);

        public bool IsAvailable(uint item) => true;

        public ItemNumbers Numbers(uint item) => _numbers[InterestItem.Row(item)];

        public void Prefetch(uint item)
        {
        }

        public void PrefetchNumbers(uint item)
        {
            if (Sse.IsSupported) Sse.Prefetch0(_numbers + InterestItem.Row(item));
        }

        public void Dispose() => _arena.Dispose();
    }
}
