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
        // To watch for a moment is to leave.
        if (follows) TellOutcome(record, type == EventType.Play && record->Value < InterestStrength.ShortPlayMs ? EventType.Leave : type, item, subject.User);
        if (type == EventType.Unfollow)
        {
            Unfollow(UserDetailAt(subject.User)->History, item);
            return;
        }

        var flags = InterestStrength.Flags(type, record->Value);
        var strength = InterestStrength.Of(type, record->Count, record->Value);
        if (strength == 0 && flags == HistoryFlags.None) return;
        var time = SecondsOf(record->TimeMs);
        ref var history = ref UserDetailAt(subject.User)->History;
        var touch = Histories.Touch(ref history, item, time, strength, flags, InterestHalfLifeSeconds);
        if (Feed != null && touch.WasNew && (flags & HistoryFlags.Unwanted) == 0) TellVisit(Feed, FeedKind.Visit, subject.User, Histories.Entries(history)[..^1], item, time, strength);
    }

    // Who leaves a room at once without having done anything there: the room is remembered as left.
    private void NoteLeave(EventRecord* record, in Subject subject, VisitRow* visit)
    {
        const uint Deeds = ((1u << RoomMetric.UserMetrics) - 1) & ~(1u << RoomMetric.Impressions | 1u << RoomMetric.Views);
        // Of the session that this event closed; one that it opened as well tells nothing of how long somebody was there.
        if ((visit->Mask & (VisitRow.Open | Deeds)) != 0 || visit->LastMs != record->TimeMs) return;
        if (visit->LastMs - visit->FirstMs is <= 0 or >= InterestStrength.QuickLeaveMs) return;
        var item = InterestItem.Of(InterestKind.Room, subject.Room);
        var entries = Histories.Entries(UserDetailAt(subject.User)->History);
        var place = HistoryStore.Find(entries, item);
        if (place >= 0) entries[place].Flags |= HistoryFlags.Left;
        if (Feed != null && Feed.Follows(subject.User)) TellOutcome(record, EventType.Leave, item, subject.User);
    }

    private void TellOutcome(EventRecord* record, EventType type, uint item, uint user) =>
        Feed!.Add(new FeedHead { Kind = FeedKind.Outcome, Type = type, Item = item, User = user, TimeSeconds = SecondsOf(record->ClockMs) }, default);

    private static void TellVisit(InterestFeed feed, FeedKind kind, uint user, Span<HistoryEntry> before, uint item, uint time, float strength)
    {
        var last = before[Math.Max(0, before.Length - CoVisitOptions.DefaultWindow)..];
        feed.Add(new FeedHead { Kind = kind, Item = item, User = user, TimeSeconds = time, Strength = strength }, MemoryMarshal.AsBytes(last));
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

    private void TellItem(InterestFeed feed, uint item) => feed.Add(new FeedHead { Kind = FeedKind.Item, Item = item }, CatalogOf(item));

    /// <summary>What is stored of an item's catalog events.</summary>
    internal ReadOnlySpan<byte> CatalogOf(uint item) => Blobs[InterestItem.Kind(item) switch
    {
        InterestKind.Room => RoomAt(InterestItem.Row(item))->Catalog,
        var kind => ItemAt(kind == InterestKind.Video, InterestItem.Row(item))->Catalog,
    }];

    /// <summary>Tells what items there are, for models that begin with this state.</summary>
    internal void TellItems(InterestKind kind, uint first, uint last, InterestFeed feed)
    {
        for (var row = first; row <= last; row++) TellItem(feed, InterestItem.Of(kind, row));
    }

    /// <summary>What a user's attributes say that models use.</summary>
    internal StaticFeatures FeaturesOf(uint user) => StaticFeatures.Of(Blobs[UserDetailAt(user)->Attributes]);

    private void TellFeatures(InterestFeed feed, uint user)
    {
        var features = FeaturesOf(user);
        feed.Add(new FeedHead { Kind = FeedKind.User, User = user }, MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in features, 1)));
    }

    /// <summary>Tells what users are and what they touched, as if it happened again in the order that their histories have.</summary>
    internal void TellUsers(uint first, uint last, InterestFeed feed)
    {
        for (var user = first; user <= last; user++)
        {
            if (UserDetailAt(user)->Attributes != 0) TellFeatures(feed, user);
            var entries = Histories.Entries(UserDetailAt(user)->History);
            for (var i = 0; i < entries.Length; i++)
            {
                if ((entries[i].Flags & HistoryFlags.Unwanted) != 0) continue;
                TellVisit(feed, FeedKind.PastVisit, user, entries[..i], entries[i].Item, entries[i].TimeSeconds, Math.Min(2, (float)entries[i].Weight));
            }
        }
    }
}
