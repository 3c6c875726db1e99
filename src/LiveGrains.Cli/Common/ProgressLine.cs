using System.Globalization;

namespace LiveGrains.Cli;

/// <summary>One line of progress on a terminal's error stream, redrawn at most ten times a second; nothing elsewhere. One thread.</summary>
public sealed class ProgressLine : IDisposable
{
    private const int BarColumns = 24;
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(100);

    private readonly TextWriter _writer;
    private readonly bool _enabled;
    private readonly TimeProvider _time;
    private readonly long _started;
    private long _drawn;
    private bool _visible;

    /// <summary>Makes the line; it appears with the first update.</summary>
    public ProgressLine(ToolEnvironment environment)
    {
        _writer = environment.Error;
        _enabled = environment.ErrorIsTerminal;
        _time = environment.Time;
        _started = _time.GetTimestamp();
        _drawn = _started;
    }

    /// <summary>Time since the line was made.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(_started);

    /// <summary>True when an update would be drawn: lets a caller skip making the words.</summary>
    public bool Due => _enabled && _time.GetElapsedTime(_drawn) >= _interval;

    /// <summary>Draws when it is due. <paramref name="fraction"/> null: there is no known end.</summary>
    public void Update(double? fraction, string words)
    {
        if (!Due) return;
        _drawn = _time.GetTimestamp();
        _visible = true;
        var text = fraction is { } done ? Bar(Math.Clamp(done, 0, 1)) + words : words;
        _writer.Write("\r" + Words.Cut(text, Math.Max(Columns() - 1, 20)) + "\u001b[K");
        _writer.Flush();
    }

    /// <summary>Removes the line.</summary>
    public void Dispose()
    {
        if (!_visible) return;
        _writer.Write("\r\u001b[K");
        _writer.Flush();
        _visible = false;
    }

    private string Bar(double done)
    {
        var filled = (int)(done * BarColumns);
        var left = "";
        if (done is > 0.02 and < 1)
        {
            left = Words.Duration(Elapsed * ((1 - done) / done)) + " left  ";
        }
        var percent = ((int)(done * 100)).ToString(CultureInfo.InvariantCulture).PadLeft(3);
        return $"{percent} % {new string('━', filled)}{new string('─', BarColumns - filled)}  {left}";
    }

    private static int Columns()
    {
        try
        {
            return Console.WindowWidth is > 0 and var columns ? columns : 80;
        }
        catch (IOException)
        {
            return 80;
        }
    }
}
