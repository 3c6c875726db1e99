using LiveGrains.Engine.Ingest;

namespace LiveGrains.Engine.Cluster;

/// <summary>A part of a block whose shard is on another machine.</summary>
internal static class RemotePart
{
    /// <summary>Sends the records of a part, and completes it with the verdicts that come back, or fails it with what went wrong.</summary>
    public static async Task SendAsync(IngestBlock part, Func<byte[], Task<byte[]>> send)
    {
        try
        {
            var verdicts = await send(part.Records.ToArray()).ConfigureAwait(false);
            if (verdicts.Length != part.Count) throw new InvalidDataException("A shard answered for another number of records.");
            verdicts.CopyTo(part.Verdicts);
        }
        catch (Exception e)
        {
            // Whoever waits for the block gets it.
            part.Fail(e);
            return;
        }

        part.Complete();
    }
}
