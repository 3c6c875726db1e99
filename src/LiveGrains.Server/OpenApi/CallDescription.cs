using Microsoft.OpenApi;

namespace LiveGrains.Server.OpenApi;

/// <summary>What the description of the API says about one call.</summary>
/// <param name="OperationId">Its name in generated clients.</param>
/// <param name="Tag">The group it belongs to.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Status">The status of its answer.</param>
/// <param name="Answer">The type of its answer; null: text.</param>
internal sealed record CallDescription(string OperationId, string Tag, string Summary, int Status, Type? Answer)
{
    /// <summary>More than the summary, in Markdown.</summary>
    internal string? Details { get; init; }

    /// <summary>The media type of the answer.</summary>
    internal string MediaType { get; init; } = "application/json";

    /// <summary>What the answer holds.</summary>
    internal string AnswerMeans { get; init; } = "The answer.";

    /// <summary>Parameters in path and query.</summary>
    internal IReadOnlyList<CallParameter> Parameters { get; init; } = [];

    /// <summary>The errors that a client of this call has to expect.</summary>
    internal IReadOnlyList<ErrorCode> Errors { get; init; } = [];

    /// <summary>The body of the request, which may refer to the document's components; null: none.</summary>
    internal Func<OpenApiDocument, OpenApiRequestBody>? Body { get; init; }
}
