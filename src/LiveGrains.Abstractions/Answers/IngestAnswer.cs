namespace LiveGrains;

/// <summary>The verdicts on one request of events. accepted + duplicates + rejected = events in the request.</summary>
/// <param name="Accepted">Events that are on disk and applied.</param>
/// <param name="Duplicates">Events that were there before.</param>
/// <param name="Rejected">Events that were refused; each is named in <paramref name="Errors"/>, the first 1,000 of them.</param>
/// <param name="Errors">The refusals.</param>
public sealed record IngestAnswer(int Accepted, int Duplicates, int Rejected, IReadOnlyList<IngestError> Errors);

/// <summary>One refused event.</summary>
/// <param name="Index">Its place in the request, from 0 (a line of NDJSON that is empty has no place).</param>
/// <param name="Id">Its `id` where it could be read.</param>
/// <param name="Code">The stable code.</param>
/// <param name="Message">What is wrong with it and what to do.</param>
public sealed record IngestError(int Index, string? Id, string Code, string Message);
