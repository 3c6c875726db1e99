using System.Buffers.Binary;
using LiveGrains.Core;

namespace LiveGrains.Engine.Ingest;

/// <summary>
/// One event while it is read, whatever its form: the members that were seen, checked one by one as they come and all
/// together at the end. Text is UTF-8. The spans point into the body or into the reader's scratch memory.
/// </summary>
internal ref struct EventDraft
{
    public const int MaxIdChars = 64;
    public const int MaxSourceChars = 128;
    public const int MaxKeyBytes = 64;
    public const int MaxTextChars = 2000;
    public const int MaxTitleChars = 200;
    public const int MaxChannelChars = 32;
    public const int MaxTags = 32;
    public const int MaxAttributes = 32;
    public const int MaxAttributeBytes = 4096;
    public const long MaxAmount = 1_000_000_000_000_000;
    public const long MaxDurationMs = 86_400_000;
    public const long MaxCount = 1_000_000;
    /// <summary>The last millisecond of the year 9999.</summary>
    public const long MaxTimeMs = 253_402_300_799_999;

    public EventType Type;
    public Members Members;
    public bool HasTime;
    public bool HasAmount;
    public bool HasDuration;
    public bool HasCount;
    public long TimeMs;
    public long Amount;
    public long DurationMs;
    public long Count;
    public long Seq;
    public long Price;
    public long Stock;
    public byte Status;
    public ReadOnlySpan<byte> Id, Source, User, Room, Product, Video, Channel, Currency, Text, Title, Host, Category;
    /// <summary>For each tag two length bytes and its bytes.</summary>
    public ReadOnlySpan<byte> Tags;
    /// <summary>For each attribute two length bytes and the bytes of its name, then of its value.</summary>
    public ReadOnlySpan<byte> Attributes;

    /// <summary>Sets a member whose value is a string.</summary>
    public ErrorCode SetText(EventField field, ReadOnlySpan<byte> value)
    {
        switch (field)
        {
            case EventField.Id:
                Id = value;
                Members |= Members.Id;
                return value.Length > 0 && IsPlain(value, MaxIdChars) ? ErrorCode.None : ErrorCode.InvalidId;
            case EventField.Source:
                Source = value;
                if (!value.IsEmpty) Members |= Members.Source;
                return IsPlain(value, MaxSourceChars) ? ErrorCode.None : ErrorCode.InvalidSource;
            case EventField.Type:
                Type = EventTypeNames.Parse(value);
                return Type == EventType.None ? ErrorCode.InvalidType : ErrorCode.None;
            case EventField.Time:
                HasTime = true;
                return Rfc3339.TryParse(value, out TimeMs) && TimeMs is >= 0 and <= MaxTimeMs ? ErrorCode.None : ErrorCode.InvalidTime;
            case EventField.User: return SetKey(ref User, value, Members.User);
            case EventField.Room: return SetKey(ref Room, value, Members.Room);
            case EventField.Product: return SetKey(ref Product, value, Members.Product);
            case EventField.Video: return SetKey(ref Video, value, Members.Video);
            case EventField.Currency:
                Currency = value;
                Members |= Members.Currency;
                return value.Length == 3 && !value.ContainsAnyExceptInRange((byte)'A', (byte)'Z') ? ErrorCode.None : ErrorCode.InvalidCurrency;
            case EventField.Channel:
                Channel = value;
                Members |= Members.Channel;
                return value.Length > 0 && IsPlain(value, MaxChannelChars) ? ErrorCode.None : ErrorCode.InvalidChannel;
            case EventField.Text:
                Text = value;
                Members |= Members.Text;
                return Fits(value, MaxTextChars) ? ErrorCode.None : ErrorCode.InvalidText;
            case EventField.Title: return SetTitle(ref Title, value, Members.Title);
            case EventField.Host: return SetTitle(ref Host, value, Members.Host);
            case EventField.Category: return SetTitle(ref Category, value, Members.Category);
            case EventField.Status:
                Members |= Members.Status;
                Status = CatalogStatus.Parse(value);
                return Status == CatalogStatus.None ? ErrorCode.InvalidStatus : ErrorCode.None;
            default:
                return WrongKind(field);
        }
    }

    /// <summary>Sets a member whose value is an integer; null is a number that is not one.</summary>
    public ErrorCode SetNumber(EventField field, long? number)
    {
        var value = number ?? -1;
        switch (field)
        {
            case EventField.Time:
                HasTime = true;
                TimeMs = value;
                return value is >= 0 and <= MaxTimeMs ? ErrorCode.None : ErrorCode.InvalidTime;
            case EventField.Seq:
                Seq = value;
                Members |= Members.Sequence;
                return value >= 1 ? ErrorCode.None : ErrorCode.InvalidSeq;
            case EventField.Count:
                HasCount = true;
                Count = value;
                return value is >= 1 and <= MaxCount ? ErrorCode.None : ErrorCode.InvalidCount;
            case EventField.Amount:
                HasAmount = true;
                Amount = value;
                return value is >= 0 and <= MaxAmount ? ErrorCode.None : ErrorCode.InvalidAmount;
            case EventField.Ms:
                HasDuration = true;
                DurationMs = value;
                return value is >= 0 and <= MaxDurationMs ? ErrorCode.None : ErrorCode.InvalidDuration;
            case EventField.Price:
                Members |= Members.Price;
                Price = value;
                return value is >= 0 and <= MaxAmount ? ErrorCode.None : ErrorCode.InvalidPrice;
            case EventField.Stock:
                Members |= Members.Stock;
                Stock = value;
                return value >= 0 ? ErrorCode.None : ErrorCode.InvalidStock;
            default:
                return WrongKind(field);
        }
    }

    /// <summary>What is wrong with the event as a whole, or none; <paramref name="missing"/> names a member that its type needs.</summary>
    public readonly ErrorCode Check(long latestTimeMs, out string? missing)
    {
        missing = null;
        if ((Members & Members.Id) == 0) missing = "id";
        else if (Type == EventType.None) missing = "type";
        else if (!HasTime) missing = "time";
        else missing = MissingOfType();
        if (missing != null) return ErrorCode.MissingField;
        return TimeMs > latestTimeMs ? ErrorCode.TimeInFuture : ErrorCode.None;
    }

    /// <summary>The code for a value of the wrong JSON type.</summary>
    public static ErrorCode WrongKind(EventField field) => field switch
    {
        EventField.Id => ErrorCode.InvalidId,
        EventField.Source => ErrorCode.InvalidSource,
        EventField.Seq => ErrorCode.InvalidSeq,
        EventField.Type => ErrorCode.InvalidType,
        EventField.Time => ErrorCode.InvalidTime,
        EventField.User or EventField.Room or EventField.Product or EventField.Video => ErrorCode.InvalidKey,
        EventField.Count => ErrorCode.InvalidCount,
        EventField.Amount => ErrorCode.InvalidAmount,
        EventField.Currency => ErrorCode.InvalidCurrency,
        EventField.Ms => ErrorCode.InvalidDuration,
        EventField.Text or EventField.Title or EventField.Host or EventField.Category => ErrorCode.InvalidText,
        EventField.Tags => ErrorCode.InvalidTags,
        EventField.Price => ErrorCode.InvalidPrice,
        EventField.Stock => ErrorCode.InvalidStock,
        EventField.Status => ErrorCode.InvalidStatus,
        EventField.Channel => ErrorCode.InvalidChannel,
        EventField.Attributes => ErrorCode.InvalidAttributes,
        _ => ErrorCode.UnknownField,
    };

    /// <summary>True when UTF-8 text has at most so many characters (code points).</summary>
    public static bool Fits(ReadOnlySpan<byte> text, int chars)
    {
        if (text.Length <= chars) return true;
        if (text.Length > chars * 4) return false;
        var count = 0;
        foreach (var b in text)
        {
            if ((b & 0xC0) != 0x80) count++;
        }

        return count <= chars;
    }

    private static bool IsPlain(ReadOnlySpan<byte> text, int chars) =>
        Fits(text, chars) && !text.ContainsAnyInRange((byte)0, (byte)31) && !text.Contains((byte)127);

    private static bool IsKey(ReadOnlySpan<byte> key) => key.Length is > 0 and <= MaxKeyBytes && !key.ContainsAnyExcept(KeyBytes);

    private static readonly System.Buffers.SearchValues<byte> KeyBytes =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-"u8);

    private ErrorCode SetKey(ref ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, Members member)
    {
        key = value;
        Members |= member;
        return IsKey(value) ? ErrorCode.None : ErrorCode.InvalidKey;
    }

    private ErrorCode SetTitle(ref ReadOnlySpan<byte> title, ReadOnlySpan<byte> value, Members member)
    {
        title = value;
        Members |= member;
        return Fits(value, MaxTitleChars) ? ErrorCode.None : ErrorCode.InvalidText;
    }

    private readonly string? MissingOfType()
    {
        bool room = (Members & Members.Room) != 0, user = (Members & Members.User) != 0;
        bool product = (Members & Members.Product) != 0, video = (Members & Members.Video) != 0;
        switch (Type)
        {
            case EventType.RoomStart or EventType.RoomUpdate or EventType.RoomEnd: return room ? null : "room";
            case EventType.ProductUpsert: return product ? null : "product";
            case EventType.VideoUpsert: return video ? null : "video";
        }

        if (!user) return "user";
        switch (Type)
        {
            case EventType.UserUpsert: return null;
            case EventType.Impression or EventType.Like or EventType.Comment or EventType.Share or EventType.Dislike or EventType.Report:
                return room || product || video ? null : "room, product or video";
            case EventType.Click: return product || video ? null : "product or video";
            case EventType.Play: return !video ? "video" : HasDuration ? null : "ms";
            case EventType.Enter or EventType.Heartbeat or EventType.Leave or EventType.Follow or EventType.Unfollow: return room ? null : "room";
            case EventType.Subscribe or EventType.Gift: return !room ? "room" : HasAmount ? null : "amount";
            case EventType.Cart: return product ? null : "product";
            default: return !product ? "product" : HasAmount ? null : "amount";
        }
    }
}
