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
            var owned = options.Owned ?? [.. Enumerable.Range(0, options.Shards)];
            var keys = options.Store?.Prepare(options.Shards, logId, KeysOf(settings), cancellationToken);
            if (keys is { } known) (settings.HashKey0, settings.HashKey1) = known;
            else if (options.Owned != null) throw NoKeys();
            var logs = options.Store?.TakeOver(owned);
            foreach (var number in owned)
            {
                var start = Stopwatch.GetTimestamp();
                var log = logs?[shards.Count] ?? (directory == null ? null : new FileShardLog(directory.Shard(number)));
                var shard = Shard.Open(log, settings, logId + (ulong)number, options.SegmentBytes, action => Task.Run(action), cancellationToken);
                shards.Add((shard, Stopwatch.GetElapsedTime(start).TotalSeconds));
                // All shards hash alike, so that a record is hashed once.
                settings.HashKey0 = shard.State.Settings.HashKey0;
                settings.HashKey1 = shard.State.Settings.HashKey1;
            }

            if (keys == null) options.Store?.KeepKeys(KeysOf(settings));

            var clock = new EngineClock(options.Clock, time, shards.Max(s => s.Shard.State.ClockMs));
            var states = new ShardState?[options.Shards];
            for (var i = 0; i < owned.Count; i++) states[owned[i]] = shards[i].Shard.State;
            var recommendations = new RecommendationRunner(states, clock, time, report, shards[0].Shard.Log?.Models)
            {
                ImpressionLog = options.ImpressionLog,
                Objectives = new ObjectiveWeights((float)options.WatchWeight, (float)options.InteractWeight, (float)options.PayWeight),
            };
            var runners = shards.Select((s, i) =>
                new ShardRunner(owned[i], s.Shard, options, time, clock, report, recommendations) { RecoverySeconds = s.Seconds }).ToArray();
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

    /// <summary>Why a store whose keys are not known cannot be shared.</summary>
    internal static LiveGrainsException NoKeys() =>
        new(ErrorCode.SettingsConflict, "The database was made by an older program. Open it once with livegrains serve --postgres, then start the cluster.");

    private static HashKeys KeysOf(in FoldSettings settings) => new(settings.HashKey0, settings.HashKey1);

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
        if (options.Owned is { } owned && (options.Store == null || owned.Count == 0 || owned.Any(s => s < 0 || s >= options.Shards)))
            throw new LiveGrainsException(ErrorCode.WrongUsage, "A part of the shards needs a store, and shards that it has.");
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
