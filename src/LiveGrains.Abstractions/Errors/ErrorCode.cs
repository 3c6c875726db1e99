namespace LiveGrains;

/// <summary>Every refusal and failure that a user can see. The catalogue has status, exit code and words for each.</summary>
public enum ErrorCode : byte
{
    /// <summary>No error.</summary>
    None = 0,

    // One event is refused; the rest of its request is kept.
    InvalidUtf8, InvalidJson, TooDeep, UnknownField, DuplicateField, InvalidType, MissingField, InvalidId, InvalidSource,
    InvalidSeq, InvalidTime, TimeInFuture, InvalidKey, InvalidCount, InvalidAmount, InvalidCurrency, InvalidDuration,
    InvalidText, InvalidTags, InvalidPrice, InvalidStock, InvalidStatus, InvalidChannel, InvalidAttributes, EventTooLarge,
    InvalidCloudEvent, InvalidBlock, Capacity,

    // The whole request is refused; nothing of it was kept.
    NothingToRead, BodyTooLarge, TooManyEvents, UnsupportedMediaType, UnsupportedEncoding, InvalidParameter, NotFound,
    MethodNotAllowed, RequestTimeout, Busy, StorageFull, StorageUnavailable, ShardStopped, ShardMoved, ShardUnavailable, ShuttingDown, TooManySubscribers,
    InvalidPolicy, ContradictoryPolicy, PolicyConflict, InvalidPlan, PlanTooLarge, PlanTimeout, InternalError,

    // The tool refuses to start.
    WrongUsage, DirectoryNotWritable, DirectoryInUse, LogDamaged, SnapshotDamaged, SettingsConflict, InputNotReadable,
    AddressInUse,
}
