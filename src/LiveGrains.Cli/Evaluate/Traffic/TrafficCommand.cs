using System.CommandLine;

namespace LiveGrains.Cli.Evaluate.Traffic;

/// <summary>`livegrains evaluate traffic`: the allocator of traffic against what anybody who knows the future could do, and against simpler ways.</summary>
internal static class TrafficCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(ToolEnvironment environment)
    {
        var names = Enum.GetNames<TrafficInstanceKind>().Select(n => n.ToLowerInvariant()).ToArray();
        var instances = new Option<TrafficInstanceKind[]>("--instances")
        {
            Description = "What happens over time: iid nothing; drift rooms and viewers change; flash sudden crowds; adversarial the worst viewers first; simulator the simulated platform's viewers act on what they are shown (default all).",
            HelpName = string.Join('|', names),
            AllowMultipleArgumentsPerToken = true,
            CustomParser = result =>
            {
                var kinds = new List<TrafficInstanceKind>();
                foreach (var text in result.Tokens.SelectMany(t => t.Value.Split(',')))
                {
                    if (names.Contains(text, StringComparer.Ordinal)) kinds.Add(Enum.Parse<TrafficInstanceKind>(text, ignoreCase: true));
                    else result.AddError($"--instances must be of {string.Join(", ", names)}, not '{text}'.");
                }

                return [.. kinds];
            },
        };
        var seeds = CommonOptions.Whole("--seeds", "Instances of each kind.", 3, 1, 100);
        var firstSeed = CommonOptions.Whole("--first-seed", "Seed of the first instance; the next ones follow.", 1, 1, 1_000_000);
        var rooms = CommonOptions.Whole("--rooms", "Rooms, one in ten of a new host; of the simulator about half are on air.", 1000, 20, 100_000);
        var impressions = CommonOptions.Whole("--impressions", "Impressions in four hours.", 1_000_000, 10_000, 50_000_000);
        var format = EvaluationOutput.Option();
        var command = new Command("traffic", "Gives the impressions of generated platforms and of the simulated one away by a policy, as serving does, beside a bound by linear programming that knows the future, and beside simpler ways.")
        {
            instances, seeds, firstSeed, rooms, impressions, format,
        };
        command.SetAction((parsed, cancellationToken) => Task.Run(() =>
        {
            var options = new TrafficEvaluationOptions
            {
                Instances = parsed.GetValue(instances) is { Length: > 0 } kinds ? kinds : Enum.GetValues<TrafficInstanceKind>(),
                FirstSeed = parsed.GetValue(firstSeed),
                Seeds = parsed.GetValue(seeds),
                Rooms = parsed.GetValue(rooms),
                Impressions = parsed.GetValue(impressions),
            };
            using var progress = new ProgressLine(environment);
            var result = TrafficResult.Of(options, progress.Update, cancellationToken);
            EvaluationOutput.Write(environment, parsed.GetValue(format), result);

            return ExitCodes.Done;
        }, cancellationToken));
        return command;
    }
}
