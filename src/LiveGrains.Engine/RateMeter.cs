namespace LiveGrains.Engine;

/// <summary>Events a second over the last ten whole seconds. Any thread.</summary>
internal sealed class RateMeter(TimeProvider time)
{
    private const int Seconds = 16;
    private readonly long[] _counts = new long[Seconds];
    private readonly long[] _second = new long[Seconds];
    private readonly object _gate = new();

    public void Add(int events)
    {
        var second = time.GetUtcNow().ToUnixTimeSeconds();
        lock (_gate)
        {
            var slot = (int)(second & (Seconds - 1));
            if (_second[slot] != second)
            {
                _second[slot] = second;
                _counts[slot] = 0;
            }

            _counts[slot] += events;
        }
    }

    public double PerSecond()
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        long sum = 0;
        lock (_gate)
        {
            for (var i = 0; i < Seconds; i++)
            {
                if (_second[i] < now && _second[i] >= now - 10) sum += _counts[i];
            }
        }

        return sum / 10.0;
    }
}
