using Spectre.Console;

namespace LiveGrains.Cli.Top;

/// <summary>The live view: looks at the server, draws, takes keys, until `q` or a signal. The view is this loop's alone.</summary>
public sealed class TopLoop(ToolEnvironment environment, TopSource source, TimeSpan interval)
{
    private static readonly TimeSpan _keyPause = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan _seriesInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _newRoomInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _redraw = TimeSpan.FromSeconds(1);

    private readonly TopView _view = new() { Server = source.Server };
    private Task<TopSnapshot>? _look;
    private Task<IReadOnlyList<(string Room, IReadOnlyList<double> Values)>>? _series;
    private long? _lookedAt;
    private long? _seriesAt;
    private bool _stale = true;
    private bool _quit;

    /// <summary>Runs until the user or a signal ends it.</summary>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var console = environment.CreateConsole();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        console.Write(new ControlCode("\u001b[?1049h\u001b[H\u001b[?25l"));
        try
        {
            while (!_quit)
            {
                // A live display keeps the height of its largest frame, so a terminal that was resized gets a new one.
                console.Write(new ControlCode("\u001b[2J\u001b[H"));
                await console.Live(new Text("")).Overflow(VerticalOverflow.Crop).AutoClear(false)
                    .StartAsync(live => RunAsync(console, live, stop.Token)).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // A signal ends the view as `q` does.
        }
        finally
        {
            console.Write(new ControlCode("\u001b[?25h\u001b[?1049l"));
            await stop.CancelAsync().ConfigureAwait(false);
        }
        return ExitCodes.Done;
    }

    private async Task RunAsync(IAnsiConsole console, LiveDisplayContext live, CancellationToken cancellationToken)
    {
        var drawnAt = 0L;
        var size = (Columns: console.Profile.Width, Lines: console.Profile.Height);
        // Another height makes pages of another size.
        Again(_view.FirstPage);
        while (!_quit && size == (console.Profile.Width, console.Profile.Height))
        {
            TakeKeys();
            Poll(TopScreen.RoomsThatFit(size.Lines - 1), cancellationToken);
            if (_stale || environment.Time.GetElapsedTime(drawnAt) >= _redraw)
            {
                _stale = false;
                drawnAt = environment.Time.GetTimestamp();
                live.UpdateTarget(TopScreen.Draw(_view, size.Columns, size.Lines - 1, environment.Time.GetLocalNow()));
            }
            await Task.Delay(_keyPause, environment.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Poll(int rooms, CancellationToken cancellationToken)
    {
        if (_look is null && (_lookedAt is not { } looked || environment.Time.GetElapsedTime(looked) >= interval))
        {
            _lookedAt = environment.Time.GetTimestamp();
            _look = source.LookAsync(_view.Sort, rooms, _view.Cursor, cancellationToken);
        }
        if (_look is { IsCompleted: true } look)
        {
            _look = null;
            _stale = true;
            if (look.IsCompletedSuccessfully) _view.Take(look.Result);
            else if (look.Exception is { } failure) _view.Trouble = failure.GetBaseException().Message;
        }
        if (_series is null && _view is { Snapshot: { } snapshot, Trouble: null }
            && (_seriesAt is not { } at || environment.Time.GetElapsedTime(at) >= (Lacks(snapshot) ? _newRoomInterval : _seriesInterval)))
        {
            _seriesAt = environment.Time.GetTimestamp();
            _series = source.ReadSeriesAsync(snapshot.Rooms, cancellationToken);
        }
        if (_series is { IsCompleted: true } series)
        {
            _series = null;
            _stale = true;
            if (!series.IsCompletedSuccessfully) return;
            if (_view.GmvByMinute.Count > 1_000) _view.GmvByMinute.Clear();
            foreach (var (room, values) in series.Result) _view.GmvByMinute[room] = values;
        }
    }

    private bool Lacks(TopSnapshot snapshot) => snapshot.Rooms.Rooms.Any(r => !_view.GmvByMinute.ContainsKey(r.Room));

    private void TakeKeys()
    {
        while (environment.InputIsTerminal && Console.KeyAvailable)
        {
            var key = Console.ReadKey(intercept: true);
            switch (key.Key)
            {
                case ConsoleKey.Q or ConsoleKey.Escape:
                    _quit = true;
                    break;
                case ConsoleKey.S:
                    Again(_view.NextSort);
                    break;
                case ConsoleKey.RightArrow or ConsoleKey.DownArrow or ConsoleKey.PageDown:
                    Again(() => _view.NextPage());
                    break;
                case ConsoleKey.LeftArrow or ConsoleKey.UpArrow or ConsoleKey.PageUp:
                    Again(() => _view.PreviousPage());
                    break;
            }
        }
    }

    /// <summary>Changes what is shown and looks at once; an answer to the question before is dropped.</summary>
    private void Again(Action change)
    {
        change();
        _look = null;
        _lookedAt = null;
        _seriesAt = null;
        _stale = true;
    }
}
