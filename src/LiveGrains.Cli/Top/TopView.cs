namespace LiveGrains.Cli.Top;

/// <summary>Everything that is on the screen. Changed by the screen's thread only.</summary>
public sealed class TopView
{
    /// <summary>Seconds of events/s that are kept for the line.</summary>
    public const int RateSamples = 120;

    /// <summary>The orders that `s` goes through.</summary>
    public static IReadOnlyList<RoomSort> Sorts { get; } =
        [RoomSort.Heat, RoomSort.Online, RoomSort.Views, RoomSort.Interactions, RoomSort.Gmv, RoomSort.StartedAt];

    private readonly List<double> _rates = [];
    private readonly List<string?> _cursors = [null];

    /// <summary>The server's address.</summary>
    public required string Server { get; init; }

    /// <summary>The last look that worked.</summary>
    public TopSnapshot? Snapshot { get; private set; }

    /// <summary>Why the server cannot be reached; null when it can.</summary>
    public string? Trouble { get; set; }

    /// <summary>The order of the rooms.</summary>
    public RoomSort Sort { get; private set; } = RoomSort.Heat;

    /// <summary>The page, from 0.</summary>
    public int Page { get; private set; }

    /// <summary>The cursor of the page.</summary>
    public string? Cursor => _cursors[Page];

    /// <summary>Events a second, oldest first.</summary>
    public IReadOnlyList<double> Rates => _rates;

    /// <summary>Gmv per minute by room, oldest first.</summary>
    public Dictionary<string, IReadOnlyList<double>> GmvByMinute { get; } = new(StringComparer.Ordinal);

    /// <summary>Takes a look at the server in.</summary>
    public void Take(TopSnapshot snapshot)
    {
        Snapshot = snapshot;
        Trouble = null;
        _rates.Add(snapshot.Overview.EventsPerSecond);
        if (_rates.Count > RateSamples) _rates.RemoveAt(0);
    }

    /// <summary>The next order, from the first page.</summary>
    public void NextSort()
    {
        var place = Sorts.ToList().IndexOf(Sort);
        Sort = Sorts[(place + 1) % Sorts.Count];
        FirstPage();
    }

    /// <summary>Back to the first page; pages are of another size or order now.</summary>
    public void FirstPage()
    {
        Page = 0;
        _cursors.RemoveRange(1, _cursors.Count - 1);
    }

    /// <summary>The next page, where there is one; true when it changed.</summary>
    public bool NextPage()
    {
        if (Snapshot?.Rooms.Next is not { } next) return false;
        _cursors.RemoveRange(Page + 1, _cursors.Count - Page - 1);
        _cursors.Add(next);
        Page++;
        return true;
    }

    /// <summary>The page before; true when it changed.</summary>
    public bool PreviousPage()
    {
        if (Page == 0) return false;
        Page--;
        return true;
    }
}
