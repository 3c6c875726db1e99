using System.CommandLine;
using LiveGrains.Engine;

namespace LiveGrains.Cli;

/// <summary>The command line options of an embedded engine, and the <see cref="EngineOptions"/> they make. What is not given keeps the engine's default.</summary>
public sealed class EngineSettings
{
    private const long Megabyte = 1L << 20;

    private readonly ClockMode _defaultClock;
    private readonly Option<long?> _lateness = CommonOptions.OptionalWhole("--lateness", "Seconds an event may be late and still count in windows (default 300).", EngineLimits.LatenessSeconds);
    private readonly Option<long?> _presence = CommonOptions.OptionalWhole("--presence-timeout", "Seconds without a signal after which a session closes (default 90).", EngineLimits.PresenceTimeoutSeconds);
    private readonly Option<long?> _exactAudience = CommonOptions.OptionalWhole("--exact-audience", "Users of a room up to which distinct users are exact (default 1000000).", EngineLimits.ExactAudience);
    private readonly Option<long?> _maxRooms = CommonOptions.OptionalWhole("--max-rooms", "Rooms a shard keeps (default 1000000).", EngineLimits.MaxRooms);
    private readonly Option<long?> _maxUsers = CommonOptions.OptionalWhole("--max-users", "Users a shard keeps (default 50000000).", EngineLimits.MaxUsers);
    private readonly Option<long?> _maxProducts = CommonOptions.OptionalWhole("--max-products", "Products, and videos, a shard keeps (default 5000000).", EngineLimits.MaxProducts);
    private readonly Option<long?> _maxPairs = CommonOptions.OptionalWhole("--max-audience-pairs", "Pairs of an item and a user a shard keeps (default 200000000).", EngineLimits.MaxAudiencePairs);
    private readonly Option<long?> _dedupeIds = CommonOptions.OptionalWhole("--dedupe-ids", "Ids that are remembered to find duplicates (default 20000000).", EngineLimits.DedupeIds);
    private readonly Option<long?> _dedupeWindow = CommonOptions.OptionalWhole("--dedupe-window", "Seconds for which an id is remembered (default 3600).", EngineLimits.DedupeWindowSeconds);
    private readonly Option<long?> _queue = CommonOptions.OptionalWhole("--queue-mb", "Events that may wait for a shard, MiB, before requests are refused as busy (default 64).", 1, 1 << 20);
    private readonly Option<long?> _segment = CommonOptions.OptionalWhole("--segment-mb", "A file of the log, MiB (default 64).", EngineLimits.SegmentMegabytes);
    private readonly Option<long?> _snapshot = CommonOptions.OptionalWhole("--snapshot-mb", "Log after which a snapshot is made, MiB; 0: only when closing (default 1024).", 0, 1 << 30);
    private readonly Option<long?> _retain = CommonOptions.OptionalWhole("--retain-mb", "Log that is kept although snapshots cover it, MiB (default 0).", 0, 1 << 30);
    private readonly Option<long?> _maxBody = CommonOptions.OptionalWhole("--max-body-kb", "Body of a request as sent, KiB (default 8192).", 1, 1 << 20);
    private readonly Option<long?> _maxInflated = CommonOptions.OptionalWhole("--max-inflated-kb", "Body of a request after gunzip, KiB (default 65536).", 1, 1 << 20);
    private readonly Option<long?> _maxEvent = CommonOptions.OptionalWhole("--max-event-kb", "One event, KiB (default 32).", 1, 1 << 10);
    private readonly Option<long?> _maxEvents = CommonOptions.OptionalWhole("--max-events", "Events of a request (default 10000).", 1, 1_000_000);
    private readonly Option<double?> _watchWeight = CommonOptions.OptionalNumber("--watch-weight", "What the probability that an item is watched counts in recommendations (default 1).", EngineLimits.ObjectiveWeight);
    private readonly Option<double?> _interactWeight = CommonOptions.OptionalNumber("--interact-weight", "What the probability of an interaction counts in recommendations (default 1).", EngineLimits.ObjectiveWeight);
    private readonly Option<double?> _payWeight = CommonOptions.OptionalNumber("--pay-weight", "What the probability of a payment counts in recommendations (default 5).", EngineLimits.ObjectiveWeight);
    private readonly Option<string?> _currency = new("--currency") { Description = "The currency of amounts, ISO 4217 (default CNY).", HelpName = "CODE" };

