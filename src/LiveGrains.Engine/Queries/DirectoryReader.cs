using System.Text;
using LiveGrains.Core;
using LiveGrains.Engine.Log;
using LiveGrains.Engine.Shards;
using LiveGrains.Engine.Storage;

namespace LiveGrains.Engine.Queries;

/// <summary>Answers from a data directory that no engine holds. Changes nothing; the clock is that of the last event.</summary>
public static class DirectoryReader
{
    /// <summary>
    /// What is kept of a room's broadcast, or null when the room is unknown. Reads snapshot and log of the shard of the room. Throws
    /// <see cref="ErrorCode.DirectoryInUse"/>, <see cref="ErrorCode.InputNotReadable"/>, <see cref="ErrorCode.LogDamaged"/>,
    /// <see cref="ErrorCode.SnapshotDamaged"/>.
    /// </summary>
    public static RoomBroadcast? ReadBroadcast(string directory, string room, CancellationToken cancellationToken = default)
    {
        using var held = DataDirectory.HoldForReading(directory);
        var shards = DataDirectory.ShardDirectories(directory);
        if (shards.Count == 0) throw new LiveGrainsException(ErrorCode.InputNotReadable, $"{directory} is not a data directory: it has no shard.");
        var key = Encoding.UTF8.GetBytes(room);
        var owner = 0;
        // All shards hash alike, and the first one tells how.
        for (var shard = 0; ; shard = owner)
        {
            using var state = Shard.Read(new FileShardLog(new FileStorage(shards[shard])), cancellationToken);
            if (state == null) return null;
            owner = ShardRouter.ShardOf(state.Hash.Of(key), shards.Count);
            if (owner != shard) continue;
            var number = RoomAnswers.Find(state, key);
            if (number == 0) return null;
            var (broadcast, comments) = RoomAnswers.Broadcast(state, number);
            return broadcast with { Words = CommentWordFinder.Find(comments) };
        }
    }
}
