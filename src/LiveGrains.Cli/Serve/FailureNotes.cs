using System.Globalization;
using LiveGrains.Engine;

namespace LiveGrains.Cli.Serve;

/// <summary>
/// Tells operators of failures that nobody waits for (a snapshot, a log, a model that could not be written): a line each on standard error, with
/// its time. The same failure again within a minute is counted, and told with the next line. Any thread; disposing it ends the listening.
/// </summary>
public sealed class FailureNotes : IDisposable
{
    private const int MostKinds = 100;
    private static readonly TimeSpan _silence = TimeSpan.FromMinutes(1);

    private readonly TextWriter _error;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (DateTimeOffset Told, int Untold)> _known = [];

    /// <summary>Begins to listen to the engines of this process.</summary>
    /// <param name="error">Where the lines go.</param>
    /// <param name="time">For their times.</param>
    public FailureNotes(TextWriter error, TimeProvider time)
    {
        _error = error;
        _time = time;
        LiveGrainsEngine.BackgroundFailure += Note;
    }

    /// <summary>Tells of a failure, or counts it.</summary>
    public void Note(Exception failure)
    {
        // What the program expects to go wrong has words for people; for anything else the type says more.
        var what = failure is IOException or LiveGrainsException ? failure.Message : $"{failure.GetType().Name}: {failure.Message}";
        var now = _time.GetUtcNow();
        lock (_lock)
        {
            var isKnown = _known.TryGetValue(what, out var before);
            if (isKnown && now - before.Told < _silence)
            {
                _known[what] = before with { Untold = before.Untold + 1 };
                return;
            }

            // Forgetting them only costs repeated lines.
            if (_known.Count >= MostKinds) _known.Clear();
            _known[what] = (now, 0);
            var again = before.Untold == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" ({before.Untold} more of these since {Time(before.Told)})");
            try
            {
                _error.WriteLine($"{Time(now)} Failure: {what}{again}");
            }
            catch (IOException)
            {
                // Nobody reads them any more, and whoever failed goes on with something else.
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => LiveGrainsEngine.BackgroundFailure -= Note;

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
