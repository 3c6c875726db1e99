#pragma warning disable RS0030 // The composition root: it turns a path into storage and chance into keys.
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using LiveGrains.Core;
using LiveGrains.Engine.Log;
using LiveGrains.Engine.Recommendations;
using LiveGrains.Engine.Shards;
using LiveGrains.Engine.Storage;

namespace LiveGrains.Engine;

/// <summary>Opens the shards of a data directory: `shard-00`, `shard-01`, … and the file `lock`.</summary>
internal static class EngineOpening
{
    public static LiveGrainsEngine Open(EngineOptions options, TimeProvider time,
        Func<ShardRunner[], RecommendationRunner, EngineClock, KeyHash, IDisposable?, LiveGrainsEngine> make, Action<Exception> report,
        CancellationToken cancellationToken)
    {
        Check(options);
        var directory = options.DataDirectory == null ? null : DataDirectory.Open(options.DataDirectory);
        var shards = new List<(Shard Shard, double Seconds)>();
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
            var logs = options.Store?.TakeOver(options.Shards, logId, cancellationToken);
            for (var i = 0; i < options.Shards; i++)
            {
                var start = Stopwatch.GetTimestamp();
                var log = logs?[i] ?? (directory == null ? null : new FileShardLog(directory.Shard(i)));
                var shard = Shard.Open(log, settings, logId + (ulong)i, options.SegmentBytes, action => Task.Run(action), cancellationToken);
                // All shards hash alike, so that a record is hashed once.
                settings.HashKey0 = shard.State.Settings.HashKey0;
                settings.HashKey1 = shard.State.Settings.HashKey1;
                shards.Add((shard, Stopwatch.GetElapsedTime(start).TotalSeconds));
            }

            var clock = new EngineClock(options.Clock, time, shards.Max(s => s.Shard.State.ClockMs));
            // In a database the models begin anew: they are worth less than what it takes to fence them.
            var models = logs == null ? directory?.Shard(0) : null;
            var recommendations = new RecommendationRunner([.. shards.Select(s => s.Shard.State)], clock, time, report, models)
            {
                ImpressionLog = options.ImpressionLog,
                Objectives = new ObjectiveWeights((float)options.WatchWeight, (float)options.InteractWeight, (float)options.PayWeight),
            };
            var runners = shards.Select((s, i) =>
                new ShardRunner(i, s.Shard, options, time, clock, report, recommendations) { RecoverySeconds = s.Seconds }).ToArray();
            return make(runners, recommendations, clock, shards[0].Shard.State.Hash, directory);
        }
        catch (Exception e)
        {
            foreach (var (shard, _) in shards) shard.Dispose();
            directory?.Dispose();
            if (e is LogUnavailableException) throw new LiveGrainsException(ErrorCode.StorageUnavailable, e.Message, e);
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
        if (options.DataDirectory != null && options.Store != null) throw new LiveGrainsException(ErrorCode.WrongUsage, "An engine has a data directory or a store, not both.");
        Range(options.Shards, EngineLimits.Shards, "shards");
        Range(options.Lateness.TotalSeconds, EngineLimits.LatenessSeconds, "lateness in seconds");
        Range(options.PresenceTimeout.TotalSeconds, EngineLimits.PresenceTimeoutSeconds, "presence timeout in seconds");
        Range(options.DedupeWindow.TotalSeconds, EngineLimits.DedupeWindowSeconds, "dedupe window in seconds");
        Range(options.DedupeIds, EngineLimits.DedupeIds, "dedupe ids");
        Range(options.ExactAudience, EngineLimits.ExactAudience, "exact audience");
        Range(options.MaxRooms, EngineLimits.MaxRooms, "max rooms");
        Range(options.MaxProducts, EngineLimits.MaxProducts, "max products");
        Range(options.MaxUsers, EngineLimits.MaxUsers, "max users");
        Range(options.MaxAudiencePairs, EngineLimits.MaxAudiencePairs, "max audience pairs");
        Range(options.SegmentBytes, EngineLimits.SegmentBytes, "segment bytes");
        Range(options.WatchWeight, EngineLimits.ObjectiveWeight, "watch weight");
        Range(options.InteractWeight, EngineLimits.ObjectiveWeight, "interact weight");
        Range(options.PayWeight, EngineLimits.ObjectiveWeight, "pay weight");
        if (options.WatchWeight + options.InteractWeight + options.PayWeight == 0) throw new LiveGrainsException(ErrorCode.WrongUsage, "one of watch weight, interact weight and pay weight must be above 0.");
        if (options.SegmentBytes % 4096 != 0) throw new LiveGrainsException(ErrorCode.WrongUsage, "segment bytes must be a multiple of 4,096.");
        if (options.Currency.Length != 3 || !options.Currency.All(char.IsAsciiLetterUpper)) throw new LiveGrainsException(ErrorCode.WrongUsage, "currency must be three capital letters.");
    }

    private static void Range(double value, EngineLimits limits, string name)
    {
        if (!limits.Allows(value)) throw new LiveGrainsException(ErrorCode.WrongUsage, $"{name} must be from {limits.Least} to {limits.Most}.");
    }
}
