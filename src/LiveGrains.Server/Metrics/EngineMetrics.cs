using System.Globalization;

namespace LiveGrains.Server.Metrics;

/// <summary>The engine's counters.</summary>
internal static class EngineMetrics
{
    private static readonly string[] _states = ["starting", "ready", "full", "unavailable", "stopped", "closing"];

    /// <summary>Writes all families.</summary>
    internal static void Write(ExpositionWriter text, EngineStatus status)
    {
        text.Family("livegrains_engine_state", "gauge", "1 for the state that the engine is in.");
        foreach (var state in _states.Union([status.State])) text.Sample(state == status.State ? 1 : 0, ("state", state));
        text.Family("livegrains_engine_info", "gauge", "1, with the currency of amounts.").Sample(1, ("currency", status.Currency));
        text.Family("livegrains_clock_timestamp_seconds", "gauge", "The engine's clock, seconds since 1970.")
            .Sample(status.Clock.ToUnixTimeMilliseconds() / 1000.0);

        text.Family("livegrains_events_total", "counter",
            "Events folded since the log began, by outcome. Late events are a part of the accepted ones. An event counts in each shard it goes to.");
        foreach (var shard in status.Shards)
        {
            var label = Label(shard);
            text.Sample(shard.Accepted, label, ("outcome", "accepted"));
            text.Sample(shard.Duplicates, label, ("outcome", "duplicate"));
            text.Sample(shard.Late, label, ("outcome", "late"));
        }
        text.Family("livegrains_events_rejected_total", "counter", "Events refused, by code.");
        foreach (var (code, count) in status.RejectedByCode.OrderBy(row => row.Key, StringComparer.Ordinal)) text.Sample(count, ("code", code));

        WriteTables(text, status.Shards);
        WriteLog(text, status.Shards);
        WriteSnapshots(text, status.Shards);
        if (status.Recommender is { } recommender) WriteRecommender(text, recommender);
    }

    private static void WriteTables(ExpositionWriter text, IReadOnlyList<ShardStatus> shards)
    {
        Each(text, shards, "livegrains_capacity_refusals_total", "counter", "Events refused because a table is full.", shard => shard.CapacityRefusals);
        Each(text, shards, "livegrains_rooms", "gauge", "Rooms known.", shard => shard.Rooms);
        Each(text, shards, "livegrains_users", "gauge", "Users known.", shard => shard.Users);
        Each(text, shards, "livegrains_products", "gauge", "Products known.", shard => shard.Products);
        Each(text, shards, "livegrains_videos", "gauge", "Videos known.", shard => shard.Videos);
        Each(text, shards, "livegrains_online_sessions", "gauge", "Open sessions.", shard => shard.Online);
        Each(text, shards, "livegrains_audience_pairs", "gauge", "Pairs of an item and a user, for distinct counts.", shard => shard.AudiencePairs);
        Each(text, shards, "livegrains_dedupe_window_ids", "gauge", "Ids in the dedupe window.", shard => shard.DedupeIds);
        Each(text, shards, "livegrains_dedupe_window_bytes", "gauge", "Memory of the dedupe window.", shard => shard.DedupeBytes);
        Each(text, shards, "livegrains_table_bytes", "gauge", "Memory of the tables.", shard => shard.TableBytes);
        Each(text, shards, "livegrains_fold_seconds_total", "counter", "Time spent folding events.", shard => shard.FoldMicrosecondsTotal / 1e6);
        Each(text, shards, "livegrains_queue_bytes", "gauge", "Bytes of events that wait for the shard.", shard => shard.QueueBytes);
        Each(text, shards, "livegrains_queue_blocks", "gauge", "Blocks of events that wait for the shard.", shard => shard.QueueBlocks);
    }

