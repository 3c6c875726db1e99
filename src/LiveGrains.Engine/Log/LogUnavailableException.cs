namespace LiveGrains.Engine.Log;

/// <summary>The log cannot be reached now. It heals by itself.</summary>
internal sealed class LogUnavailableException(string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>True when the frame that was being written may be in the log all the same.</summary>
    public bool IsUncertain { get; init; }
}
