using LiveGrains.Cli;

var signals = new StopSignals(); // Not disposed: a second signal at the very end is the tool's to answer, too.
return await Tool.RunAsync(args, ToolEnvironment.ForProcess(), signals.Token);
