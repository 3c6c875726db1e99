using LiveGrains.Core;
using LiveGrains.Engine.Ingest;
using LiveGrains.Engine.Log;
using LiveGrains.Engine.Shards;
using LiveGrains.Engine.Snapshots;
using Npgsql;

namespace LiveGrains.Postgres.Tests;

/// <summary>Shards on rows, and a look at the rows.</summary>
internal static class Rows
{
    /// <summary>Takes over a database of one shard and opens that.</summary>
    public static Shard Open(string connectionString, FoldSettings settings) => Shard.Open(TakeOver(connectionString), settings, 5, 64 << 10);

    /// <summary>Takes over a database of one shard.</summary>
    public static IShardLog TakeOver(string connectionString) => new PostgresStore(connectionString).TakeOver(1, 5, CancellationToken.None)[0];

    /// <summary>One value.</summary>
    public static T Ask<T>(string connectionString, string sql)
    {
        using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        return (T)command.ExecuteScalar()!;
    }

    /// <summary>The bytes of state in the newest snapshot, as they are in its pages.</summary>
    public static byte[] StateBytes(IShardLog log)
    {
        var position = log.Snapshots()[^1];
        using var reader = new SnapshotReader(log.OpenSnapshot(position), position);
        var bytes = new MemoryStream();
        var some = new byte[1];
        while (true)
        {
            try
            {
                reader.Read(some);
            }
            catch (InvalidDataException e) when (e.Message == "it ends too early")
            {
                return bytes.ToArray();
            }

            bytes.Write(some);
        }
    }

    /// <summary>The frames of events with their payloads.</summary>
    public static List<byte[]> Payloads(IShardLog log)
    {
        using var reader = log.Read(default, null);
        var payloads = new List<byte[]>();
        while (reader.TryRead(out var head, out var payload))
        {
            if (head.Kind == FrameKind.Events) payloads.Add(payload.ToArray());
        }

        Assert.Equal(LogEnd.Clean, reader.End);
        return payloads;
    }

    /// <summary>Commits blocks as one group and folds them.</summary>
    public static void Take(Shard shard, params IngestBlock[] blocks)
    {
        shard.Commit(blocks, 0);
        foreach (var block in blocks) shard.Fold(block);
    }

    /// <summary>Waits until the shard's log can be reached again; what became of the last frame.</summary>
    public static bool Settle(Shard shard)
    {
        bool? settled = null;
        Assert.True(SpinWait.SpinUntil(() => (settled = shard.Settle()) != null, TimeSpan.FromMinutes(5)), "The log cannot be reached.");
        return settled!.Value;
    }
}
