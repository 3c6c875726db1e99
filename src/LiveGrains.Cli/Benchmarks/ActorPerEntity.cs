using System.Diagnostics;
using System.Threading.Channels;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>
/// The comparison with the usual design: an actor for each room and each user, a mailbox each, one message object per event
/// and entity, state in dictionaries and hash sets. It counts what the room and user hashes of <see cref="RedisPipeline"/> count,
/// and keeps distinct users exactly. Nothing is durable.
/// </summary>
public sealed class ActorPerEntity : IBenchmark
{
    private const int EventsUnderWay = 100_000;

    /// <inheritdoc/>
    public string Name => "actors";

    /// <inheritdoc/>
    public string What => "comparison: an actor per room and user (Channel<T>, dictionaries), in memory, no log";

    /// <inheritdoc/>
    public BenchmarkResult Run(BenchmarkContext context)
    {
        var seconds = Measure(context.Events, context.CancellationToken).GetAwaiter().GetResult();
        return new BenchmarkResult(context.Events.Count / seconds, "events/s");
    }

    /// <summary>Feeds all events and returns the seconds until the last is counted.</summary>
    public static async Task<double> Measure(IReadOnlyList<BenchmarkEvent> events, CancellationToken cancellationToken)
    {
        var rooms = new Dictionary<string, Actor>(StringComparer.Ordinal);
        var users = new Dictionary<string, Actor>(StringComparer.Ordinal);
        var done = new Progress();
        var started = Stopwatch.GetTimestamp();
        long sent = 0;
        foreach (var item in events)
        {
            if (item.Room is { } room)
            {
                Tell(rooms, room, new RoomMessage(item.Type, item.User, item.Count, item.Amount, item.TimeMs), done);
                sent++;
            }
            if (item.User is { } user)
            {
                Tell(users, user, new UserMessage(item.Type, item.Room, item.Count, item.Amount), done);
                sent++;
            }
            // A bound on all mailboxes together: one bound each would not hold memory with 50,000 of them.
            // Waiting by timer leaves the processors to the actors; the mailboxes hold far more than a millisecond of work.
            while (sent - done.Count > EventsUnderWay) await Task.Delay(1, cancellationToken).ConfigureAwait(false);
        }
        while (done.Count < sent)
        {
            await Task.Delay(1, cancellationToken).ConfigureAwait(false);
        }
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        foreach (var actor in rooms.Values.Concat(users.Values)) actor.Complete();
        await Task.WhenAll(rooms.Values.Concat(users.Values).Select(a => a.Running)).ConfigureAwait(false);
        return seconds;
    }

    private static void Tell(Dictionary<string, Actor> actors, string id, object message, Progress done)
    {
        if (!actors.TryGetValue(id, out var actor))
        {
            actor = new Actor(done);
            actors.Add(id, actor);
        }
        actor.Tell(message);
    }

    private sealed record RoomMessage(string Type, string? User, long Count, long Amount, long TimeMs);

    private sealed record UserMessage(string Type, string? Room, long Count, long Amount);

    private sealed class Progress
    {
        private long _count;

        public long Count => Interlocked.Read(ref _count);

        public void Add() => Interlocked.Increment(ref _count);
    }

    private sealed class Actor
    {
        private readonly Channel<object> _mailbox = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);
        private readonly Dictionary<string, long> _amounts = new(StringComparer.Ordinal);
        private readonly Dictionary<string, HashSet<string>> _members = new(StringComparer.Ordinal);
        private readonly Dictionary<(long Bucket, string Type), long> _buckets = [];
        private readonly Progress _done;
        private double _heat;

        public Actor(Progress done)
        {
            _done = done;
            Running = Task.Run(RunAsync);
        }

        public Task Running { get; }

        public double Heat => _heat;

        public void Tell(object message) => _mailbox.Writer.TryWrite(message);

        public void Complete() => _mailbox.Writer.Complete();

        private async Task RunAsync()
        {
            await foreach (var message in _mailbox.Reader.ReadAllAsync().ConfigureAwait(false))
            {
                switch (message)
                {
                    case RoomMessage room:
                        Count(room.Type, room.Count, room.Amount);
                        if (room.User is { } viewer) Member(room.Type, viewer);
                        var bucket = (room.TimeMs / 10_000, room.Type);
                        _buckets[bucket] = _buckets.GetValueOrDefault(bucket) + room.Count;
                        _heat += room.Count;
                        break;
                    case UserMessage user:
                        Count(user.Type, user.Count, user.Amount);
                        if (user.Room is { } visited) Member(user.Type, visited);
                        break;
                }
                _done.Add();
            }
        }

        private void Count(string type, long count, long amount)
        {
            _counts[type] = _counts.GetValueOrDefault(type) + count;
            if (amount > 0) _amounts[type] = _amounts.GetValueOrDefault(type) + amount;
        }

        private void Member(string type, string id)
        {
            if (!_members.TryGetValue(type, out var members)) _members.Add(type, members = new HashSet<string>(StringComparer.Ordinal));
            members.Add(id);
        }
    }
}
