using System.Buffers;
using System.Diagnostics;
using System.Numerics;
using LiveGrains.Core;

namespace LiveGrains.Engine.Recommendations;

/// <summary>
/// The thread of the recommender: it learns what the shards' feeds tell, looks now and then at what is hot, and answers
/// questions in between, within a millisecond of work. Shards never wait for it: what it cannot keep up with is left
/// out of the models and counted. Telling and asking are for any thread.
/// </summary>
internal sealed class RecommendationRunner : IDisposable
{
    private const long MaxQueueBytes = 64 << 20;
    // A question waits for one piece of learning and one of looking at items at most.
    private const int RecordsAtOnce = 32;
    // And after so many questions in a row one such piece comes: lists that are never new would be of no use, however quick.
    private const int QuestionsAtOnce = 16;
    private const int ItemsAtOnce = 100;
    // Of each kind, every time that is for looking at items.
    private const int ItemsToRefresh = 2_000;
    private static readonly TimeSpan RefreshAfter = TimeSpan.FromMilliseconds(20);
    // Lists that are new four times a second are new enough; few items looked at without a rest would keep a processor busy for nothing.
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan PublishAfter = TimeSpan.FromSeconds(1);

    private readonly object _gate = new();
    private readonly object _saving = new();
    private readonly IModelStore? _store;
    private readonly Queue<(int Shard, ArraySegment<byte> Records)> _feeds = new();
    private readonly Queue<Action> _questions = new();
    private readonly Recommender _recommender;
    private readonly ItemDirectory _items;
    private readonly FeedLearner _learner;
    private readonly Action<Exception> _report;
    private readonly Thread _thread;
    private readonly TimeProvider _time;
    private readonly QuestionTimes _times = new();
    private readonly EngineClock _clock;
    private readonly ListPractice _practice;
    private readonly long[] _lookBegan = new long[InterestItem.Kinds];
    private readonly bool[] _lookEnded = new bool[InterestItem.Kinds];
    private volatile RecommenderStatus _published;
    private (int Shard, ArraySegment<byte> Records) _feed;
    private int _learned;
    private long _queuedBytes;
    private long _dropped;
    private readonly HashSet<int> _lost = [];
    private bool _closing;

    /// <summary>Makes the models, of which some are as they were kept, and begins.</summary>
    /// <param name="shards">Whose items and users they are of, by number; null where another engine has the shard.</param>
    /// <param name="clock">The engine's.</param>
    /// <param name="time">For pauses.</param>
    /// <param name="report">Takes failures that nobody waits for.</param>
    /// <param name="store">Where the models are kept; null: nothing survives.</param>
    public RecommendationRunner(IReadOnlyList<ShardState?> shards, EngineClock clock, TimeProvider time, Action<Exception> report, IModelStore? store = null)
    {
        _store = store;
        _items = new ItemDirectory(shards, clock);
        _recommender = new Recommender(_items);
        _learner = new FeedLearner(_items, _recommender);
        Note = store == null ? null : ModelFile.Load(store, _recommender);
        _published = RecommendationAnswers.Status(_recommender, _items);
        _report = report;
        _time = time;
        _clock = clock;
        _practice = new ListPractice(time);
        _thread = new Thread(Run) { Name = "recommender", IsBackground = true };
        _thread.Start();
    }

    /// <summary>What the platform wants of a shown item. Set before the first question.</summary>
    public ObjectiveWeights Objectives { init => _recommender.Objectives = value; }

    /// <summary>Takes the slots that were shown under a policy of traffic. Set before the first question.</summary>
    public IImpressionLog? ImpressionLog
    {
        init
        {
            if (value is { } log) _recommender.ServedSlots.Settled = slot => log.Write(new ShownSlot(
                DateTimeOffset.FromUnixTimeSeconds(slot.TimeSeconds), _items.Id(slot.Item), slot.Position + 1, slot.Clicked, slot.Propensity, slot.Segment));
        }
    }

    /// <summary>What people should know of the models that were kept; null: nothing.</summary>
    public string? Note { get; }

    /// <summary>Feeds that were left out because the thread was behind.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Called, under a lock, when feeds of a shard begin to be left out: items among them are to be told again, see <see cref="IsToldAgain"/>. Set before the first feed.</summary>
    public Action<int>? Lost { get; set; }

    /// <summary>Visits learned from.</summary>
    public long Visits => _learner.Visits;

    /// <summary>Bytes of feeds that wait.</summary>
    public long QueuedBytes => Volatile.Read(ref _queuedBytes);

    /// <summary>Counters; never waits.</summary>
    public RecommenderStatus Status() => _published with { Questions = _times.Read(), QueueBytes = QueuedBytes, Dropped = Dropped, Visits = Visits };

    /// <summary>Makes a list: <see cref="Ask"/>, timed.</summary>
    public Task<T> AskForList<T>(Func<Recommender, ItemDirectory, T> make) => Ask((recommender, items) =>
    {
        var start = Stopwatch.GetTimestamp();
        var list = make(recommender, items);
        _times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        return list;
    });

