using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>A redis-server of our own as a child process, on a free port of 127.0.0.1, with its files in a given directory.</summary>
public sealed class RedisServer : IDisposable
{
    private static readonly TimeSpan _startLimit = TimeSpan.FromSeconds(10);
    private readonly Process _process;

    private RedisServer(Process process, IPEndPoint address)
    {
        _process = process;
        Address = address;
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address { get; }

    /// <summary>Starts one and waits until it takes connections; null when redis-server is not installed.</summary>
    public static RedisServer? Start(string directory, RedisDurability durability)
    {
        var port = FreePort.Take();
        var start = new ProcessStartInfo("redis-server") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments =
        [
            "--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", directory, "--save", "", "--daemonize", "no",
            "--appendonly", durability == RedisDurability.None ? "no" : "yes", "--appendfsync", "always", "--auto-aof-rewrite-percentage", "0",
        ];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            return null;
        }
        // Its log must not fill the pipe.
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var server = new RedisServer(process, new IPEndPoint(IPAddress.Loopback, port));
        try
        {
            server.WaitUntilReady();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Ends the process by its id.</summary>
    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void WaitUntilReady()
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var connection = new RespConnection(Address);
                connection.Send("*1\r\n$4\r\nPING\r\n"u8.ToArray());
                connection.ReadReplies(1);
                return;
            }
            catch (Exception exception) when (exception is SocketException or IOException)
            {
                if (_process.HasExited || Stopwatch.GetElapsedTime(started) > _startLimit)
                {
                    throw new IOException("redis-server did not start.", exception);
                }
                Thread.Sleep(20);
            }
        }
    }
}
