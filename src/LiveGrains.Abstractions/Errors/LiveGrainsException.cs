namespace LiveGrains;

/// <summary>A request or a command that is refused as a whole, with its code.</summary>
public sealed class LiveGrainsException : Exception
{
    /// <summary>Makes the exception for a code; <paramref name="detail"/> says what in this case, without personal data.</summary>
    public LiveGrainsException(ErrorCode code, string? detail = null, Exception? inner = null)
        : base(detail ?? code.Describe().Title, inner)
    {
        Code = code;
        Detail = detail;
    }

    /// <summary>The code.</summary>
    public ErrorCode Code { get; }

    /// <summary>What is wrong in this case, or null.</summary>
    public string? Detail { get; }
}
