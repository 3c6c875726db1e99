using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace LiveGrains.Cli;

/// <summary>The usual help, and after it the command's examples.</summary>
public sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    private static readonly Dictionary<string, string[]> _examples = new()
    {
        ["livegrains"] =
        [
            "livegrains serve --demo                          a server with a simulated platform, nothing to set up",
            "livegrains serve --data ./data                   a server that keeps everything in ./data",
            "livegrains simulate --minutes 5 | livegrains replay -",
        ],
        ["serve"] =
        [
            "livegrains serve --demo                          try it: in memory, with simulated rooms and viewers",
            "livegrains serve --data /var/lib/livegrains --urls http://0.0.0.0:5080",
            "livegrains serve --data ./replayed --clock event",
        ],
        ["replay"] =
        [
            "livegrains replay day.ndjson.gz                  what was in it, in memory",
            "livegrains replay mon.ndjson tue.ndjson.gz --data ./data",
            "livegrains replay day.ndjson --url http://127.0.0.1:5080 --speed 60",
            "zcat *.gz | livegrains replay - --format json --top 5",
        ],
        ["simulate"] =
        [
            "livegrains simulate --seed 7 --rooms 50 --users 100000 --minutes 30 --out day.ndjson.gz",
            "livegrains simulate --minutes 5 | head -3",
            "livegrains simulate --url http://127.0.0.1:5080",
        ],
        ["evaluate"] =
        [
            "livegrains evaluate next-item --data Beauty.txt.gz --attributes Beauty_item2attributes.json.gz",
            "livegrains evaluate top-n --train train.rating --test test.rating --format markdown",
            "livegrains evaluate replay day.ndjson.gz",
        ],
        ["next-item"] =
        [
            "livegrains evaluate next-item --data Beauty.txt.gz --attributes Beauty_item2attributes.json.gz",
            "livegrains evaluate next-item --data LastFM.txt.gz --holdout 2 --format json",
        ],
        ["top-n"] =
        [
            "livegrains evaluate top-n --train train.rating --test test.rating",
        ],
        ["verify"] =
        [
            "livegrains verify ./data",
            "livegrains verify ./data --format json | jq .findings",
        ],
        ["top"] =
        [
            "livegrains top                                   q quits, s sorts, arrows page",
            "livegrains top --url http://10.0.0.5:5080 --interval 2",
            "livegrains top --once --format json",
        ],
        ["bench"] =
        [
            "livegrains bench",
            "livegrains bench --quick --only redis,actors",
            "livegrains bench --format json > bench.json",
        ],
    };

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var code = help.Invoke(parseResult);
        if (_examples.TryGetValue(parseResult.CommandResult.Command.Name, out var examples))
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var example in examples) output.WriteLine("  " + example);
            output.WriteLine();
        }
        return code;
    }
}
