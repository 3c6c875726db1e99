using LiveGrains.Cli.Replay;
using LiveGrains.Core;
using LiveGrains.Engine.Ingest;

namespace LiveGrains.Cli.Evaluate;

/// <summary>Event files as the records that a shard folds, by the engine's own reader. A line that it refuses ends the reading with its place.</summary>
internal static class EventRecordsFile
{
    private const int EventsOfBlock = 1_000;

    /// <summary>The blocks of the files in their order; each is valid until the next.</summary>
    public static IEnumerable<IngestBlock> Blocks(IReadOnlyList<string> files, KeyHash hash, ToolEnvironment environment)
    {
        var reader = new BodyReader(new RequestLimits(), hash);
        var block = new IngestBlock();
        foreach (var file in files)
        {
            using var input = EventInput.Open(file, environment.OpenInput);
            var lines = new EventBatchReader(input, EventsOfBlock);
            while (lines.Read() is { } batch)
            {
                using (batch)
                {
                    if (batch.Oversized.Count > 0) throw DataFile.Refuse(batch.Input, (int)batch.Oversized[0], "the line is too long");
                    reader.Read(batch.Body.Span, EventFormat.NdJson, null, long.MaxValue, block);
                    if (block.Rejected > 0) throw DataFile.Refuse(batch.Input, (int)batch.Line(block.Errors[0].Index), block.Errors[0].Message);
                }

                yield return block;
                block.Reset();
            }
        }
    }
}
