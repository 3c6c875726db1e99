using LiveGrains.Cli;
using LiveGrains.Cluster.Hosting;

// The whole tool, with the cluster.
using var signals = new StopSignals();
return await Tool.RunAsync(args, ToolEnvironment.ForProcess() with { JoinCluster = ClusterSilo.StartAsync }, signals.Token);
