namespace LiveGrains.Simulator.World;

/// <summary>
/// What happens next: a 4-ary heap of (due time, actor). Ties are broken by the order of the operations, which is the
/// same in every run. Time in milliseconds since the start.
/// </summary>
internal sealed class DueQueue(int capacity)
{
    private Entry[] _heap = new Entry[Math.Max(16, capacity)];
    private int _count;

    public int Count => _count;

    public long NextMs => _heap[0].DueMs;

    public int NextActor => _heap[0].Actor;

    /// <summary>Adds an actor. Due no earlier than <see cref="NextMs"/> of a queue in use, so the head stays the head.</summary>
    public void Add(long dueMs, int actor)
    {
        if (_count == _heap.Length)
            Array.Resize(ref _heap, _count * 2);
        var heap = _heap;
        var at = _count++;
        while (at > 0)
        {
            var parent = (at - 1) >> 2;
            if (heap[parent].DueMs <= dueMs)
                break;
            heap[at] = heap[parent];
            at = parent;
        }

        heap[at] = new Entry(dueMs, actor);
    }

    /// <summary>Puts the head back with a later due time.</summary>
    public void Postpone(long dueMs) => SiftDown(new Entry(dueMs, _heap[0].Actor));

    /// <summary>Takes the head out.</summary>
    public void Remove()
    {
        var last = _heap[--_count];
        if (_count > 0)
            SiftDown(last);
    }

    private void SiftDown(Entry entry)
    {
        var heap = _heap;
        var count = _count;
        var at = 0;
        while (true)
        {
            var child = 4 * at + 1;
            if (child >= count)
                break;
            var least = child;
            var leastMs = heap[child].DueMs;
            var end = Math.Min(child + 4, count);
            for (var i = child + 1; i < end; i++)
            {
                if (heap[i].DueMs < leastMs)
                {
                    least = i;
                    leastMs = heap[i].DueMs;
                }
            }

            if (leastMs >= entry.DueMs)
                break;
            heap[at] = heap[least];
            at = least;
        }

        heap[at] = entry;
    }

    private readonly record struct Entry(long DueMs, int Actor);
}
