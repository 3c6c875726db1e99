using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using LiveGrains.Core;
using LiveGrains.Engine.Cluster;
using LiveGrains.Engine.Shards;
using LiveGrains.Model;

namespace LiveGrains.Engine.Tests;

/// <summary>The division of caps between shards that ask when they like, whose questions and answers are lost or late, with an allocator that begins anew.</summary>
public sealed class AllocatorTests
{
    private const int Shards = 4;
    private const int Rooms = 5;
    private const int Cap = 60;
    private long _time = 1_700_000_000_000;
    private long _id;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task What_is_shown_is_never_more_than_a_cap_and_in_the_end_all_of_it(ulong seed)
    {
        var random = new SplitMix64(seed);
        await using var engine = await LiveGrainsEngine.OpenAsync(new EngineOptions { Clock = ClockMode.Event, DedupeIds = 1 << 12 });
        for (var room = 0; room < Rooms; room++) await SendAsync(engine, "room.start", $"r{room}", null);
        await engine.SetTrafficPolicyAsync(new TrafficPolicy { Caps = [new TrafficCap { Over = TrafficDimension.Room, Impressions = Cap }] });
        var allocator = new Allocator(Shards, 1, new StoppedTime());
        var shards = Enumerable.Range(0, Shards).Select(i => new ModelShard(i, engine.Hash)).ToList();
        var late = new List<AllocationQuestion>();
        var shown = new Dictionary<string, int>();
        var restarts = 0;
        for (var step = 0; shown.Values.Sum() < Rooms * Cap; step++)
        {
            Assert.True(step < 40_000, $"All is given away; {shown.Values.Sum()} so far.");
            var shard = shards[(int)random.Between(0, Shards - 1)];
            switch (random.Between(0, 9))
            {
                case < 4:
                    shard.Give($"r{random.Between(0, Rooms - 1)}");
                    break;
                case < 7 when shard.TakeGiven((int)random.Between(0, 1 << 20)) is { } slot:
                    await SendAsync(engine, "impression", slot.Room, slot.User);
                    shown[slot.Room] = shown.GetValueOrDefault(slot.Room) + 1;
                    Assert.True(shown[slot.Room] <= Cap, $"{slot.Room} is above its cap at step {step}.");
                    break;
                case 7:
                    _time += random.Between(1, 1500);
                    await SendAsync(engine, "heartbeat", "r0", "u");
                    break;
                default:
                    var question = shard.Ask();
                    late.Add(question);
                    if (random.Between(0, 9) == 0) break;
                    var answer = await AnswerAsync(engine, allocator, question);
                    if (random.Between(0, 9) > 0) shard.Take(answer);
                    break;
            }

            // A question that was on its way for long, whose answer nobody waits for.
            if (random.Between(0, 19) == 0 && late.Count > 0) await AnswerAsync(engine, allocator, late[(int)random.Between(0, late.Count - 1)]);
            if (random.Between(0, 499) != 0) continue;
            allocator = new Allocator(Shards, ++restarts + 1, new StoppedTime());
            // As of a shard that moved: what was counted before is not told any more, and the slots wait for their time.
            late.Clear();
        }

        Assert.All(shown.Values, count => Assert.Equal(Cap, count));
        Assert.NotEqual(0, restarts);
    }

    [Fact]
    public async Task What_a_shard_heard_of_another_allocator_is_told_anew()
    {
        await using var engine = await LiveGrainsEngine.OpenAsync(new EngineOptions { Clock = ClockMode.Event, DedupeIds = 1 << 12 });
        for (var room = 0; room < Rooms; room++) await SendAsync(engine, "room.start", $"r{room}", null);
        await engine.SetTrafficPolicyAsync(new TrafficPolicy { Boosts = [new TrafficBoost { Id = "b", Room = "r0", Impressions = 9, From = DateTimeOffset.FromUnixTimeMilliseconds(_time), Until = DateTimeOffset.FromUnixTimeMilliseconds(_time).AddDays(1) }] });
        var allocator = new Allocator(1, 5, TimeProvider.System);
        var question = new AllocationQuestion(0, 77) { IsWhole = true, ItemsSince = 500, ItemsAt = 3, CountedTo = 400 };
        var all = await AnswerAsync(engine, allocator, question with { Number = 1, Allocator = 4 });
        Assert.Equal(AllocationStep.Prices, all.Step);
        Assert.NotEmpty(all.Items);
        Assert.Equal(all.Items, (await AnswerAsync(engine, allocator, question with { Number = 2, Allocator = 5, ItemsSince = -1, ItemsAt = 0 })).Items);
        Assert.Empty((await AnswerAsync(engine, allocator, question with { Number = 3, Allocator = 5, ItemsSince = all.ItemsChanges, ItemsAt = 0 })).Items);
    }

