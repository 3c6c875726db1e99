namespace LiveGrains.Model;

/// <summary>How many were online, by the clock's time.</summary>
internal sealed class OnlineHistory
{
    private readonly List<(long Clock, int Online, bool ByEvent)> _steps = [];

    /// <summary>The highest after any event.</summary>
    public int Peak { get; private set; }

    public void Add(long clock, int online, bool byEvent)
    {
        if (byEvent)
            Peak = Math.Max(Peak, online);
        if (_steps.Count == 0 ? online != 0 : online != _steps[^1].Online)
            _steps.Add((clock, online, byEvent));
    }

    /// <summary>
    /// The highest from <paramref name="start"/> to before <paramref name="end"/>. At its start stands what was online
    /// then: after the sessions that expired by that moment, before the events of that moment.
    /// </summary>
    public int HighestIn(long start, long end)
    {
        int low = 0, high = _steps.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_steps[middle].Clock < start)
                low = middle + 1;
            else
                high = middle;
        }

        while (low < _steps.Count && _steps[low].Clock == start && !_steps[low].ByEvent)
            low++;
        var highest = low == 0 ? 0 : _steps[low - 1].Online;
        for (; low < _steps.Count && _steps[low].Clock < end; low++)
            highest = Math.Max(highest, _steps[low].Online);
        return highest;
    }
}
