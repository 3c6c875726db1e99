using LiveGrains.Engine.Log;

namespace LiveGrains.Engine.Tests;

public sealed class LogWriterTests
{
    private const int SegmentBytes = 4096;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_log_that_ends_exactly_with_its_segment_goes_on_in_a_new_one(int next)
    {
        var storage = new MemoryStorage();
        LogPoint point;
        using (var writer = new LogWriter(storage, 1, SegmentBytes, default))
        {
            writer.Gather(new byte[SegmentBytes - SegmentHead.Bytes - FrameHead.Bytes], 0);
            writer.Commit(FrameKind.Events, 0);
            point = writer.Point;
            Assert.Equal(SegmentBytes, point.Position);
        }

        // The next segment is not there, or was made and has no frame, or was being made.
        if (next > 0) storage.Create(LogFiles.Segment(SegmentBytes), SegmentBytes);
        if (next == 1)
        {
            var other = new MemoryStorage();
            using var ahead = new LogWriter(other, 1, SegmentBytes, point);
            ahead.Commit(FrameKind.Seal, 0);
            storage.Open(LogFiles.Segment(SegmentBytes)).Write(other.Read(LogFiles.Segment(SegmentBytes)).AsSpan(0, SegmentHead.Bytes), 0);
        }

        // With a good head the log goes on behind it.
        if (next == 1) point = point with { Position = SegmentBytes + SegmentHead.Bytes };
        Assert.Equal((point, LogEnd.Clean, 1), Read(storage));
        using (var writer = new LogWriter(storage, 1, SegmentBytes, point))
        {
            writer.Commit(FrameKind.Seal, 0);
            point = writer.Point;
        }

        Assert.Equal((point, LogEnd.Clean, 2), Read(storage));
    }

    private static (LogPoint Point, LogEnd End, int Frames) Read(MemoryStorage storage)
    {
        using var reader = new LogReader(storage, default);
        var frames = 0;
        while (reader.TryRead(out _, out _)) frames++;
        return (reader.Point, reader.End, frames);
    }
}
