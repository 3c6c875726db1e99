#pragma warning disable RS0030 // The composition root: it turns a path into storage and chance into keys.
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using LiveGrains.Core;
using LiveGrains.Engine.Recommendations;
using LiveGrains.Engine.Shards;
using LiveGrains.Engine.Storage;

namespace LiveGrains.Engine;

/// <summary>Opens the shards of a data directory: `shard-00`, `shard-01`, … and the file `lock`.</summary>
internal static class EngineOpening
{
    public static LiveGrainsEngine Open(EngineOptions options, TimeProvider time,
        Func<ShardRunner[], RecommendationRunner, EngineClock, KeyHash, IDisposable?, LiveGrainsEngine> make, Action<Exception> report)
    {
        Check(options);
        var directory = options.DataDirectory == null ? null : DataDirectory.Open(options.DataDirectory);
        var shards = new List<(Shard Shard, IStorage? Storage, double Seconds)>();
        try
        {
            if (directory != null)
            {
                var existing = directory.Shards();
                if (existing != 0 && existing != options.Shards)
                    throw new LiveGrainsException(ErrorCode.SettingsConflict, $"The data directory was made with {existing} shards; their number cannot change.");
            }

            var settings = Settings(options);
            var logId = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) | 1;
            for (var i = 0; i < options.Shards; i++)
            {
                var start = Stopwatch.GetTimestamp();
                var storage = directory?.Shard(i);
                var shard = Shard.Open(storage, settings, logId + (ulong)i, options.SegmentBytes, action => Task.Run(action));
                // All shards hash alike, so that a record is hashed once.
                settings.HashKey0 = shard.State.Settings.HashKey0;
                settings.HashKey1 = shard.State.Settings.HashKey1;
                shards.Add((shard, storage, Stopwatch.GetElapsedTime(start).TotalSeconds));
            }

            var clock = new EngineClock(options.Clock, time, shards.Max(s => s.Shard.State.ClockMs));
            var recommendations = new RecommendationRunner([.. shards.Select(s => s.Shard.State)], clock, time, report);
            var runners = shards.Select((s, i) =>
                new ShardRunner(i, s.Shard, s.Storage, options, time, clock, report, recommendations) { RecoverySeconds = s.Seconds }).ToArray();
            return make(runners, recommendations, clock, shards[0].Shard.State.Hash, directory);
        }
        catch (Exception e)
        {
            foreach (var (shard, _, _) in shards) shard.Dispose();
            directory?.Dispose();
            if (e is StorageFullException) throw new LiveGrainsException(ErrorCode.StorageFull, null, e);
            if (e is UnauthorizedAccessException or IOException) throw new LiveGrainsException(ErrorCode.DirectoryNotWritable, e.Message, e);
            throw;
        }
    }

    internal static FoldSettings Settings(EngineOptions options) => new()
    {
        HashKey0 = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)),
        HashKey1 = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)),
        LatenessMs = (long)options.Lateness.TotalMilliseconds,
        PresenceTimeoutMs = (long)options.PresenceTimeout.TotalMilliseconds,
        DedupeWindowMs = (long)options.DedupeWindow.TotalMilliseconds,
        MaxAudiencePairs = options.MaxAudiencePairs,
        DedupeIds = options.DedupeIds,
        ExactAudience = options.ExactAudience,
        MaxRooms = options.MaxRooms,
        MaxUsers = options.MaxUsers,
        MaxProducts = options.MaxProducts,
        Clock = (int)options.Clock,
        Currency = FoldSettings.CurrencyOf(System.Text.Encoding.ASCII.GetBytes(options.Currency)),
    };

    private static void Check(EngineOptions options)
    {
        Range(options.Shards, 1, 64, "shards");
        Range(options.Lateness.TotalSeconds, 0, 3600, "lateness in seconds");
        Range(options.PresenceTimeout.TotalSeconds, 1, 600, "presence timeout in seconds");
        Range(options.DedupeWindow.TotalSeconds, 1, 7 * 86_400, "dedupe window in seconds");
        Range(options.DedupeIds, 1024, 1 << 30, "dedupe ids");
        Range(options.ExactAudience, 1, 100_000_000, "exact audience");
        Range(options.MaxRooms, 1, UserRow.MaxItemRows, "max rooms");
        Range(options.MaxProducts, 1, UserRow.MaxItemRows, "max products");
        Range(options.MaxUsers, 1, int.MaxValue, "max users");
        Range(options.MaxAudiencePairs, 1024, long.MaxValue / 2, "max audience pairs");
        Range(options.SegmentBytes, 64 << 10, 1L << 32, "segment bytes");
        if (options.SegmentBytes % 4096 != 0) throw new LiveGrainsException(ErrorCode.WrongUsage, "segment bytes must be a multiple of 4,096.");
        if (options.Currency.Length != 3 || !options.Currency.All(char.IsAsciiLetterUpper)) throw new LiveGrainsException(ErrorCode.WrongUsage, "currency must be three capital letters.");
    }

    private static void Range(double value, double least, double most, string name)
    {
        if (value < least || value > most) throw new LiveGrainsException(ErrorCode.WrongUsage, $"{name} must be from {least} to {most}.");
    }
}
