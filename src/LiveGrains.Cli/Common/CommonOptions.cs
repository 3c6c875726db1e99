using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using LiveGrains.Engine;

namespace LiveGrains.Cli;

/// <summary>Options that several commands have, made the same way everywhere.</summary>
public static class CommonOptions
{
    /// <summary>The address of a server when none is given.</summary>
    public const string DefaultUrl = "http://127.0.0.1:5080";

    /// <summary>`--format text|json`.</summary>
    public static Option<OutputFormat> Format() => OneOf<OutputFormat>("--format", "text: for people; json: for machines (default text).");

    /// <summary>
    /// An option that takes the names of an enumeration in lower case and nothing else. Not given, it is the first of them; it
    /// has no default value for the parser, because its help would show that as written in code.
    /// </summary>
    public static Option<T> OneOf<T>(string name, string description)
        where T : struct, Enum
    {
        var names = Enum.GetNames<T>().Select(n => n.ToLowerInvariant()).ToArray();
        var option = new Option<T>(name)
        {
            Description = description,
            HelpName = string.Join('|', names),
            CustomParser = result =>
            {
                var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
                if (names.Contains(text, StringComparer.Ordinal)) return Enum.Parse<T>(text, ignoreCase: true);
                result.AddError($"{name} must be one of {string.Join(", ", names)}, not '{text}'.");
                return default;
            },
        };
        option.CompletionSources.Add(names);
        return option;
    }

    /// <summary>A whole number with its range.</summary>
    public static Option<int> Whole(string name, string description, int defaultValue, int lowest, int highest)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => defaultValue };
        option.Validators.Add(result => CheckRange(result, name, lowest, highest));
        return option;
    }

    /// <summary>A number from 0 to 1.</summary>
    public static Option<double> Share(string name, string description, double defaultValue) => new(name)
    {
        Description = description,
        HelpName = "0..1",
        DefaultValueFactory = _ => defaultValue,
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 1) return value;
            result.AddError($"{name} must be from 0 to 1, not '{text}'.");
            return defaultValue;
        },
    };

    /// <summary>A whole number that may be left out.</summary>
    public static Option<long?> OptionalWhole(string name, string description, long lowest, long highest)
    {
        var option = new Option<long?>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && long.TryParse(result.Tokens[0].Value, out var value) && (value < lowest || value > highest))
            {
                result.AddError($"{name} must be from {lowest} to {highest}, not {value}.");
            }
        });
        return option;
    }

    /// <summary>A whole number in a range of the engine's that may be left out.</summary>
    public static Option<long?> OptionalWhole(string name, string description, EngineLimits limits) => OptionalWhole(name, description, limits.Least, limits.Most);

    /// <summary>A number in a range of the engine's that may be left out.</summary>
    public static Option<double?> OptionalNumber(string name, string description, EngineLimits limits)
    {
        return new Option<double?>(name)
        {
            Description = description,
            HelpName = "X",
            CustomParser = result =>
            {
                var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
                if (double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && limits.Allows(value)) return value;
                result.AddError($"{name} must be from {limits.Least} to {limits.Most}, not '{text}'.");
                return null;
            },
        };
    }

    /// <summary>An http or https address.</summary>
    public static Option<Uri?> Url(string description)
    {
        return new Option<Uri?>("--url") { Description = description, HelpName = "URL", CustomParser = ParseUrl };
    }

    private static Uri? ParseUrl(ArgumentResult result)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https"))
        {
            return url.AbsolutePath.EndsWith('/') ? url : new UriBuilder(url) { Path = url.AbsolutePath + "/" }.Uri;
        }
        result.AddError($"--url must be an http or https address such as {DefaultUrl}, not '{text}'.");
        return null;
    }

    private static void CheckRange(OptionResult result, string name, int lowest, int highest)
    {
        if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var value) && (value < lowest || value > highest))
        {
            result.AddError($"{name} must be from {lowest} to {highest}, not {value}.");
        }
    }
}
