using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace LiveGrains.Server.Parameters;

/// <summary>Reads parameters of the query; each problem names its parameter and never repeats its value.</summary>
internal static class QueryParameter
{
    private static readonly string[] _momentFormats =
    [
        "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'",
    ];

    /// <summary>The refusal of a parameter.</summary>
    internal static LiveGrainsException Invalid(string name, string rule) => new(ErrorCode.InvalidParameter, $"{name} {rule}.");

    /// <summary>A text, or null when the parameter is not there or empty.</summary>
    internal static string? Text(IQueryCollection query, string name)
    {
        var values = query[name];
        return values.Count switch
        {
            0 => null,
            1 => string.IsNullOrEmpty(values[0]) ? null : values[0],
            _ => throw Invalid(name, "is given more than once"),
        };
    }

    /// <summary>Each value of a parameter that may come several times; empty ones are none.</summary>
    internal static IReadOnlyList<string> Texts(IQueryCollection query, string name) => [.. query[name].Where(value => !string.IsNullOrEmpty(value)).Select(value => value!)];

    /// <summary>An id, or null.</summary>
    internal static string? Id(IQueryCollection query, string name) =>
        Text(query, name) is not { } text ? null : PathParameter.IsId(text) ? text : throw PathParameter.Invalid(name);

    /// <summary>`true`, `false`, or null.</summary>
    internal static bool? Boolean(IQueryCollection query, string name) => Text(query, name) switch
    {
        null => null,
        "true" => true,
        "false" => false,
        _ => throw Invalid(name, "must be true or false"),
    };

    /// <summary>A whole number within bounds, or the default.</summary>
    internal static int Integer(IQueryCollection query, string name, int least, int most, int byDefault)
    {
        if (Text(query, name) is not { } text) return byDefault;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most) return value;
        throw Invalid(name, most == int.MaxValue ? $"must be an integer of at least {least}" : $"must be an integer from {least} to {most}");
    }

    /// <summary>The name of a member, in any case, or the default.</summary>
    internal static T Enum<T>(IQueryCollection query, string name, T byDefault) where T : struct, Enum
    {
        if (Text(query, name) is not { } text) return byDefault;
        // Only names: the framework's own parsing would take numbers as well.
        foreach (var value in System.Enum.GetValues<T>())
        {
            if (string.Equals(value.ToString(), text, StringComparison.OrdinalIgnoreCase)) return value;
        }
        throw Invalid(name, $"must be one of {string.Join(", ", System.Enum.GetNames<T>().Select(System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName))}");
    }

    /// <summary>A moment in milliseconds since 1970 UTC, given so or as RFC 3339, or null.</summary>
    internal static long? Moment(IQueryCollection query, string name)
    {
        if (Text(query, name) is not { } text) return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()) return milliseconds;
        // A plus that was not escaped arrives as a space.
        var moment = text.ToUpperInvariant().Replace(' ', '+');
        if (DateTimeOffset.TryParseExact(moment, _momentFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var value))
            return value.ToUnixTimeMilliseconds();
        throw Invalid(name, "must be milliseconds since 1970 UTC or RFC 3339 with an offset");
    }
}