    private static Task<AllocationAnswer> AnswerAsync(LiveGrainsEngine engine, Allocator allocator, AllocationQuestion question) => engine.AskOwned(state => allocator.Answer(state, question));

    private async Task SendAsync(LiveGrainsEngine engine, string type, string room, string? user)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{{\"id\":\"e{++_id}\",\"type\":\"{type}\",\"time\":{_time},\"room\":\"{room}\"{(user == null ? "" : $",\"user\":\"{user}\"")}}}");
        Assert.Equal(1, (await engine.IngestAsync(Encoding.UTF8.GetBytes(line), EventFormat.NdJson)).Accepted);
    }

    // A shard without a recommender, written anew.
    private sealed class ModelShard(int number, KeyHash hash)
    {
        private readonly Dictionary<string, (int Place, int Group)> _rooms = [];
        private readonly Dictionary<int, int> _left = [];
        private readonly List<(string User, string Room)> _given = [];
        private readonly HashSet<(ulong User, long Place)> _held = [];
        private AllocationAnswer? _last;
        private long _questions;
        private bool _isToDeclare = true;
        private int _users;

        public void Give(string room)
        {
            if (!_rooms.TryGetValue(room, out var of) || Held(of.Group) >= _left.GetValueOrDefault(of.Group)) return;
            string user;
            do user = $"u{number}-{_users++}";
            while (ShardRouter.ShardOf(HashOf(user), Shards) != number);
            _given.Add((user, room));
            _held.Add((HashOf(user), of.Place));
        }

        public (string User, string Room)? TakeGiven(int any)
        {
            if (_given.Count == 0) return null;
            var slot = _given[any % _given.Count];
            _given.Remove(slot);
            return slot;
        }

        public AllocationQuestion Ask()
        {
            var held = _rooms.Values.Select(r => r.Group)
                .Select(g => new GroupHolding(g, Math.Max(Held(g), _isToDeclare ? _left.GetValueOrDefault(g) : 0)))
                .Where(h => _isToDeclare || h.Slots > _left.GetValueOrDefault(h.Group)).ToArray();
            return new AllocationQuestion(number, 77)
            {
                Number = ++_questions,
                Allocator = _last?.Allocator ?? 0,
                Answer = _isToDeclare ? 0 : _last!.Number,
                Held = MemoryMarshal.AsBytes<GroupHolding>(held).ToArray(),
                IsWhole = _isToDeclare,
                CountedTo = _last?.CountedTo ?? 0,
            };
        }

        public void Take(AllocationAnswer answer)
        {
            _isToDeclare = answer.Step == AllocationStep.Declare;
            if (_isToDeclare) _last = new AllocationAnswer(answer.Step, answer.Allocator) { CountedTo = _last?.CountedTo ?? 0 };
            else if (_last == null || answer.Step == AllocationStep.Wait) _last = new AllocationAnswer(answer.Step, answer.Allocator) { CountedTo = _last?.CountedTo ?? 0, Number = _last?.Number ?? 0 };
            if (answer.Step != AllocationStep.Prices) return;
            _last = answer;
            for (ReadOnlySpan<byte> rows = answer.Items; !rows.IsEmpty; rows = rows[(18 + rows[1])..])
            {
                var numbers = MemoryMarshal.Cast<byte, int>(rows.Slice(2 + rows[1], 8));
                _rooms[Encoding.UTF8.GetString(rows.Slice(2, rows[1]))] = (numbers[0], numbers[1]);
            }

            foreach (var counted in MemoryMarshal.Cast<byte, CountedImpression>(answer.Counted)) _held.Remove((counted.User, counted.Place));
            foreach (var (group, price) in MemoryMarshal.Cast<byte, PricedGroupEntry>(answer.Groups)) _left[group] = price.Left;
        }

        private int Held(int group) => _held.Count(h => _rooms.Values.Any(r => r.Place == h.Place && r.Group == group));

        private ulong HashOf(string user) => hash.Of(Encoding.UTF8.GetBytes(user));
    }
}
