using Microsoft.Extensions.Logging;

namespace LiveGrains.Server.Problems;

/// <summary>What the server logs.</summary>
internal static partial class ServerLog
{
    /// <summary>A request failed through a defect.</summary>
    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "{Method} {Route} failed")]
    internal static partial void Failed(ILogger logger, string method, string route, Exception exception);
}
