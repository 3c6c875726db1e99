using LiveGrains.Cli;
using LiveGrains.Cluster.Hosting;

// The whole tool, with the cluster.
var signals = new StopSignals(); // Not disposed: a second signal at the very end is the tool's to answer, too.
return await Tool.RunAsync(args, ToolEnvironment.ForProcess() with { JoinCluster = ClusterSilo.StartAsync }, signals.Token);
