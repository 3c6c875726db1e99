namespace LiveGrains;

/// <summary>What a user is told about a code.</summary>
/// <param name="Code">The stable code, snake_case.</param>
/// <param name="Status">HTTP status when it is the outcome of a whole request.</param>
/// <param name="ExitCode">Exit code of the tool: 1 failed, 2 wrong usage.</param>
/// <param name="Title">One sentence: what is wrong and what to do.</param>
public sealed record ErrorDescription(string Code, int Status, int ExitCode, string Title);

/// <summary>The one catalogue of codes. Each <see cref="ErrorCode"/> has exactly one row.</summary>
public static class ErrorCatalogue
{
    private static readonly ErrorDescription[] Rows = Build();

    /// <summary>The description of a code.</summary>
    public static ErrorDescription Describe(this ErrorCode code) => Rows[(int)code];

    private static ErrorDescription[] Build()
    {
        var rows = new ErrorDescription[Enum.GetValues<ErrorCode>().Length];
        void Row(ErrorCode code, int status, string title, int exit = 1)
        {
            rows[(int)code] = new(SnakeCase(code.ToString()), status, exit, title);
        }

        Row(ErrorCode.None, 200, "No error.", 0);
        Row(ErrorCode.InvalidUtf8, 400, "The event is not valid UTF-8. Send UTF-8 without a byte order mark.");
        Row(ErrorCode.InvalidJson, 400, "The event is not one JSON object. Check quotes, commas and braces.");
        Row(ErrorCode.TooDeep, 400, "The event is nested too deeply. An event has no nesting but attrs and tags.");
        Row(ErrorCode.UnknownField, 400, "The event has a member that is not in the contract. Put free-form data in attrs.");
        Row(ErrorCode.DuplicateField, 400, "The event has the same member twice. Send each member once.");
        Row(ErrorCode.InvalidType, 400, "The event's type is not a known type name.");
        Row(ErrorCode.MissingField, 400, "The event lacks a member that its type needs.");
        Row(ErrorCode.InvalidId, 400, "id must be a string of 1 to 64 characters without control characters.");
        Row(ErrorCode.InvalidSource, 400, "source must be a string of at most 128 characters without control characters.");
        Row(ErrorCode.InvalidSeq, 400, "seq must be an integer of at least 1.");
        Row(ErrorCode.InvalidTime, 400, "time must be RFC 3339 with an offset, or integer milliseconds since 1970 UTC, up to the year 9999.");
        Row(ErrorCode.TimeInFuture, 400, "time is more than 60 s later than the server's clock. Check the producer's clock.");
        Row(ErrorCode.InvalidKey, 400, "room, user, product and video must be strings of 1 to 64 of A-Z a-z 0-9 . _ : -");
        Row(ErrorCode.InvalidCount, 400, "count must be an integer from 1 to 1,000,000.");
        Row(ErrorCode.InvalidAmount, 400, "amount must be an integer of at least 0, in minor units (fen, cents), at most 10^15.");
        Row(ErrorCode.InvalidCurrency, 400, "currency must be three capital letters of ISO 4217.");
        Row(ErrorCode.InvalidDuration, 400, "ms must be an integer of at least 0, at most one day (86,400,000).");
        Row(ErrorCode.InvalidText, 400, "text must be a string of at most 2,000 characters; title, host and category of at most 200.");
        Row(ErrorCode.InvalidTags, 400, "tags must be an array of at most 32 strings of at most 200 characters.");
        Row(ErrorCode.InvalidPrice, 400, "price must be an integer of at least 0, in minor units, at most 10^15.");
        Row(ErrorCode.InvalidStock, 400, "stock must be an integer of at least 0.");
        Row(ErrorCode.InvalidStatus, 400, "status must be on, off or blocked.");
        Row(ErrorCode.InvalidChannel, 400, "channel must be a string of 1 to 32 characters without control characters.");
        Row(ErrorCode.InvalidAttributes, 400, "attrs must be an object of at most 32 strings, 4 KiB in all.");
        Row(ErrorCode.EventTooLarge, 413, "The event is larger than the limit. Shorten text or attrs.");
        Row(ErrorCode.InvalidCloudEvent, 400, "The CloudEvent lacks specversion 1.0, id, source or type, or its data is not an object.");
        Row(ErrorCode.InvalidBlock, 400, "The binary block is damaged or of an unknown version. See docs/block-format.md.");
        Row(ErrorCode.Capacity, 503, "The limit of rooms, users, products or audience is reached; known ones are still served. Raise the limit.");
        Row(ErrorCode.NothingToRead, 400, "The request has no event that could be read.");
        Row(ErrorCode.BodyTooLarge, 413, "The body is larger than the limit. Send smaller batches.");
        Row(ErrorCode.TooManyEvents, 413, "The request has more events than the limit. Send smaller batches.");
        Row(ErrorCode.UnsupportedMediaType, 415, "Content-Type must be application/json, application/x-ndjson, a CloudEvents type or application/vnd.livegrains.block.");
        Row(ErrorCode.UnsupportedEncoding, 415, "Content-Encoding must be gzip or none.");
        Row(ErrorCode.InvalidParameter, 400, "A parameter of the request is not valid.");
        Row(ErrorCode.NotFound, 404, "Nothing is known under this id.");
        Row(ErrorCode.MethodNotAllowed, 405, "This path does not take this method.");
        Row(ErrorCode.RequestTimeout, 408, "The request arrived too slowly. Send it again.");
        Row(ErrorCode.Busy, 429, "The engine's queue is full. Send the same request again after Retry-After.");
        Row(ErrorCode.StorageFull, 503, "The disk is full; queries go on. Make room, then send the same request again.");
        Row(ErrorCode.StorageUnavailable, 503, "The database cannot be reached; queries go on. Send the same request again after Retry-After.");
        Row(ErrorCode.ShardStopped, 503, "The log could not be written and this engine stopped taking events. See its log; restart it.");
        Row(ErrorCode.ShardMoved, 503, "Another engine has taken over this shard. Send the same request to that one.");
        Row(ErrorCode.ShardUnavailable, 503, "A part of the cluster is moving to another machine. Send the same request again after Retry-After.");
        Row(ErrorCode.ShuttingDown, 503, "The server is shutting down. Send the same request again after Retry-After.");
        Row(ErrorCode.TooManySubscribers, 503, "As many connections are subscribed, or rooms watched, as are allowed. Raise the limit, or ask the call without /live.");
        Row(ErrorCode.InvalidPolicy, 400, "The request is not a policy of traffic. See docs/traffic.md and /openapi/v1.json.");
        Row(ErrorCode.ContradictoryPolicy, 422, "Two rules of the policy contradict each other. Change one of them.");
        Row(ErrorCode.PolicyConflict, 412, "Another version of the policy holds by now. Read it, and send yours with its version.");
        Row(ErrorCode.InvalidPlan, 400, "The request is not a plan of traffic. See docs/traffic.md and /openapi/v1.json.");
        Row(ErrorCode.PlanTooLarge, 413, "The plan has more segments, rooms or groups than the limit. Plan fewer at once.");
        Row(ErrorCode.PlanTimeout, 503, "The plan was not solved in the time allowed. Send it when the server is less busy, or with fewer groups that overlap.");
        Row(ErrorCode.InternalError, 500, "The server failed to answer. This is a defect; its log has the details.");
        Row(ErrorCode.WrongUsage, 400, "Wrong usage. See --help.", 2);
        Row(ErrorCode.DirectoryNotWritable, 503, "The data directory cannot be written. Check its path and rights.");
        Row(ErrorCode.DirectoryInUse, 503, "Another process uses the data directory. Stop it, or choose another directory.");
        Row(ErrorCode.LogDamaged, 503, "The log is damaged in its middle. Run livegrains verify; restore the file from a copy.");
        Row(ErrorCode.SnapshotDamaged, 503, "No snapshot can be read and the log does not reach back to the start. Restore from a copy.");
        Row(ErrorCode.SettingsConflict, 400, "The data directory was made with other settings that cannot change.", 2);
        Row(ErrorCode.InputNotReadable, 400, "The input file cannot be read.");
        Row(ErrorCode.AddressInUse, 503, "The address is in use or cannot be bound. Choose another with --urls.");
        return rows;
    }

    private static string SnakeCase(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : c.ToString()));
}
