using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace LiveGrains.Crash.Tests;

/// <summary>The real tool as a real process. Disposing kills it when it still runs, and so does the end of the test process.</summary>
internal sealed class ToolProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private static readonly ConcurrentDictionary<int, Process> _running = new();
    private static readonly string _tool = FindTool();
    private readonly Process _process;
    private readonly StringBuilder _out = new();
    private readonly StringBuilder _error = new();
    private readonly Lock _lock = new();

    static ToolProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var process in _running.Values) KillQuietly(process);
    };

    private ToolProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Append(_out, line.Data);
        process.ErrorDataReceived += (_, line) => Append(_error, line.Data);
    }

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    /// <summary>It ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Standard output so far.</summary>
    public string Out => Read(_out);

    /// <summary>Standard error so far.</summary>
    public string Error => Read(_error);

    /// <summary>Starts the tool.</summary>
    public static ToolProcess Start(params IEnumerable<string> arguments) => Start(new Dictionary<string, string>(), arguments);

    /// <summary>Starts the tool with variables of the environment.</summary>
    public static ToolProcess Start(IReadOnlyDictionary<string, string> variables, IEnumerable<string> arguments)
    {
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardOutputEncoding = Encoding.UTF8,
                StandardErrorEncoding = Encoding.UTF8,
                WorkingDirectory = Path.GetTempPath(),
            },
        };
        process.StartInfo.ArgumentList.Add(_tool);
        foreach (var argument in arguments) process.StartInfo.ArgumentList.Add(argument);
        process.StartInfo.Environment["NO_COLOR"] = "1";
        foreach (var (name, value) in variables) process.StartInfo.Environment[name] = value;
        var tool = new ToolProcess(process);
        process.Start();
        _running[process.Id] = process;
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return tool;
    }

    /// <summary>Runs the tool to its end.</summary>
    public static async Task<(int ExitCode, string Out, string Error)> RunAsync(params IEnumerable<string> arguments)
    {
        await using var tool = Start(arguments);
        var exitCode = await tool.ExitAsync();
        return (exitCode, tool.Out, tool.Error);
    }

    /// <summary>Waits for the end; returns the exit code.</summary>
    public async Task<int> ExitAsync(TimeSpan? limit = null)
    {
        using var timeout = new CancellationTokenSource(limit ?? Wait.Limit);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The tool did not end in {limit ?? Wait.Limit}.\n{Out}\n{Error}");
        }

        return _process.ExitCode;
    }

    /// <summary>SIGKILL, and waits until the process is gone.</summary>
    public async Task KillAsync()
    {
        KillQuietly(_process);
        await ExitAsync();
    }

    /// <summary>SIGTERM.</summary>
    public void Terminate()
    {
        if (Kill(_process.Id, SigTerm) != 0 && !_process.HasExited) throw new InvalidOperationException("kill failed");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        KillQuietly(_process);
        await ExitAsync();
        _running.TryRemove(_process.Id, out _);
        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);

    private static void KillQuietly(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It ended before.
        }
    }

    // The project reference copies the tool beside the tests; without the copy it is where its own project puts it.
    private static string FindTool()
    {
        var beside = Path.Combine(AppContext.BaseDirectory, "livegrains.dll");
        if (File.Exists(beside)) return beside;
        var framework = new DirectoryInfo(AppContext.BaseDirectory);
        var root = framework.Parent!.Parent!.Parent!.Parent!.Parent!;
        return Path.Combine(root.FullName, "src", "LiveGrains.Cli", "bin", framework.Parent.Name, framework.Name, "livegrains.dll");
    }

    private void Append(StringBuilder to, string? line)
    {
        if (line == null) return;
        lock (_lock) to.AppendLine(line);
    }

    private string Read(StringBuilder from)
    {
        lock (_lock) return from.ToString();
    }
}
