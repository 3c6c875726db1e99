using System.Text;
using System.Text.Json;
using LiveGrains.Server.Json;

namespace LiveGrains.Server.Ingest;

/// <summary>The answer to a request of events, as bytes.</summary>
internal static class IngestAnswerJson
{
    private const int LargestPrepared = 1024;

    /// <summary>The answers in which every event was accepted, by their number; made when first needed.</summary>
    private static readonly byte[]?[] _allAccepted = new byte[LargestPrepared + 1][];

    /// <summary>The answer when all events were accepted, or null when it has to be written.</summary>
    internal static byte[]? Prepared(IngestAnswer answer)
    {
        if (answer.Duplicates != 0 || answer.Rejected != 0 || (uint)answer.Accepted > LargestPrepared) return null;
        return _allAccepted[answer.Accepted] ??= Encoding.UTF8.GetBytes(
            $$"""{"accepted":{{answer.Accepted}},"duplicates":0,"rejected":0,"errors":[]}""");
    }

    /// <summary>Writes any answer.</summary>
    internal static void Write(Utf8JsonWriter json, IngestAnswer answer) => JsonSerializer.Serialize(json, answer, AnswerJson.Default.IngestAnswer);
}
