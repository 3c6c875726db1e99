namespace LiveGrains.Model;

/// <summary>
/// Sums and distinct users by metric. A metric is named as in the answers (`likes`, `products.clicks`); its amount is
/// `likes.amount`. `watchMs` is watch time.
/// </summary>
internal sealed class Tally
{
    /// <summary>The length of a bucket.</summary>
    public const long BucketMs = 10_000;

    private static readonly HashSet<string> _nobody = [];
    private readonly Dictionary<string, long> _totals = [];
    private readonly Dictionary<string, HashSet<string>> _users = [];
    private readonly Dictionary<long, Dictionary<string, long>> _buckets = [];

    /// <summary>By currency, amounts by `gifts`, `subscribes`, `orders`, `gmv`, `refunds`.</summary>
    public SortedDictionary<string, Dictionary<string, long>> Foreign { get; } = new(StringComparer.Ordinal);

    /// <summary>The earliest bucket in which something was counted, or null.</summary>
    public long? FirstBucket { get; private set; }

    /// <summary>The bucket that holds a moment.</summary>
    public static long BucketOf(long ms) => ms / BucketMs;

    /// <summary>Adds to a metric; also in a bucket, unless that is null (a late event).</summary>
    public void Add(string metric, long value, long? bucket)
    {
        _totals[metric] = _totals.GetValueOrDefault(metric) + value;
        if (bucket is not long at)
            return;
        if (!_buckets.TryGetValue(at, out var sums))
            _buckets.Add(at, sums = []);
        sums[metric] = sums.GetValueOrDefault(metric) + value;
        FirstBucket = Math.Min(FirstBucket ?? at, at);
    }

    public void AddUser(string metric, string user)
    {
        if (!_users.TryGetValue(metric, out var users))
            _users.Add(metric, users = new HashSet<string>(StringComparer.Ordinal));
        users.Add(user);
    }

    /// <summary>The usual case: one event of a metric by a user.</summary>
    public void AddEvent(string metric, ModelEvent e, long? bucket)
    {
        Add(metric, e.Count, bucket);
        AddUser(metric, e.User!);
    }

    public void AddForeign(string currency, string what, long amount)
    {
        if (!Foreign.TryGetValue(currency, out var amounts))
            Foreign.Add(currency, amounts = []);
        amounts[what] = amounts.GetValueOrDefault(what) + amount;
    }

    public long Total(string metric) => _totals.GetValueOrDefault(metric);

    public int Users(string metric) => UsersOf(metric).Count;

    public IReadOnlySet<string> UsersOf(string metric) => _users.GetValueOrDefault(metric, _nobody);

    /// <summary>The sum of a metric over buckets, both ends included.</summary>
    public long Sum(string metric, long firstBucket, long lastBucket)
    {
        long sum = 0;
        for (var bucket = firstBucket; bucket <= lastBucket; bucket++)
        {
            if (_buckets.TryGetValue(bucket, out var sums))
                sum += sums.GetValueOrDefault(metric);
        }

        return sum;
    }

    /// <summary>The sums of all metrics over buckets, both ends included, as a tally without users.</summary>
    public Tally Window(long firstBucket, long lastBucket)
    {
        var window = new Tally();
        for (var bucket = firstBucket; bucket <= lastBucket; bucket++)
        {
            if (!_buckets.TryGetValue(bucket, out var sums))
                continue;
            foreach (var (metric, value) in sums)
                window.Add(metric, value, null);
        }

        return window;
    }
}
