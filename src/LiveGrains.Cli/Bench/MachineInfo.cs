using System.Runtime.InteropServices;

namespace LiveGrains.Cli.Bench;

/// <summary>The machine that numbers belong to.</summary>
/// <param name="Cpu">Its processor.</param>
/// <param name="Cores">Processors that this process may use.</param>
/// <param name="Memory">Memory that this process may use, for people.</param>
/// <param name="Os">Its system.</param>
/// <param name="Dotnet">The runtime.</param>
public sealed record MachineInfo(string Cpu, int Cores, string Memory, string Os, string Dotnet)
{
    /// <summary>This machine.</summary>
    public static MachineInfo Read() => new(
        Processor(),
        Environment.ProcessorCount,
        Words.Bytes(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes),
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription);

    private static string Processor()
    {
        const string Unknown = "unknown";
        if (!File.Exists("/proc/cpuinfo")) return RuntimeInformation.ProcessArchitecture.ToString();
        var line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal));
        return line is null ? Unknown : line[(line.IndexOf(':') + 1)..].Trim();
    }
}