    private static void WriteLog(ExpositionWriter text, IReadOnlyList<ShardStatus> shards)
    {
        Each(text, shards, "livegrains_log_bytes", "gauge", "Bytes of the log on disk.", shard => shard.LogBytes);
        Each(text, shards, "livegrains_log_position", "gauge", "Position of the end of the log.", shard => shard.LogPosition);
        Each(text, shards, "livegrains_log_frames", "gauge", "Frames written to the log.", shard => shard.LogFrames);
        Each(text, shards, "livegrains_log_segments", "gauge", "Segments of the log.", shard => shard.LogSegments);
        Each(text, shards, "livegrains_log_sync_seconds_total", "counter", "Time spent making the log durable.", shard => shard.SyncMicrosecondsTotal / 1e6);
        Each(text, shards, "livegrains_log_last_sync_seconds", "gauge", "Time the last sync of the log took.", shard => shard.SyncMicroseconds / 1e6);
    }

    private static void WriteSnapshots(ExpositionWriter text, IReadOnlyList<ShardStatus> shards)
    {
        Each(text, shards, "livegrains_snapshots_total", "counter", "Snapshots made.", shard => shard.Snapshots);
        Each(text, shards, "livegrains_snapshot_position", "gauge", "Log position of the last snapshot.", shard => shard.SnapshotPosition);
        Each(text, shards, "livegrains_snapshot_last_seconds", "gauge", "Time the last snapshot took.", shard => shard.SnapshotSeconds);
        Each(text, shards, "livegrains_recovery_seconds", "gauge", "Time the last recovery took.", shard => shard.RecoverySeconds);
    }

    private static void WriteRecommender(ExpositionWriter text, RecommenderStatus status)
    {
        text.Family("livegrains_recommender_list_duration_seconds", "histogram", "Time to make a recommended list, on the recommender's thread.");
        text.Histogram(status.Questions.BoundsSeconds, status.Questions.Counts, status.Questions.Seconds);
        text.Family("livegrains_recommender_feed_bytes", "gauge", "Bytes of visits and outcomes that wait to be learned.").Sample(status.QueueBytes);
        text.Family("livegrains_recommender_feeds_dropped_total", "counter", "Parts of the feed left out because learning was behind.").Sample(status.Dropped);
        text.Family("livegrains_recommender_visits_total", "counter", "Visits learned from.").Sample(status.Visits);
        text.Family("livegrains_recommender_items", "gauge", "Items that can be recommended when they are available.").Sample(status.Items);
        text.Family("livegrains_recommender_impressions_total", "counter", "Impressions of recommended items learned from, since the ranker began.").Sample(status.Impressions);
        text.Family("livegrains_recommender_impressions_waiting", "gauge", "Recommended items whose window is not over.").Sample(status.Waiting);
        text.Family("livegrains_recommender_segments", "gauge", "Segments of users in use.").Sample(status.Segments);
        text.Family("livegrains_recommender_groups", "gauge", "Groups of users with the same static features.").Sample(status.Groups);
        text.Family("livegrains_recommender_bytes", "gauge", "Memory of the models.").Sample(status.Bytes);
        text.Family("livegrains_recommender_positives_total", "counter", "Impressions learned from in which an objective came about.");
        foreach (var objective in status.Objectives) text.Sample(objective.Positives, ("objective", objective.Name));
        text.Family("livegrains_recommender_log_loss", "gauge", "Progressive log loss of the last impressions, nats; none before the first.");
        foreach (var objective in status.Objectives.Where(o => o.LogLoss != null)) text.Sample(objective.LogLoss!.Value, ("objective", objective.Name));
        text.Family("livegrains_recommender_calibration_error", "gauge", "Expected calibration error of the last impressions; none before the first.");
        foreach (var objective in status.Objectives.Where(o => o.CalibrationError != null)) text.Sample(objective.CalibrationError!.Value, ("objective", objective.Name));
    }

    private static void Each(ExpositionWriter text, IReadOnlyList<ShardStatus> shards, string name, string type, string help, Func<ShardStatus, double> value)
    {
        text.Family(name, type, help);
        foreach (var shard in shards) text.Sample(value(shard), Label(shard));
    }

    private static (string, string) Label(ShardStatus shard) => ("shard", shard.Shard.ToString(CultureInfo.InvariantCulture));
}
