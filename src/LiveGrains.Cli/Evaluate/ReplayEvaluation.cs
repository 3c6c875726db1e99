using System.Diagnostics;
using LiveGrains.Core;
using LiveGrains.Engine;
using LiveGrains.Engine.Recommendations;

namespace LiveGrains.Cli.Evaluate;

/// <summary>What to evaluate.</summary>
internal sealed record ReplayEvaluationOptions
{
    /// <summary>Which items; null: what most of the file's first events are about.</summary>
    public InterestKind? Kind { get; init; }

    /// <summary>Events to read; null: all.</summary>
    public long? Limit { get; init; }

    /// <summary>Every how many targets are scored; all are learned from.</summary>
    public int Sample { get; init; } = 1;

    /// <summary>From which share of the events on touches are counted, 0 to 1; all are learned from. Above 0 files are read twice.</summary>
    public double From { get; init; }

    /// <summary>Diversity of the lists, 0 to 1.</summary>
    public double Diversity { get; init; } = new RecommendationQuery().Diversity;
}

/// <summary>
/// Predict, then learn, over event files, once and in order (prequential evaluation, Gama et al. 2013), through what serves:
/// a shard's state with its feed, the directory of items and the recommender. Before an event in which a user comes to an item is
/// folded, the user's list is made from what was known and available until then; then it is folded and learned. One thread.
/// </summary>
internal sealed unsafe class ReplayEvaluation : IDisposable
{
    /// <summary>Items of a kind that are looked at after every event for the lists of hot items; a server goes by time.</summary>
    public const int ItemsAtOnce = 100;

    private const int EventsToTellTheKind = 20_000;
    private const ulong HashKey0 = 0x243F6A8885A308D3;
    private const ulong HashKey1 = 0x13198A2E03707344;

    private readonly InterestKind _kind;
    private readonly ReplayEvaluationOptions _options;
    private readonly EngineClock _clock = new(ClockMode.Event, TimeProvider.System, long.MinValue);
    private readonly ShardState _state;
    private readonly ItemDirectory _items;
    private readonly Recommender _recommender;
    private readonly FeedLearner _learner;
    private readonly PopularityBaselines _baselines;
    private readonly RecommendationRequest _newItems;
    private readonly RecommendationRequest _anyItems;
    private readonly ReplayProtocol _known = new();
    private readonly ReplayProtocol _all = new();
    private readonly ReplayProtocol _withRepeats = new();
    private readonly Dictionary<uint, uint> _impressionAsked = [];
    private readonly HashSet<uint> _history = [];
    private readonly HashSet<uint> _unwanted = [];
    private readonly byte[] _verdict = new byte[1];
    private readonly uint[][] _newLists = [.. Enumerable.Range(0, ReplayProtocol.Methods).Select(_ => new uint[ReplayScores.Depth])];
    private readonly uint[][] _anyLists = [.. Enumerable.Range(0, ReplayProtocol.Methods).Select(_ => new uint[ReplayScores.Depth])];
    private readonly int[] _newCounts = new int[ReplayProtocol.Methods];
    private readonly int[] _anyCounts = new int[ReplayProtocol.Methods];
    private readonly List<double> _questions = [];
    private byte[] _spare = new byte[64 << 10];
    private readonly long _first;
    private long _events;
    private long _touches;
    private StaticFeatures _features;

    private ReplayEvaluation(InterestKind kind, ReplayEvaluationOptions options, FoldSettings settings, long first)
    {
        _first = first;
        _kind = kind;
        _options = options;
        _state = new ShardState(settings) { Feed = new InterestFeed() };
        _items = new ItemDirectory([_state], _clock);
        _recommender = new Recommender(_items);
        _learner = new FeedLearner(_items, _recommender);
        _baselines = new PopularityBaselines(_items, kind);
        var lambda = (float)(1 - options.Diversity);
        _newItems = new RecommendationRequest { Kind = kind, Limit = ReplayScores.Depth, OnlyNew = true, Lambda = lambda };
        _anyItems = new RecommendationRequest { Kind = kind, Limit = ReplayScores.Depth, WithoutBought = false, Lambda = lambda };
    }

