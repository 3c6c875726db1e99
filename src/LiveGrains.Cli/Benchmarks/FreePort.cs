using System.Net;
using System.Net.Sockets;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>
/// Ports of 127.0.0.1 for servers that are told theirs. Below those that systems give to connections (Linux: from 32,768), so that none of these has it
/// when the server starts, or starts again. Any thread.
/// </summary>
public static class FreePort
{
    private const int First = 10_000;
    private const int Ports = 20_000;

    // Processes side by side begin apart from each other.
    private static uint _last = (uint)Environment.ProcessId * 61;

    /// <summary>A port that nobody listens on, another one each time. Throws <see cref="SocketException"/> when there is none.</summary>
    public static int Take()
    {
        for (var tried = 1; ; tried++)
        {
            var port = First + (int)(Interlocked.Increment(ref _last) % Ports);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException) when (tried < Ports)
            {
                // Somebody's; the next one.
            }
        }
    }
}
