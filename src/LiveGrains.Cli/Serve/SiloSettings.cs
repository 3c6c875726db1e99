using System.CommandLine;
using System.Net;
using LiveGrains.Engine;
using LiveGrains.Engine.Cluster;

namespace LiveGrains.Cli.Serve;

/// <summary>The options of `serve` that make the process a silo of a cluster.</summary>
internal sealed class SiloSettings
{
    private readonly Option<ClusterMembership> _cluster = CommonOptions.OneOf<ClusterMembership>("--cluster",
        "Be a silo of a cluster, with its data in PostgreSQL. postgres: silos find each other there; localhost: by a port of this machine, to try things out. Without --shards a new one has 6.");

    private readonly Option<string?> _name = new("--cluster-name") { Description = "The cluster's name (default livegrains).", HelpName = "NAME" };
    private readonly Option<int> _siloPort = CommonOptions.Whole("--silo-port", "The port for other silos.", 11_111, 1, 65_535);
    private readonly Option<int> _gatewayPort = CommonOptions.Whole("--gateway-port", "The port for clients of Orleans; 0: none.", 0, 0, 65_535);
    private readonly Option<int> _primaryPort = CommonOptions.Whole("--primary-port", "With --cluster localhost: the silo port of the first silo.", 11_111, 1, 65_535);
    private readonly EngineSettings _settings;
    private readonly Option<string?> _postgres;
    private readonly Option<string?> _data;

    private readonly Option<IPAddress?> _address = new("--silo-address")
    {
        Description = "The address at which other silos reach this one (default 127.0.0.1: all on one machine).",
        HelpName = "IP",
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (IPAddress.TryParse(text, out var address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any)) return address;
            result.AddError($"--silo-address must be one address of this machine, such as 10.0.0.5, not '{text}'.");
            return null;
        },
    };

    /// <summary>Makes the options, beside those of the engine and of where its data are.</summary>
    public SiloSettings(EngineSettings settings, Option<string?> postgres, Option<string?> data)
    {
        _settings = settings;
        _postgres = postgres;
        _data = data;
    }

    /// <summary>Adds them.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_cluster, _name, _address, _siloPort, _gatewayPort, _primaryPort]) command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_cluster) is not null && result.GetResult(_data) is not null) result.AddError("--cluster keeps its data in PostgreSQL, not in --data.");
        });
    }

    /// <summary>The cluster, or null without `--cluster`. Throws <see cref="ErrorCode.WrongUsage"/> where there can be none.</summary>
    public ClusterOptions? Read(ParseResult parsed, ToolEnvironment environment)
    {
        if (parsed.GetResult(_cluster) is null) return null;
        if (environment.JoinCluster == null)
            throw new LiveGrainsException(ErrorCode.WrongUsage, "This build of livegrains has no cluster. Use the one of src/LiveGrains.Silo (docs/cluster.md).");
        var defaults = new ClusterOptions
        {
            PostgresConnection = parsed.GetValue(_postgres) ?? environment.PostgresConnection
                ?? throw new LiveGrainsException(ErrorCode.WrongUsage, "--cluster needs a database: --postgres CONNECTION, or the variable LIVEGRAINS_POSTGRES."),
        };
        return defaults with
        {
            Membership = parsed.GetValue(_cluster),
            Name = parsed.GetValue(_name) ?? defaults.Name,
            Address = parsed.GetValue(_address) ?? defaults.Address,
            SiloPort = parsed.GetValue(_siloPort),
            GatewayPort = parsed.GetValue(_gatewayPort),
            PrimaryPort = parsed.GetValue(_primaryPort),
        };
    }

    /// <summary>The engine's options with what a cluster does otherwise when it is not said.</summary>
    public EngineOptions Read(ParseResult parsed, EngineOptions options) => options with
    {
        Shards = parsed.GetResult(_settings.Shards) is { Implicit: false } ? options.Shards : ClusterOptions.DefaultShards,
        SnapshotLogBytes = _settings.GivesSnapshotBytes(parsed) ? options.SnapshotLogBytes : ClusterOptions.DefaultSnapshotLogBytes,
    };
}
