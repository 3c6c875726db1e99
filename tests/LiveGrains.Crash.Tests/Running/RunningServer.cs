using System.Diagnostics;
using System.Text.RegularExpressions;

namespace LiveGrains.Crash.Tests;

/// <summary>`livegrains serve` as a process, at a free port of 127.0.0.1.</summary>
internal sealed partial class RunningServer : IAsyncDisposable
{
    private RunningServer(ToolProcess process, Uri address, TimeSpan startedIn)
    {
        Process = process;
        Address = address;
        StartedIn = startedIn;
        Api = new Api(address);
    }

    /// <summary>The process.</summary>
    public ToolProcess Process { get; }

    /// <summary>Its address.</summary>
    public Uri Address { get; }

    /// <summary>Time from the start of the process until it said that it is ready.</summary>
    public TimeSpan StartedIn { get; }

    /// <summary>A client of it.</summary>
    public Api Api { get; }

    /// <summary>The arguments that serve a directory; null: the tool's own choice.</summary>
    public static IEnumerable<string> Arguments(string? directory, params IEnumerable<string> options) =>
        ["serve", "--urls", "http://127.0.0.1:0", .. directory == null ? [] : new[] { "--data", directory }, .. options];

    /// <summary>Starts a server and returns when it says that it is ready. Throws with its error output when it ends instead.</summary>
    public static Task<RunningServer> StartAsync(string? directory, params IEnumerable<string> options) => StartAsync(directory, new Dictionary<string, string>(), options);

    /// <summary>The same with variables of the environment.</summary>
    public static async Task<RunningServer> StartAsync(string? directory, IReadOnlyDictionary<string, string> variables, params IEnumerable<string> options)
    {
        var started = Stopwatch.GetTimestamp();
        var process = ToolProcess.Start(variables, Arguments(directory, options));
        try
        {
            await Wait.UntilAsync(() => process.HasExited || process.Out.Contains("Ctrl+C", StringComparison.Ordinal), "the server is ready");
            if (process.HasExited) throw new InvalidOperationException($"The server ended with {await process.ExitAsync()}: {process.Error}");
            return new RunningServer(process, new Uri(AddressLine().Match(process.Out).Groups[1].Value + "/"), Stopwatch.GetElapsedTime(started));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIGTERM; returns the exit code.</summary>
    public Task<int> StopAsync()
    {
        Process.Terminate();
        return Process.ExitAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await Process.DisposeAsync();
    }

    [GeneratedRegex(@"Address\s+(http://127\.0\.0\.1:\d+)")]
    private static partial Regex AddressLine();
}
