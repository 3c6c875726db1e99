using System.Diagnostics;
using LiveGrains.Engine.Ingest;
using LiveGrains.Engine.Log;

namespace LiveGrains.Engine.Shards;

/// <summary>What the thread of a shard does while its log cannot be reached.</summary>
internal sealed partial class ShardRunner
{
    private static readonly TimeSpan SettleAfter = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan SettleWhenClosing = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Answers questions from memory and refuses events until the log can be reached again. A group of which it is not known
    /// whether it is in the log is neither acknowledged nor refused before the log was asked. Returns true when that group is durable
    /// and is to be folded; else all of it was refused.
    /// </summary>
    private bool AwaitLog(Span<IngestBlock> group, LogUnavailableException failure)
    {
        _report(failure);
        _stateDetail = "The log cannot be reached; questions are answered from memory.";
        _state = "unavailable";
        if (!failure.IsUncertain)
        {
            Release(group, ErrorCode.StorageUnavailable);
            group = default;
        }

        var closing = 0L;
        while (true)
        {
            if (RefuseWaiting() && closing == 0) closing = Stopwatch.GetTimestamp();
            // Not beyond the clock of a group that may be folded yet.
            AnswerQueries(group.Length > 0 ? group[0] : null);
            try
            {
                if (_shard.Settle() is { } written)
                {
                    _stateDetail = null;
                    _state = "ready";
                    if (written && failure.IsUncertain) return true;
                    Release(group, ErrorCode.StorageUnavailable);
                    return false;
                }
            }
            catch (Exception e) when (e is IOException or LiveGrainsException)
            {
                Refuse(group, e);
                return false;
            }

            if (closing == 0 || Stopwatch.GetElapsedTime(closing) < SettleWhenClosing) continue;
            // Who sends it again finds out; nobody was told that it was kept.
            Stop("The log could not be reached when the engine closed.");
            Release(group, ErrorCode.ShuttingDown);
            return false;
        }
    }

    // Waits for a question, at most for a while; true when the engine is closing.
    private bool RefuseWaiting()
    {
        lock (_gate)
        {
            if (_queries.Count == 0) Monitor.Wait(_gate, SettleAfter);
            while (_blocks.TryDequeue(out var block))
            {
                Volatile.Write(ref _queuedBytes, _queuedBytes - block.Length);
                block.Fail(ErrorCode.StorageUnavailable);
            }

            return _closing;
        }
    }

    private void Release(Span<IngestBlock> group, ErrorCode code)
    {
        if (group.IsEmpty) return;
        var bytes = 0L;
        foreach (var block in group) bytes += block.Length;
        lock (_gate) Volatile.Write(ref _queuedBytes, _queuedBytes - bytes);
        foreach (var block in group) block.Fail(code);
        group.Clear();
    }
}
