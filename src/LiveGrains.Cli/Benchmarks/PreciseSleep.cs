using System.Diagnostics;
using System.Runtime.InteropServices;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>Sleeps to a <see cref="Stopwatch"/> time with the precision of the kernel (some 50 µs on Linux) without spinning.</summary>
public static partial class PreciseSleep
{
    /// <summary>Returns at <paramref name="timestamp"/> or a little later.</summary>
    public static void Until(long timestamp)
    {
        while (true)
        {
            var left = timestamp - Stopwatch.GetTimestamp();
            if (left <= 0) return;
            var nanoseconds = (long)(left * (1e9 / Stopwatch.Frequency));
            if (!OperatingSystem.IsLinux())
            {
                Thread.Sleep((int)Math.Clamp(nanoseconds / 1_000_000, 1, int.MaxValue));
                continue;
            }
            var request = new TimeSpec { Seconds = (nint)(nanoseconds / 1_000_000_000), Nanoseconds = (nint)(nanoseconds % 1_000_000_000) };
            _ = Sleep(in request, 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int Sleep(in TimeSpec request, nint remaining);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