    /// <summary>Makes the options.</summary>
    /// <param name="clock">The default of `--clock`.</param>
    public EngineSettings(ClockMode clock)
    {
        _defaultClock = clock;
        Clock = CommonOptions.OneOf<ClockMode>("--clock", $"wall: the server's time; event: the highest event time seen (default {clock.ToString().ToLowerInvariant()}).");
        Shards = CommonOptions.Whole("--shards", "Shards: logs, threads and tables; fixed when the directory is made.", 1, (int)EngineLimits.Shards.Least, (int)EngineLimits.Shards.Most);
        _currency.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !(result.Tokens[0].Value.Length == 3 && result.Tokens[0].Value.All(char.IsAsciiLetterUpper)))
            {
                result.AddError($"--currency must be three capital letters such as CNY, not '{result.Tokens[0].Value}'.");
            }
        });
    }

    /// <summary>`--clock`.</summary>
    public Option<ClockMode> Clock { get; }

    /// <summary>`--shards`.</summary>
    public Option<int> Shards { get; }

    /// <summary>Adds clock and shards only.</summary>
    public void AddBasicsTo(Command command)
    {
        command.Options.Add(Clock);
        command.Options.Add(Shards);
    }

    /// <summary>Adds every limit.</summary>
    public void AddLimitsTo(Command command)
    {
        foreach (var option in (Option[])[_lateness, _presence, _exactAudience, _maxRooms, _maxUsers, _maxProducts, _maxPairs,
            _dedupeIds, _dedupeWindow, _queue, _segment, _snapshot, _retain, _maxBody, _maxInflated, _maxEvent, _maxEvents, _watchWeight, _interactWeight, _payWeight, _currency])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>True when it is said how much log there is between snapshots.</summary>
    public bool GivesSnapshotBytes(ParseResult parsed) => parsed.GetValue(_snapshot) is not null;

    /// <summary>The options as parsed.</summary>
    public EngineOptions Read(ParseResult parsed, string? directory)
    {
        var defaults = new EngineOptions();
        var limits = defaults.Limits;
        long Value(Option<long?> option, long otherwise, long unit = 1) => parsed.GetValue(option) is { } value ? value * unit : otherwise;
        TimeSpan Seconds(Option<long?> option, TimeSpan otherwise) =>
            parsed.GetValue(option) is { } value ? TimeSpan.FromSeconds(value) : otherwise;

        return defaults with
        {
            DataDirectory = directory,
            Clock = parsed.GetResult(Clock) is null ? _defaultClock : parsed.GetValue(Clock),
            Shards = parsed.GetValue(Shards),
            Lateness = Seconds(_lateness, defaults.Lateness),
            PresenceTimeout = Seconds(_presence, defaults.PresenceTimeout),
            ExactAudience = (int)Value(_exactAudience, defaults.ExactAudience),
            MaxRooms = (int)Value(_maxRooms, defaults.MaxRooms),
            MaxUsers = (int)Value(_maxUsers, defaults.MaxUsers),
            MaxProducts = (int)Value(_maxProducts, defaults.MaxProducts),
            MaxAudiencePairs = Value(_maxPairs, defaults.MaxAudiencePairs),
            DedupeIds = (int)Value(_dedupeIds, defaults.DedupeIds),
            DedupeWindow = Seconds(_dedupeWindow, defaults.DedupeWindow),
            Currency = parsed.GetValue(_currency) ?? defaults.Currency,
            MaxQueueBytes = Value(_queue, defaults.MaxQueueBytes, Megabyte),
            SegmentBytes = Value(_segment, defaults.SegmentBytes, Megabyte),
            SnapshotLogBytes = Value(_snapshot, defaults.SnapshotLogBytes, Megabyte),
            WatchWeight = parsed.GetValue(_watchWeight) ?? defaults.WatchWeight,
            InteractWeight = parsed.GetValue(_interactWeight) ?? defaults.InteractWeight,
            PayWeight = parsed.GetValue(_payWeight) ?? defaults.PayWeight,
            RetainLogBytes = Value(_retain, defaults.RetainLogBytes, Megabyte),
            Limits = limits with
            {
                MaxBodyBytes = (int)Value(_maxBody, limits.MaxBodyBytes, 1 << 10),
                MaxInflatedBytes = (int)Value(_maxInflated, limits.MaxInflatedBytes, 1 << 10),
                MaxEventBytes = (int)Value(_maxEvent, limits.MaxEventBytes, 1 << 10),
                MaxEvents = (int)Value(_maxEvents, limits.MaxEvents),
            },
        };
    }
}
