using System.CommandLine;
using System.Globalization;
using LiveGrains.Cli.Evaluate.Bandit;
using LiveGrains.Core;

namespace LiveGrains.Cli.Evaluate;

/// <summary>`livegrains evaluate`: how good the recommendations are, on data sets by published protocols.</summary>
internal static class EvaluateCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(ToolEnvironment environment) =>
        new("evaluate", "How good recommendations are, on data sets by published protocols, beside published results, and on your own events.")
        {
            NextItem(environment),
            TopN(environment),
            Replay(environment),
            Bandit(environment),
            Traffic.TrafficCommand.Create(environment),
        };

    private static Command NextItem(ToolEnvironment environment)
    {
        var data = RequiredFile("--data", "Lines of a user and its items, oldest first; plain or gzip.");
        var attributes = new Option<string?>("--attributes") { Description = "A JSON object of item → list of attributes; plain or gzip.", HelpName = "FILE" };
        var holdout = CommonOptions.Whole("--holdout", "Which item from the end of each user is to be found: 1 is the test, 2 the validation (default 1).", 1, 1, 100);
        var format = EvaluationOutput.Option();
        var command = new Command("next-item", "Ranks all items for each user's last one; learns everything before, once, in order.") { data, attributes, holdout, format };
        command.SetAction((parsed, cancellationToken) => Task.Run(() =>
        {
            var sequences = SequenceData.Read(parsed.GetValue(data)!, parsed.GetValue(attributes), environment);
            var result = NextItemEvaluation.Run(sequences, parsed.GetValue(holdout), cancellationToken);
            EvaluationOutput.Write(environment, parsed.GetValue(format), Table(result));
            return ExitCodes.Done;
        }, cancellationToken));
        return command;
    }

    private static Command TopN(ToolEnvironment environment)
    {
        var train = RequiredFile("--train", "Lines of user, item and rating, or of a user and its items; plain or gzip.");
        var test = RequiredFile("--test", "What to find, in either form.");
        var format = EvaluationOutput.Option();
        var command = new Command("top-n", "Ten items for each user of the test file, of all that it has not in the train file.") { train, test, format };
        command.SetAction((parsed, cancellationToken) => Task.Run(() =>
        {
            var result = TopNEvaluation.Run(parsed.GetValue(train)!, parsed.GetValue(test)!, environment, cancellationToken);
            EvaluationOutput.Write(environment, parsed.GetValue(format), Table(result));
            return ExitCodes.Done;
        }, cancellationToken));
        return command;
    }

    private static Command Replay(ToolEnvironment environment)
    {
        var files = new Argument<string[]>("EVENTS") { Description = "NDJSON, plain or gzip, in this order; - is standard input.", Arity = ArgumentArity.OneOrMore };
        var kind = new Option<InterestKind?>("--kind")
        {
            Description = "product: clicks; room: enters; video: plays (default: what the file mostly has).",
            HelpName = "product|room|video",
            CustomParser = result =>
            {
                var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
                if (text is "room" or "product" or "video") return Enum.Parse<InterestKind>(text, ignoreCase: true);
                result.AddError($"--kind must be one of product, room, video, not '{text}'.");
                return null;
            },
        };
        var limit = CommonOptions.OptionalWhole("--limit", "Events to read (default: all).", 1, long.MaxValue);
        var sample = CommonOptions.Whole("--sample", "Score one of so many touches; all are learned from.", 1, 1, 1_000_000);
        var from = CommonOptions.Share("--from", "Count from this share of the events on; what is before is only learned from (default 0: count all). Reads files twice.", 0);
        var diversity = CommonOptions.Share("--diversity", "Diversity of the lists, as of recommendations (default 0.3); 0: by score alone.", new ReplayEvaluationOptions().Diversity);
        var format = EvaluationOutput.Option();
        var command = new Command(
            "replay",
            "Predict, then learn, over event files, through what serves: before a user comes to an item, their list of 20 is made from what was known and available until then. "
            + "The target is the item; figures are of the next item that is not in the user's history, for users with an earlier touch, beside all users and repeats. "
            + "A target that nobody had touched before counts as missed: such files list an item just ahead of its first touch. "
            + "Baselines on the same targets: the most touched available items, and those of the category of the user's last item.") { files, kind, limit, sample, from, diversity, format };
        command.SetAction((parsed, cancellationToken) => Task.Run(() =>
        {
            var options = new ReplayEvaluationOptions { Kind = parsed.GetValue(kind), Limit = parsed.GetValue(limit), Sample = parsed.GetValue(sample), From = parsed.GetValue(from), Diversity = parsed.GetValue(diversity) };
            var result = ReplayEvaluation.Run(parsed.GetValue(files)!, options, environment, cancellationToken);
            EvaluationOutput.Write(environment, parsed.GetValue(format), result);
            return ExitCodes.Done;
        }, cancellationToken));
        return command;
    }

    private static Command Bandit(ToolEnvironment environment)
    {
        var log = RequiredFile("--log", "The log to learn from: CSV with item_id, position, click or reward, propensity_score; plain or gzip, or a directory with log.csv.");
        var evaluate = RequiredFile("--evaluate", "The log of the policy to evaluate: how often it shows each item at each position. Its rewards are only for comparison.");
        var format = EvaluationOutput.Option();
        var command = new Command("bandit", "What another policy would have got, from a log with propensities: IPS, self-normalised IPS, direct method, doubly robust, switch-DR.") { log, evaluate, format };
        command.SetAction((parsed, cancellationToken) => Task.Run(() =>
        {
            var result = BanditEvaluation.Run(parsed.GetValue(log)!, parsed.GetValue(evaluate)!, environment, cancellationToken);
            EvaluationOutput.Write(environment, parsed.GetValue(format), result);
            return ExitCodes.Done;
        }, cancellationToken));
        return command;
    }

    private static Option<string> RequiredFile(string name, string description) => new(name) { Description = description, HelpName = "FILE", Required = true };

    private static EvaluationTable Table(NextItemResult result) => new(
        result,
        ["HR@10", "NDCG@10", "HR@5", "NDCG@5", "MRR"],
        [result.HitRate10, result.Ndcg10, result.HitRate5, result.Ndcg5, result.Mrr],
        [Margin(result.Intervals["hr@10"]), Margin(result.Intervals["ndcg@10"])],
        PublishedResults.Find(result),
        [
            $"{Words.Count(result.Users, "user")}, {Words.Count(result.Items, "item")}, {Words.Count(result.Actions, "action")}; ± is 95 %{(result.Holdout == 1 ? "" : $"; the target is item {result.Holdout} from the end")}",
            Lists(result.Coverage, result.Novelty, result.PopularShare),
            $"learned in one pass in {Words.Duration(TimeSpan.FromSeconds(result.LearnSeconds))}, ranked in {Words.Duration(TimeSpan.FromSeconds(result.RankSeconds))}, state {Words.Bytes(result.ModelBytes)}",
        ]);

    private static EvaluationTable Table(TopNResult result) => new(
        result,
        ["P@10", "R@10", "NDCG@10", "HR@10", "MAP@10", "MRR@10"],
        [result.Precision, result.Recall, result.Ndcg, result.HitRate, result.MeanAveragePrecision, result.Mrr],
        [Margin(result.Intervals["precision@10"]), Margin(result.Intervals["recall@10"]), Margin(result.Intervals["ndcg@10"])],
        PublishedResults.Find(result),
        [
            $"{Words.Count(result.Users, "user")}, {Words.Count(result.Items, "item")}, {Words.Count(result.Train, "rating")} to learn from, {Words.Whole(result.Test)} to find; ± is 95 %",
            Lists(result.Coverage, result.Novelty, result.PopularShare),
            $"counted in one pass in {Words.Duration(TimeSpan.FromSeconds(result.LearnSeconds))}, solved in {Words.Duration(TimeSpan.FromSeconds(result.SolveSeconds))}, ranked in {Words.Duration(TimeSpan.FromSeconds(result.RankSeconds))}, state {Words.Bytes(result.ModelBytes)}",
        ]);

    private static double Margin(double[] interval) => (interval[1] - interval[0]) / 2;

    private static string Lists(double coverage, double novelty, double popularShare) => string.Create(
        CultureInfo.InvariantCulture,
        $"lists of ten: {Words.Percent(coverage)} of the items are in one, the most popular tenth of them takes {Words.Percent(popularShare)} of the places, novelty {novelty:0.0} bits");
}
