using System.Diagnostics;
using System.Globalization;

namespace LiveGrains.Server.Metrics;

/// <summary>Counters of process and runtime, named as Prometheus' clients and OpenTelemetry's runtime conventions name them.</summary>
internal static class ProcessMetrics
{
    /// <summary>Writes all families.</summary>
    internal static void Write(ExpositionWriter text)
    {
        using var process = Process.GetCurrentProcess();
        text.Family("process_cpu_seconds_total", "counter", "Processor time used.").Sample(Environment.CpuUsage.TotalTime.TotalSeconds);
        text.Family("process_resident_memory_bytes", "gauge", "Resident memory.").Sample(Environment.WorkingSet);
        text.Family("process_virtual_memory_bytes", "gauge", "Virtual memory.").Sample(process.VirtualMemorySize64);
        text.Family("process_start_time_seconds", "gauge", "Start of the process, seconds since 1970.")
            .Sample(new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0);
        WriteCollections(text);
        WriteThreads(text);
    }

    private static void WriteCollections(ExpositionWriter text)
    {
        text.Family("dotnet_gc_collections_total", "counter", "Garbage collections by generation; a collection counts in its own generation only.");
        for (var generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            var above = generation < GC.MaxGeneration ? GC.CollectionCount(generation + 1) : 0;
            text.Sample(GC.CollectionCount(generation) - above, ("gc_heap_generation", "gen" + generation.ToString(CultureInfo.InvariantCulture)));
        }
        var memory = GC.GetGCMemoryInfo();
        text.Family("dotnet_gc_heap_allocated_bytes_total", "counter", "Bytes allocated on the managed heap.").Sample(GC.GetTotalAllocatedBytes());
        text.Family("dotnet_gc_heap_bytes", "gauge", "Bytes on the managed heap now, garbage included.").Sample(GC.GetTotalMemory(forceFullCollection: false));
        text.Family("dotnet_gc_committed_bytes", "gauge", "Memory committed by the managed heap at the last collection.").Sample(memory.TotalCommittedBytes);
        text.Family("dotnet_gc_pause_seconds_total", "counter", "Time the process was held up by collections.").Sample(GC.GetTotalPauseDuration().TotalSeconds);
    }

    private static void WriteThreads(ExpositionWriter text)
    {
        text.Family("dotnet_thread_pool_threads", "gauge", "Threads of the pool.").Sample(ThreadPool.ThreadCount);
        text.Family("dotnet_thread_pool_queue_length", "gauge", "Work items that wait for a thread.").Sample(ThreadPool.PendingWorkItemCount);
        text.Family("dotnet_thread_pool_work_items_total", "counter", "Work items done.").Sample(ThreadPool.CompletedWorkItemCount);
        text.Family("dotnet_monitor_lock_contentions_total", "counter", "Times a thread had to wait for a lock.").Sample(Monitor.LockContentionCount);
    }
}
