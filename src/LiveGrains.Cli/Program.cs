using LiveGrains.Cli;

using var signals = new StopSignals();
return await Tool.RunAsync(args, ToolEnvironment.ForProcess(), signals.Token);
