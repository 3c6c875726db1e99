using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LiveGrains.Server.Parameters;

/// <summary>Reads ids from the path.</summary>
internal static class PathParameter
{
    private const int LongestId = 64;

    private static readonly SearchValues<char> _idCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-");

    /// <summary>The id, or <see cref="ErrorCode.InvalidParameter"/> when it cannot be one.</summary>
    internal static string Id(HttpContext context, string name)
    {
        var id = context.GetRouteValue(name) as string;
        return id != null && IsId(id) ? id : throw Invalid(name);
    }

    /// <summary>True when a text can be an id.</summary>
    internal static bool IsId(string text) => text.Length is > 0 and <= LongestId && !text.AsSpan().ContainsAnyExcept(_idCharacters);

    /// <summary>The refusal of what cannot be an id.</summary>
    internal static LiveGrainsException Invalid(string name) => QueryParameter.Invalid(name, "must be 1 to 64 of A-Z a-z 0-9 . _ : -");
}
