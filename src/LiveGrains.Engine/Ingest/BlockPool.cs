using System.Collections.Concurrent;

namespace LiveGrains.Engine.Ingest;

/// <summary>Blocks that are not in use. Any thread.</summary>
internal sealed class BlockPool
{
    private const int MaxKept = 1024;
    private readonly ConcurrentQueue<IngestBlock> _blocks = new();

    public IngestBlock Rent() => _blocks.TryDequeue(out var block) ? block : new IngestBlock();

    public void Return(IngestBlock block)
    {
        block.Reset();
        if (_blocks.Count < MaxKept) _blocks.Enqueue(block);
    }
}
