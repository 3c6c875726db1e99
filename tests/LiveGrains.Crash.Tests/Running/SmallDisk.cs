using System.Diagnostics;

namespace LiveGrains.Crash.Tests;

/// <summary>A file system of its own of a few MiB (Linux tmpfs), that can be filled without harm to anything else.</summary>
internal sealed class SmallDisk : IDisposable
{
    private static readonly Lazy<string?> _refusal = new(Try);
    private readonly TemporaryDirectory _directory = new();

    /// <summary>Mounts it.</summary>
    public SmallDisk(int mebibytes)
    {
        var (exitCode, error) = Run("mount", "-t", "tmpfs", "-o", $"size={mebibytes}m", "tmpfs", _directory.Path);
        if (exitCode == 0) return;
        _directory.Dispose();
        throw new InvalidOperationException($"mount: {error}");
    }

    /// <summary>Why no such file system can be mounted here; null when it can.</summary>
    public static string? Refusal => _refusal.Value;

    /// <summary>The path of a name on it.</summary>
    public string this[string name] => _directory[name];

    /// <summary>Takes room away.</summary>
    public void Write(string name, int mebibytes) => File.WriteAllBytes(this[name], new byte[mebibytes << 20]);

    /// <inheritdoc/>
    public void Dispose()
    {
        Run("umount", "--lazy", _directory.Path);
        _directory.Dispose();
    }

    private static string? Try()
    {
        try
        {
            using var disk = new SmallDisk(1);
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return e.Message;
        }
    }

    private static (int ExitCode, string Error) Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error.Trim());
    }
}

/// <summary>A test that mounts a file system; skipped, with the reason, where that is not permitted.</summary>
public sealed class FactIfMountableAttribute : FactAttribute
{
    /// <summary>Skips the test when nothing can be mounted.</summary>
    public FactIfMountableAttribute()
    {
        if (SmallDisk.Refusal is { } refusal) Skip = $"No small file system can be mounted here, so a full disk was not tried: {refusal}";
    }
}
