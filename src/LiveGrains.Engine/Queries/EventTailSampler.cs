using System.Text;
using LiveGrains.Core;
using LiveGrains.Engine.Ingest;

namespace LiveGrains.Engine.Queries;

/// <summary>
/// Samples accepted events while somebody looks: of each type the first few of a slice of time, so that a rare payment is seen
/// among thousands of likes. Nobody looking costs a block one comparison. Any thread.
/// </summary>
internal sealed unsafe class EventTailSampler(TimeProvider time)
{
    /// <summary>Sampled events that are kept.</summary>
    public const int Kept = 80;

    /// <summary>Events of one type that are sampled in a slice.</summary>
    public const int PerType = 3;

    private static readonly TimeSpan _slice = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _rest = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Queue<TailEvent> _events = new();
    private readonly int[] _taken = new int[EventTypes.Count];
    private long _until = long.MinValue;
    private long _sliceStart;
    private long _number;

    /// <summary>What was sampled; sampling goes on for five more seconds.</summary>
    public IReadOnlyList<TailEvent> Read()
    {
        Volatile.Write(ref _until, time.GetTimestamp() + (long)(_rest.TotalSeconds * time.TimestampFrequency));
        lock (_lock) return [.. _events];
    }

    /// <summary>Samples a block that is complete.</summary>
    public void Offer(IngestBlock block)
    {
        var now = time.GetTimestamp();
        if (now > Volatile.Read(ref _until)) return;
        lock (_lock)
        {
            if (time.GetElapsedTime(_sliceStart, now) >= _slice)
            {
                _sliceStart = now;
                Array.Clear(_taken);
            }

            var verdicts = block.Verdicts;
            fixed (byte* start = block.Records)
            {
                var p = start;
                for (var i = 0; i < verdicts.Length; i++)
                {
                    var record = (EventRecord*)p;
                    p += record->Length;
                    if ((Verdict)verdicts[i] == Verdict.Accepted && _taken[(int)record->Type] < PerType) Take(record);
                }
            }
        }
    }

    private void Take(EventRecord* record)
    {
        _taken[(int)record->Type]++;
        if (_events.Count == Kept) _events.Dequeue();
        var hasMoney = record->Type is EventType.Subscribe or EventType.Gift or EventType.Order or EventType.Pay or EventType.Refund;
        _events.Enqueue(new TailEvent(
            ++_number, record->Type.Name(), AnswerValues.Time(record->TimeMs), Text(record, Members.Room), Text(record, Members.Product),
            Text(record, Members.Video), record->Count, hasMoney ? record->Value : null, Text(record, Members.Currency), Text(record, Members.Channel)));
    }

    private static string? Text(EventRecord* record, Members member) =>
        (record->Members & member) == 0 ? null : Encoding.UTF8.GetString(EventRecords.Get(record, member));
}
