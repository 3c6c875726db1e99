using System.Buffers;
using System.Security.Cryptography;

namespace LiveGrains.Simulator.Tests;

/// <summary>Ways to run a simulator to its end.</summary>
internal static class StreamOf
{
    public static byte[] Bytes(SimulatorOptions options, int batch = 1000)
    {
        var simulator = new PlatformSimulator(options);
        var buffer = new ArrayBufferWriter<byte>();
        while (simulator.WriteNext(buffer, batch) > 0)
        {
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static string Hash(SimulatorOptions options, int batch = 1000) =>
        Convert.ToHexString(SHA256.HashData(Bytes(options, batch)));

    public static Census Census(SimulatorOptions options)
    {
        var simulator = new PlatformSimulator(options);
        var buffer = new ArrayBufferWriter<byte>();
        var census = new Census();
        while (simulator.WriteNext(buffer, 4096) > 0)
        {
            census.Read(buffer.WrittenMemory);
            buffer.ResetWrittenCount();
        }

        return census;
    }
}