    /// <summary>Reads, predicts and learns.</summary>
    public static ReplayEvaluationResult Run(IReadOnlyList<string> files, ReplayEvaluationOptions options, ToolEnvironment environment, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var settings = EngineOpening.Settings(new EngineOptions { Clock = ClockMode.Event }) with { HashKey0 = HashKey0, HashKey1 = HashKey1 };
        var first = First(files, options, environment);
        using var blocks = EventRecordsFile.Blocks(files, new KeyHash(HashKey0, HashKey1), environment).GetEnumerator();
        var head = new List<byte[]>();
        for (var events = 0; options.Kind == null && events < EventsToTellTheKind && blocks.MoveNext(); events += blocks.Current.Count) head.Add(blocks.Current.Records.ToArray());
        using var progress = new ProgressLine(environment);
        using var evaluation = new ReplayEvaluation(options.Kind ?? MostFrequent(head), options, settings, first);
        foreach (var records in head) evaluation.Take(records);
        while (!evaluation.IsOver && blocks.MoveNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            evaluation.Take(blocks.Current.Records);
            if (progress.Due) progress.Update(null, $"{Words.Count(evaluation._events, "event")}, {Words.Count(evaluation._touches, "touch")}");
        }

        return evaluation.Result(Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _recommender.Dispose();
        _items.Dispose();
        _state.Dispose();
    }

    private bool IsOver => _events >= (_options.Limit ?? long.MaxValue);

    // The first event that counts.
    private static long First(IReadOnlyList<string> files, ReplayEvaluationOptions options, ToolEnvironment environment)
    {
        if (options.From == 0) return 0;
        if (files.Contains("-")) throw new LiveGrainsException(ErrorCode.InvalidParameter, "--from reads the events twice, which standard input cannot be: give files.");
        var events = EventRecordsFile.Blocks(files, new KeyHash(HashKey0, HashKey1), environment).Sum(block => (long)block.Count);
        return (long)(Math.Min(events, options.Limit ?? long.MaxValue) * options.From);
    }

    private static InterestKind MostFrequent(List<byte[]> head)
    {
        var touches = new long[InterestItem.Kinds];
        foreach (var records in head)
        {
            fixed (byte* start = records)
            {
                for (var p = start; p < start + records.Length; p += ((EventRecord*)p)->Length)
                {
                    if (IsTouch((EventRecord*)p)) touches[(int)KindOf((EventRecord*)p)]++;
                }
            }
        }

        return (InterestKind)Array.IndexOf(touches, touches.Max());
    }

    private void Take(Span<byte> records)
    {
        fixed (byte* start = records)
        {
            for (var p = start; p < start + records.Length && !IsOver; p += ((EventRecord*)p)->Length) Step((EventRecord*)p);
        }
    }

    private void Step(EventRecord* record)
    {
        var bytes = new Span<byte>(record, record->Length);
        _clock.Stamp(bytes);
        var isOfKind = (record->Members & Members.User) != 0 && KindOf(record) == _kind;
        var isTouch = isOfKind && IsTouch(record);
        var question = isTouch && _events >= _first && _touches % _options.Sample == 0 ? Ask(record) : default;
        if (isOfKind && record->Type == EventType.Impression) AskBeforeImpression(record);
        _state.Fold(bytes, _verdict);
        var isAccepted = _verdict[0] == (byte)Verdict.Accepted;
        var taken = _state.Feed!.Take(_spare);
        var position = 0;
        _learner.Learn(0, taken, int.MaxValue, ref position);
        _spare = taken.Array!;
        if (isTouch && isAccepted)
        {
            if (question.Asked) Score(question, _state.Users.Find(record->UserHash, EventRecords.Get(record, Members.User)));
            _touches++;
            _baselines.Add(Find(record));
        }

        _events++;
        _recommender.Refresh(ItemsAtOnce);
    }

    private readonly record struct Question(bool Asked, uint Target, bool IsKnown, bool IsRepeat);

    // Makes the lists of all methods from what is known before the event.
    private Question Ask(EventRecord* record)
    {
        var history = HistoryOf(record, out var user);

        var target = Find(record);
        var isKnown = false;
        var isRepeat = false;
        _history.Clear();
        _unwanted.Clear();
        foreach (ref readonly var entry in history)
        {
            isKnown |= InterestItem.Kind(entry.Item) == _kind;
            isRepeat |= entry.Item == target;
            _history.Add(entry.Item);
            if ((entry.Flags & HistoryFlags.Unwanted) != 0) _unwanted.Add(entry.Item);
        }

        var now = ShardState.SecondsOf(record->ClockMs);
        _features = user == 0 ? default : _state.FeaturesOf(user);
        if (!isRepeat) List(history, now, _newItems, _history, _newLists, _newCounts);
        if (isKnown) List(history, now, _anyItems, _unwanted, _anyLists, _anyCounts);
        return new Question(true, target, isKnown, isRepeat);
    }

    private void List(ReadOnlySpan<HistoryEntry> history, uint now, RecommendationRequest request, HashSet<uint> without, uint[][] lists, int[] counts)
    {
        var start = Stopwatch.GetTimestamp();
        // Nobody's list: what was on the screen is in the file, and it was not ours.
        var list = _recommender.Recommend(0, history, now, request, _features);
        _questions.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        counts[0] = list.Items.Count;
        for (var i = 0; i < counts[0]; i++) lists[0][i] = list.Items[i].Item;
        counts[1] = _baselines.Popular(without, lists[1]);
        counts[2] = _baselines.OfLastCategory(history, without, lists[2]);
        counts[3] = _baselines.OwnThenLastCategory(history, without, lists[3]);
    }

    // What was shown of what would have been recommended is what the ranker learns from (Li et al., WSDM 2011).
    private void AskBeforeImpression(EventRecord* record)
    {
        var history = HistoryOf(record, out var user);
        var now = ShardState.SecondsOf(record->ClockMs);
        if (user == 0 || (_impressionAsked.TryGetValue(user, out var asked) && now - asked < ImpressionLearner.WindowSeconds)) return;
        _impressionAsked[user] = now;
        _state.Feed!.Follow(user);
        _recommender.Recommend(FeedLearner.UserOf(0, user), history, now, _anyItems, _state.FeaturesOf(user));
    }

    private void Score(in Question question, uint user)
    {
        if (!question.IsRepeat) Add(_all, question.Target, user, _newLists, _newCounts);
        if (!question.IsRepeat && question.IsKnown) Add(_known, question.Target, user, _newLists, _newCounts);
        if (question.IsKnown) Add(_withRepeats, question.Target, user, _anyLists, _anyCounts);
    }

    private void Add(ReplayProtocol protocol, uint target, uint user, uint[][] lists, int[] counts) =>
        protocol.Add(user, lists, counts, target, _baselines.All, _items.Highest(_kind));

    private ReadOnlySpan<HistoryEntry> HistoryOf(EventRecord* record, out uint user)
    {
        user = _state.Users.Find(record->UserHash, EventRecords.Get(record, Members.User));
        return user == 0 ? default : _learner.Translate(0, _state.Histories.Entries(_state.UserDetailAt(user)->History));
    }

    // The number of the event's item; 0: no event has named it.
    private uint Find(EventRecord* record)
    {
        var row = _kind switch
        {
            InterestKind.Room => _state.Rooms.Find(record->RoomHash, EventRecords.Get(record, Members.Room)),
            InterestKind.Product => _state.Products.Find(record->ItemHash, EventRecords.Get(record, Members.Product)),
            _ => _state.Videos.Find(record->ItemHash, EventRecords.Get(record, Members.Video)),
        };
        return row == 0 ? 0 : _items.Resolve(0, InterestItem.Of(_kind, row));
    }

    private static bool IsTouch(EventRecord* record) => record->Type is EventType.Click or EventType.Enter or EventType.Play && (record->Members & Members.User) != 0;

    private static InterestKind KindOf(EventRecord* record) =>
        (record->Members & Members.Product) != 0 ? InterestKind.Product : (record->Members & Members.Video) != 0 ? InterestKind.Video : InterestKind.Room;

    private ReplayEvaluationResult Result(double seconds)
    {
        var available = 0L;
        for (uint row = 1, last = _items.Highest(_kind); row <= last; row++)
        {
            if (_items.IsAvailable(InterestItem.Of(_kind, row))) available++;
        }

        _questions.Sort();
        var learned = _recommender.Learner.Examples;
        return new ReplayEvaluationResult
        {
            Kind = _kind,
            Events = _events,
            Touches = _touches,
            Items = available,
            Sample = _options.Sample,
            From = _options.From,
            Diversity = _options.Diversity,
            Known = ReplayProtocolResult.Of(_known, _items, available),
            AllUsers = ReplayProtocolResult.Of(_all, _items, available),
            WithRepeats = ReplayProtocolResult.Of(_withRepeats, _items, available),
            ImpressionsLearned = learned,
            Predictions = learned == 0 ? [] : [.. Enum.GetValues<Objective>().Select(o => PredictionQuality.Of(o, _recommender.Ranker.Check(o)))],
            Seconds = seconds,
            QuestionMicroseconds = _questions.Count == 0 ? 0 : _questions[_questions.Count / 2],
            QuestionMicrosecondsP99 = _questions.Count == 0 ? 0 : _questions[(int)(_questions.Count * 0.99)],
        };
    }
}
