using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using LiveGrains.Core;

namespace LiveGrains.Engine.Ingest;

/// <summary>
/// A block: the records of one request, on its way through a shard and back. Blocks are pooled and awaited without
/// allocating. Written by the thread that reads the request, then owned by the shard until it completes the block.
/// </summary>
internal sealed class IngestBlock : IValueTaskSource
{
    /// <summary>Most refused events of a request that the answer lists; further ones are only counted.</summary>
    public const int MaxErrors = 1000;

    private const int KeepBytes = 1 << 20;
    private ManualResetValueTaskSourceCore<bool> _completion = new() { RunContinuationsAsynchronously = true };
    private byte[] _records = new byte[16 << 10];
    private byte[] _verdicts = new byte[128];
    private int[] _indexes = new int[128];

    /// <summary>Bytes of records.</summary>
    public int Length { get; private set; }

    /// <summary>Records.</summary>
    public int Count { get; private set; }

    /// <summary>The records.</summary>
    public Span<byte> Records => _records.AsSpan(0, Length);

    /// <summary>One verdict for each record, once the block is complete.</summary>
    public Span<byte> Verdicts => _verdicts.AsSpan(0, Count);

    /// <summary>The place in the request of each record.</summary>
    public ReadOnlySpan<int> Indexes => _indexes.AsSpan(0, Count);

    /// <summary>Events of the request that were refused, at most <see cref="MaxErrors"/>.</summary>
    public List<IngestError> Errors { get; } = [];

    /// <summary>True while there is room in <see cref="Errors"/>.</summary>
    public bool ListsMoreErrors => Errors.Count < MaxErrors;

    /// <summary>Number of refused events; may be more than there are errors.</summary>
    public int Rejected { get; set; }

    /// <summary>In parts of a block that several shards take: where each record stands in the whole.</summary>
    public IngestBlock? Whole { get; set; }

    /// <summary>Parts that are not complete yet.</summary>
    public int PartsLeft;

    /// <summary>The room for a record of so many bytes at the end of the block.</summary>
    public Span<byte> Reserve(int bytes)
    {
        if (Length + bytes > _records.Length) Array.Resize(ref _records, Math.Max(_records.Length * 2, Length + bytes));
        return _records.AsSpan(Length, bytes);
    }

    /// <summary>Takes the reserved bytes as a record.</summary>
    public void Append(int bytes, int index)
    {
        if (Count == _indexes.Length)
        {
            Array.Resize(ref _indexes, Count * 2);
            Array.Resize(ref _verdicts, Count * 2);
        }

        _indexes[Count++] = index;
        Length += bytes;
    }

    /// <summary>Takes reserved bytes as so many records, whose places are not asked for.</summary>
    public void AppendAll(int bytes, int count)
    {
        if (Count + count > _indexes.Length)
        {
            Array.Resize(ref _indexes, Count + count);
            Array.Resize(ref _verdicts, Count + count);
        }

        Count += count;
        Length += bytes;
    }

    /// <summary>Waits for the shard.</summary>
    public ValueTask Completion() => new(this, _completion.Version);

    /// <summary>The block is on disk and applied.</summary>
    public void Complete()
    {
        if (Whole is { } whole) CompletePart(whole, null);
        else _completion.SetResult(true);
    }

    /// <summary>The block is refused as a whole.</summary>
    public void Fail(ErrorCode code, string? detail = null) => Fail(new LiveGrainsException(code, detail));

    /// <summary>The block is refused as a whole, or something went wrong with it.</summary>
    public void Fail(Exception error)
    {
        if (Whole is { } whole) CompletePart(whole, error);
        else _completion.SetException(error);
    }

    /// <summary>Empties the block for the next request.</summary>
    public void Reset()
    {
        _completion.Reset();
        Length = 0;
        Count = 0;
        Rejected = 0;
        Errors.Clear();
        Whole = null;
        _failure = null;
        if (_records.Length > KeepBytes) _records = new byte[16 << 10];
    }

    private Exception? _failure;

    private void CompletePart(IngestBlock whole, Exception? error)
    {
        if (error == null)
        {
            // An event is accepted when any of its shards had not had it before.
            lock (whole)
            {
                for (var i = 0; i < Count; i++)
                {
                    ref var verdict = ref whole._verdicts[_indexes[i]];
                    var mine = (Verdict)_verdicts[i];
                    if (mine == Verdict.Capacity || ((Verdict)verdict == Verdict.Duplicate && mine == Verdict.Accepted)) verdict = (byte)mine;
                }
            }
        }
        else
        {
            whole._failure = error;
        }

        if (Interlocked.Decrement(ref whole.PartsLeft) != 0) return;
        if (whole._failure is { } failure) whole._completion.SetException(failure);
        else whole._completion.SetResult(true);
    }

    void IValueTaskSource.GetResult(short token) => _completion.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _completion.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);
}
