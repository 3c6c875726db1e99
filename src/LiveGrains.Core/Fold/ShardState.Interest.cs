using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LiveGrains.Core;

internal sealed unsafe partial class ShardState
{
    /// <summary>Half of an interest is gone after so many seconds: 14 days.</summary>
    internal const float InterestHalfLifeSeconds = 14 * 86_400;

    /// <summary>Where models hear of it; null: nobody listens.</summary>
    internal InterestFeed? Feed { get; set; }

    // The user's shard remembers what the user touched; models learn from it what follows what.
    private void TouchInterest(EventRecord* record, in Subject subject)
    {
        var type = record->Type;
        var item = InterestItemOf(subject);
        var follows = Feed != null && Feed.Follows(subject.User);
        if (follows) Feed!.Add(new FeedHead { Kind = FeedKind.Outcome, Type = type, Item = item, User = subject.User, TimeSeconds = SecondsOf(record->ClockMs) }, default);
        if (type == EventType.Unfollow)
        {
            Unfollow(subject.UserRow->History, item);
            return;
        }

        var flags = InterestStrength.Flags(type);
        var strength = InterestStrength.Of(type, record->Count, record->Value);
        if (strength == 0 && flags == HistoryFlags.None) return;
        var time = SecondsOf(record->TimeMs);
        var touch = Histories.Touch(ref subject.UserRow->History, item, time, strength, flags, InterestHalfLifeSeconds);
        if (Feed != null && touch.WasNew && (flags & HistoryFlags.Unwanted) == 0) TellVisit(subject, item, time, strength);
    }

    private void TellVisit(in Subject subject, uint item, uint time, float strength)
    {
        const int Before = 20; // as far as co-visits look back
        var entries = Histories.Entries(subject.UserRow->History)[..^1];
        if (entries.Length > Before) entries = entries[^Before..];
        Feed!.Add(new FeedHead { Kind = FeedKind.Visit, Item = item, User = subject.User, TimeSeconds = time, Strength = strength }, MemoryMarshal.AsBytes(entries));
    }

    private void Unfollow(uint history, uint item)
    {
        var entries = Histories.Entries(history);
        var place = HistoryStore.Find(entries, item);
        if (place >= 0) entries[place].Flags &= ~HistoryFlags.Followed;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint InterestItemOf(in Subject subject) =>
        subject.Product != 0 ? InterestItem.Of(InterestKind.Product, subject.Product)
        : subject.Video != 0 ? InterestItem.Of(InterestKind.Video, subject.Video)
        : InterestItem.Of(InterestKind.Room, subject.Room);

    /// <summary>Seconds of the epoch; before 1970 it is 1970, after 2106 it is 2106.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint SecondsOf(long timeMs) => (uint)Math.Clamp(timeMs / 1000, 0, uint.MaxValue);

    private void TellItem(InterestKind kind, uint row, uint catalog) =>
        Feed?.Add(new FeedHead { Kind = FeedKind.Item, Item = InterestItem.Of(kind, row) }, Blobs[catalog]);

    /// <summary>Tells what items there are, for models that begin with this state.</summary>
    internal void TellItems(InterestKind kind, uint first, uint last, InterestFeed feed)
    {
        for (var row = first; row <= last; row++)
        {
            var catalog = kind == InterestKind.Room ? RoomAt(row)->Catalog : ItemAt(kind == InterestKind.Video, row)->Catalog;
            feed.Add(new FeedHead { Kind = FeedKind.Item, Item = InterestItem.Of(kind, row) }, Blobs[catalog]);
        }
    }

    /// <summary>Tells what users touched, as if it happened again in the order that their histories have.</summary>
    internal void TellHistories(uint first, uint last, InterestFeed feed)
    {
        for (var user = first; user <= last; user++)
        {
            var entries = Histories.Entries(UserAt(user)->History);
            for (var i = 0; i < entries.Length; i++)
            {
                if ((entries[i].Flags & HistoryFlags.Unwanted) != 0) continue;
                var before = entries[Math.Max(0, i - 20)..i];
                feed.Add(
                    new FeedHead { Kind = FeedKind.Visit, Item = entries[i].Item, User = user, TimeSeconds = entries[i].TimeSeconds, Strength = Math.Min(2, (float)entries[i].Weight) },
                    MemoryMarshal.AsBytes(before));
            }
        }
    }
}
