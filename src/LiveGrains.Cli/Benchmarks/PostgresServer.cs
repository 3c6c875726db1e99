using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Npgsql;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>
/// A PostgreSQL server of our own as a child process, on a free port of 127.0.0.1, with a password and a directory of its own. It
/// refuses to run as root, so root starts it as `postgres`.
/// </summary>
public sealed partial class PostgresServer : IDisposable
{
    /// <summary>The password of <see cref="ConnectionString"/>.</summary>
    public const string Password = "correct horse;battery='staple";

    private const string User = "livegrains";
    private const int Interrupt = 2;
    private const int Quit = 3;
    private static readonly TimeSpan _startLimit = TimeSpan.FromSeconds(60);
    private readonly string _binaries;
    private readonly string _directory;
    private readonly int _port;
    private Process? _process;
    private int _databases;

    private PostgresServer(string binaries, string directory)
    {
        _binaries = binaries;
        _directory = directory;
        _port = FreePort.Take();
    }

    /// <summary>Why there is none, in one line; null: there can be one.</summary>
    public static string? Missing =>
        Binaries() == null ? "PostgreSQL is not installed (apt-get install postgresql)"
        : Environment.IsPrivilegedProcess && !File.ReadLines("/etc/passwd").Any(l => l.StartsWith("postgres:", StringComparison.Ordinal)) ? "PostgreSQL cannot run as root and there is no user postgres"
        : null;

    /// <summary>The port of 127.0.0.1.</summary>
    public int Port => _port;

    /// <summary>Makes a server with an empty data directory and starts it.</summary>
    public static PostgresServer Start()
    {
        var directory = Directory.CreateTempSubdirectory("livegrains-postgres-").FullName;
        var server = new PostgresServer(Binaries()!, directory);
        try
        {
            var password = Path.Combine(directory, "password");
            File.WriteAllText(password, Password);
            if (Environment.IsPrivilegedProcess) Finish(Process.Start("chown", ["-R", "postgres", directory]));
            Finish(server.Run("initdb", "-D", server.Data, "-U", User, "--auth=scram-sha-256", $"--pwfile={password}", "--encoding=UTF8", "--locale=C"));
            server.Resume();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>A connection string for a database of this server.</summary>
    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = _port,
        Username = User,
        Password = Password,
        Database = database,
    }.ConnectionString;

    /// <summary>Makes an empty database; returns its connection string.</summary>
    public string CreateDatabase()
    {
        var name = $"test{Interlocked.Increment(ref _databases)}";
        Execute(ConnectionString("postgres"), $"CREATE DATABASE {name}");
        return ConnectionString(name);
    }

    /// <summary>Runs a statement on a connection of its own.</summary>
    public static void Execute(string connectionString, string sql)
    {
        using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    /// <summary>Ends the server: in order, or as a crash does. Its data stay.</summary>
    public void Stop(bool crash = false)
    {
        if (_process == null) return;
        if (!_process.HasExited && Kill(_process.Id, crash ? Quit : Interrupt) != 0) throw new IOException("The server cannot be ended.");
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Starts the server again and waits until it takes connections.</summary>
    public void Resume()
    {
        _process = Run("postgres", "-D", Data, "-p", _port.ToString(CultureInfo.InvariantCulture), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "shared_buffers=128MB");
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                Execute(ConnectionString("postgres"), "SELECT 1");
                return;
            }
            catch (NpgsqlException exception)
            {
                if (_process.HasExited || Stopwatch.GetElapsedTime(started) > _startLimit) throw new IOException("PostgreSQL did not start.", exception);
                Thread.Sleep(20);
            }
        }
    }

    /// <summary>Ends the server and removes its data.</summary>
    public void Dispose()
    {
        Stop(crash: true);
        Directory.Delete(_directory, recursive: true);
    }

    private string Data => Path.Combine(_directory, "data");

    private static string? Binaries() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).Where(d => File.Exists(Path.Combine(d, "initdb"))).OrderByDescending(d => d, StringComparer.Ordinal).FirstOrDefault()
        : null;

    private Process Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(_binaries, program), arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _directory };
        if (Environment.IsPrivilegedProcess) start.UserName = "postgres";
        var process = Process.Start(start)!;
        // What it says must not fill the pipe.
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static void Finish(Process process)
    {
        using (process)
        {
            process.WaitForExit();
            if (process.ExitCode != 0) throw new IOException($"{process.StartInfo.FileName} failed with {process.ExitCode}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
