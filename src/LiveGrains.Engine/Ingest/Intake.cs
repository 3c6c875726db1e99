using System.Collections.Concurrent;
using System.Text;
using LiveGrains.Core;
using LiveGrains.Engine.Queries;

namespace LiveGrains.Engine.Ingest;

/// <summary>Where requests come in and answers go out: reads bodies into pooled blocks, counts and samples what became of them. Any thread.</summary>
internal sealed class Intake(RequestLimits limits, KeyHash hash, TimeProvider time)
{
    private readonly BodyReader _reader = new(limits, hash);
    private readonly BlockPool _pool = new();
    private readonly RateMeter _rate = new(time);
    private readonly EventTailSampler _tail = new(time);
    private readonly ConcurrentDictionary<string, long> _rejected = new(StringComparer.Ordinal);

    /// <summary>Reads a body; throws as <see cref="ILiveGrains.IngestAsync"/>. The block is for <see cref="SubmitAsync"/>.</summary>
    public IngestBlock Read(ReadOnlySpan<byte> body, EventFormat format, CloudEventAttributes? attributes, long latestEventTime)
    {
        var block = _pool.Rent();
        try
        {
            _reader.Read(body, format, attributes, latestEventTime, block);
            return block;
        }
        catch
        {
            _pool.Return(block);
            throw;
        }
    }

    /// <summary>Submits a block that was read, unless nothing in it was good, and answers when it is complete. What submitting throws is thrown before the first await.</summary>
    public ValueTask<IngestAnswer> SubmitAsync(IngestBlock block, Action<IngestBlock> submit)
    {
        if (block.Count == 0) return new(Answer(block));
        try
        {
            submit(block);
        }
        catch
        {
            _pool.Return(block);
            throw;
        }

        return AwaitAnswer(block);
    }

    /// <summary>Accepted events a second.</summary>
    public double PerSecond() => _rate.PerSecond();

    /// <summary>A sample of the accepted events.</summary>
    public IReadOnlyList<TailEvent> ReadTail() => _tail.Read();

    /// <summary>Refused events by code.</summary>
    public IReadOnlyDictionary<string, long> RejectedByCode() => new SortedDictionary<string, long>(_rejected, StringComparer.Ordinal);

    private async ValueTask<IngestAnswer> AwaitAnswer(IngestBlock block)
    {
        // Not in a finally: a block that failed as a whole may still be known to another shard.
        await block.Completion().ConfigureAwait(false);
        return Answer(block);
    }

    private IngestAnswer Answer(IngestBlock block)
    {
        int accepted = 0, duplicates = 0;
        var verdicts = block.Verdicts;
        for (var i = 0; i < verdicts.Length; i++)
        {
            switch ((Verdict)verdicts[i])
            {
                case Verdict.Accepted: accepted++; break;
                case Verdict.Duplicate: duplicates++; break;
                default: RefuseForCapacity(block, i); break;
            }
        }

        _rate.Add(accepted);
        if (accepted > 0) _tail.Offer(block);
        if (block.Rejected > 0) CountRejected(block);
        var answer = new IngestAnswer(accepted, duplicates, block.Rejected, block.Errors.Count == 0 ? [] : [.. block.Errors.OrderBy(e => e.Index)]);
        _pool.Return(block);
        return answer;
    }

    private void CountRejected(IngestBlock block)
    {
        foreach (var error in block.Errors) _rejected.AddOrUpdate(error.Code, 1, (_, n) => n + 1);
        if (block.Rejected > block.Errors.Count) _rejected.AddOrUpdate("not_listed", block.Rejected - block.Errors.Count, (_, n) => n + block.Rejected - block.Errors.Count);
    }

    private static unsafe void RefuseForCapacity(IngestBlock block, int record)
    {
        block.Rejected++;
        string? id;
        fixed (byte* start = block.Records)
        {
            var p = start;
            for (var i = 0; i < record; i++) p += ((EventRecord*)p)->Length;
            id = Encoding.UTF8.GetString(EventRecords.Get((EventRecord*)p, Members.Id));
        }

        var description = ErrorCode.Capacity.Describe();
        if (block.ListsMoreErrors) block.Errors.Add(new IngestError(block.Indexes[record], id, description.Code, description.Title));
    }
}
