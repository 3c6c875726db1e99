using System.Globalization;
using System.Text;

namespace LiveGrains.Crash.Tests;

/// <summary>Plain events.</summary>
internal static class Lines
{
    /// <summary>Some likes of one room, with the ids `NAME-0`, `NAME-1`, …; one alone has the name itself. Their users are new ones, or the same each time.</summary>
    public static List<byte[]> Likes(string name, int count, int textBytes = 0, bool newUsers = false) =>
        [.. Enumerable.Range(0, count).Select(i => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"{{\"id\":\"{name}{(count == 1 ? "" : $"-{i}")}\",\"type\":\"like\",\"time\":1700000002000,\"room\":\"r\",\"user\":\"{(newUsers ? name : "")}u{i}\",\"text\":\"{new string('x', textBytes)}\"}}")))];
}
