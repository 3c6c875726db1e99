using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>Takes the bytes of a state, in order. Snapshots and state hashes are sinks.</summary>
internal interface IStateSink
{
    /// <summary>Takes the next bytes.</summary>
    void Write(ReadOnlySpan<byte> bytes);
}

/// <summary>Gives the bytes of a state back, in the order in which they were written; throws when they are damaged or end early.</summary>
internal interface IStateSource
{
    /// <summary>Fills the span with the next bytes.</summary>
    void Read(Span<byte> bytes);
}

/// <summary>Writes and reads plain values.</summary>
internal static class StateStreams
{
    public static void Put<T>(this IStateSink sink, T value) where T : unmanaged =>
        sink.Write(MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref value, 1)));

    public static T Take<T>(this IStateSource source) where T : unmanaged
    {
        Unsafe.SkipInit(out T value);
        source.Read(MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref value, 1)));
        return value;
    }
}
