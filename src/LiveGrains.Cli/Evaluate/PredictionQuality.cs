using System.Globalization;
using System.Text.Json.Nodes;
using LiveGrains.Core;

namespace LiveGrains.Cli.Evaluate;

/// <summary>How well the ranker's probabilities of an objective came true, each taken before its impression was learned from.</summary>
/// <param name="Name">The objective.</param>
/// <param name="Predicted">Mean prediction.</param>
/// <param name="Observed">How often it came about.</param>
/// <param name="CalibrationError">Mean distance of predicted and observed over tenths of the predictions.</param>
/// <param name="LogLoss">Mean −ln of what was predicted for what came about, nats.</param>
/// <param name="NormalisedEntropy">The log loss ÷ that of always predicting the mean; NaN when it always came about, or never.</param>
internal sealed record PredictionQuality(string Name, double Predicted, double Observed, double CalibrationError, double LogLoss, double NormalisedEntropy)
{
    /// <summary>What a check has, when it observed something.</summary>
    public static PredictionQuality Of(Objective objective, Calibration check) =>
        new(objective.ToString().ToLowerInvariant(), check.PredictedRate, check.ObservedRate, check.Error, check.LogLoss, check.NormalisedEntropy);

    /// <summary>For machines.</summary>
    public JsonObject Json() => new()
    {
        ["predicted"] = Predicted,
        ["observed"] = Observed,
        ["calibrationError"] = CalibrationError,
        ["logLoss"] = LogLoss,
        ["normalisedEntropy"] = double.IsFinite(NormalisedEntropy) ? NormalisedEntropy : null,
    };

    /// <summary>For people.</summary>
    public string Text() => string.Create(
        CultureInfo.InvariantCulture, $"{Name} {NormalisedEntropy:0.000} (predicted {Predicted:0.0000}, came about {Observed:0.0000}, calibration error {CalibrationError:0.0000})");
}