    /// <summary>Hands over what a shard's feed has; the array is the runner's from now on.</summary>
    public void Tell(int shard, ArraySegment<byte> records)
    {
        lock (_gate)
        {
            if (_closing) return;
            // Without the beginning a feed still says what is behind it, so that the newest is left out, not the oldest.
            if (_queuedBytes + records.Count > MaxQueueBytes)
            {
                _dropped++;
                if (_lost.Add(shard)) Lost?.Invoke(shard);
                return;
            }

            _queuedBytes += records.Count;
            _feeds.Enqueue((shard, records));
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>From now on items of a shard are told again; what is left out of that counts as lost anew.</summary>
    public void IsToldAgain(int shard)
    {
        lock (_gate) _lost.Remove(shard);
    }

    /// <summary>Asks a question; what was told before it is known to the answer, but for what is still in the queue of visits.</summary>
    public Task<T> Ask<T>(Func<Recommender, ItemDirectory, T> read)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_closing) throw new LiveGrainsException(ErrorCode.ShuttingDown);
            _questions.Enqueue(() =>
            {
                try
                {
                    answer.SetResult(read(_recommender, _items));
                }
                catch (Exception e)
                {
                    answer.SetException(e);
                }
            });
            Monitor.Pulse(_gate);
        }

        return answer.Task;
    }

    /// <summary>Learns all that was told, looks at all items again, and then answers. For tests, which wait for a state and not for a time.</summary>
    public Task SettleAsync() => Ask((recommender, _) =>
    {
        while (NextFeed()) LearnSome();
        recommender.Refresh(int.MaxValue);
        Publish();
        return true;
    });

    /// <summary>A history of a shard in the numbers of the recommender. On the recommender's thread.</summary>
    public ReadOnlySpan<HistoryEntry> Translate(int shard, ReadOnlySpan<HistoryEntry> history) => _learner.Translate(shard, history);

    /// <summary>Keeps the models beside the running thread. For one who may wait; a failure is reported.</summary>
    public void Save()
    {
        if (_store == null) return;
        lock (_saving)
        {
            Task<byte[]> payload;
            try
            {
                payload = Ask((recommender, _) => ModelFile.PayloadOf(recommender));
            }
            catch (LiveGrainsException e) when (e.Code == ErrorCode.ShuttingDown)
            {
                // The last thing that is done is to write it.
                return;
            }

            Write(payload.GetAwaiter().GetResult());
        }
    }

    /// <summary>Answers what is asked, ends the thread and keeps the models.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_closing) return;
            _closing = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
        lock (_saving)
        {
            if (_store != null) Write(ModelFile.PayloadOf(_recommender));
        }

        _recommender.Dispose();
        _items.Dispose();
    }

    private void Run()
    {
        var refreshed = _time.GetTimestamp();
        var published = refreshed;
        var toRefresh = 0;
        var inARow = 0;
        while (true)
        {
            Action? question = null;
            lock (_gate)
            {
                if (_questions.Count == 0 && _feeds.Count == 0 && _feed.Records.Array == null && toRefresh == 0 && !_closing) Monitor.Wait(_gate, RefreshAfter);
                _questions.TryDequeue(out question);
                if (_closing && question == null) return;
            }

            if (_time.GetElapsedTime(published) >= PublishAfter)
            {
                published = _time.GetTimestamp();
                Publish();
            }

            if (question != null)
            {
                question();
                if (++inARow < QuestionsAtOnce) continue;
            }

            inARow = 0;
            if (NextFeed()) LearnSome();
            try
            {
                if (_time.GetElapsedTime(refreshed) >= RefreshAfter)
                {
                    refreshed = _time.GetTimestamp();
                    toRefresh = InterestItem.Kinds * ItemsToRefresh;
                }

                if (toRefresh > 0) toRefresh = RefreshSome(toRefresh);
                _practice.MakeOne(_recommender, _items, ShardState.SecondsOf(_clock.NowMs()));
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // What cannot be looked at is as it was; answers go on.
                _report(e);
                toRefresh = 0;
            }
        }
    }

    private void Publish() => _published = RecommendationAnswers.Status(_recommender, _items);

    private void Write(byte[] payload)
    {
        try
        {
            ModelFile.Write(_store!, payload);
        }
        catch (IOException e)
        {
            // What is lost is what the ranker learned since the last time.
            _report(e);
        }
    }

    private bool NextFeed()
    {
        if (_feed.Records.Array != null) return true;
        lock (_gate)
        {
            if (!_feeds.TryDequeue(out _feed)) return false;
            _queuedBytes -= _feed.Records.Count;
        }

        _learned = 0;
        return true;
    }

    // Looks at some items of one kind after the other and says for how many there is time left; a kind that was seen whole rests.
    private int RefreshSome(int left)
    {
        var later = (left - 1) / ItemsToRefresh;
        var kind = InterestItem.Kinds - 1 - later;
        ref var began = ref _lookBegan[kind];
        if (_lookEnded[kind])
        {
            if (_time.GetElapsedTime(began) < LookAgainAfter) return later * ItemsToRefresh;
            began = _time.GetTimestamp();
        }

        _lookEnded[kind] = _recommender.Refresh((InterestKind)kind, ItemsAtOnce);
        return _lookEnded[kind] ? later * ItemsToRefresh : left - ItemsAtOnce;
    }

    private void LearnSome()
    {
        var before = _learned;
        try
        {
            _learner.Learn(_feed.Shard, _feed.Records, RecordsAtOnce, ref _learned);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A record that cannot be learned from costs what it would have taught, and nothing else.
            _report(e);
            if (_learned == before) _learned = _feed.Records.Count;
        }

        if (_learned < _feed.Records.Count) return;
        // The pool takes its own sizes and throws at others.
        if (BitOperations.IsPow2(_feed.Records.Array!.Length)) ArrayPool<byte>.Shared.Return(_feed.Records.Array);
        _feed = default;
    }
}
