namespace LiveGrains;

/// <summary>The type of an event, in the order of the binary format: numbers are part of the log and never change.</summary>
public enum EventType : byte
{
    /// <summary>Not a type; never stored.</summary>
    None = 0,
    /// <summary>`room.start`</summary>
    RoomStart = 1,
    /// <summary>`room.update`</summary>
    RoomUpdate = 2,
    /// <summary>`room.end`</summary>
    RoomEnd = 3,
    /// <summary>`product.upsert`</summary>
    ProductUpsert = 4,
    /// <summary>`video.upsert`</summary>
    VideoUpsert = 5,
    /// <summary>`user.upsert`</summary>
    UserUpsert = 6,
    /// <summary>`impression`: the first type that a user makes.</summary>
    Impression = 7,
    /// <summary>`click`</summary>
    Click = 8,
    /// <summary>`enter`</summary>
    Enter = 9,
    /// <summary>`heartbeat`</summary>
    Heartbeat = 10,
    /// <summary>`leave`</summary>
    Leave = 11,
    /// <summary>`play`</summary>
    Play = 12,
    /// <summary>`like`</summary>
    Like = 13,
    /// <summary>`comment`</summary>
    Comment = 14,
    /// <summary>`share`</summary>
    Share = 15,
    /// <summary>`dislike`</summary>
    Dislike = 16,
    /// <summary>`report`</summary>
    Report = 17,
    /// <summary>`follow`</summary>
    Follow = 18,
    /// <summary>`unfollow`</summary>
    Unfollow = 19,
    /// <summary>`subscribe`</summary>
    Subscribe = 20,
    /// <summary>`gift`</summary>
    Gift = 21,
    /// <summary>`cart`</summary>
    Cart = 22,
    /// <summary>`order`</summary>
    Order = 23,
    /// <summary>`pay`</summary>
    Pay = 24,
    /// <summary>`refund`</summary>
    Refund = 25,
}

/// <summary>Names and number of the event types.</summary>
public static class EventTypes
{
    /// <summary>One more than the highest number of a type.</summary>
    public const int Count = 26;

    private static readonly string[] Names =
    [
        "", "room.start", "room.update", "room.end", "product.upsert", "video.upsert", "user.upsert", "impression", "click",
        "enter", "heartbeat", "leave", "play", "like", "comment", "share", "dislike", "report", "follow", "unfollow",
        "subscribe", "gift", "cart", "order", "pay", "refund",
    ];

    /// <summary>The name of a type as it stands in an event's `type` member.</summary>
    public static string Name(this EventType type) => Names[(int)type];

    /// <summary>True for the types that describe rooms, products and videos, and that every shard takes.</summary>
    public static bool IsCatalog(this EventType type) => type is >= EventType.RoomStart and <= EventType.VideoUpsert;
}
