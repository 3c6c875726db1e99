using System.Runtime.InteropServices;

namespace LiveGrains.Engine.Shards;

/// <summary>
/// The weight of threads with the system's scheduler, which on Linux the runtime's own priorities do not reach: work that may
/// take its time must not make the shards wait for a processor.
/// </summary>
internal static partial class ThreadPriorities
{
    private const int Process = 0; // of one thread, when the number is a thread's
    private const int Nice = 19;

    /// <summary>The calling thread gets a hundredth of what others get, when all want a processor. Without effect where it cannot be had.</summary>
    public static void YieldToOthers()
    {
        if (OperatingSystem.IsLinux()) _ = SetPriority(Process, (uint)GetThreadId(), Nice);
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetThreadId();
}
