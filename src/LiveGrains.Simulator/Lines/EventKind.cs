namespace LiveGrains.Simulator.Lines;

/// <summary>The event types that the simulator writes, in the order of the contract.</summary>
internal enum EventKind : byte
{
    RoomStart,
    RoomUpdate,
    RoomEnd,
    ProductUpsert,
    VideoUpsert,
    UserUpsert,
    Impression,
    Click,
    Enter,
    Heartbeat,
    Leave,
    Play,
    Like,
    Comment,
    Share,
    Dislike,
    Report,
    Follow,
    Unfollow,
    Subscribe,
    Gift,
    Cart,
    Order,
    Pay,
    Refund,
}
