namespace LiveGrains.Engine.Ingest;

/// <summary>The members of an event (SPEC 2).</summary>
internal enum EventField
{
    Unknown, Id, Source, Seq, Type, Time, Room, User, Product, Video, Count, Amount, Currency, Ms, Text, Title, Host, Category,
    Tags, Price, Stock, Status, Channel, Attributes,
}

/// <summary>Names of members.</summary>
internal static class EventFields
{
    /// <summary>The member of a name.</summary>
    public static EventField Parse(ReadOnlySpan<byte> name)
    {
        switch (name.Length)
        {
            case 2: return name.SequenceEqual("id"u8) ? EventField.Id : name.SequenceEqual("ms"u8) ? EventField.Ms : EventField.Unknown;
            case 3: return name.SequenceEqual("seq"u8) ? EventField.Seq : EventField.Unknown;
            case 4:
                if (name.SequenceEqual("type"u8)) return EventField.Type;
                if (name.SequenceEqual("time"u8)) return EventField.Time;
                if (name.SequenceEqual("room"u8)) return EventField.Room;
                if (name.SequenceEqual("user"u8)) return EventField.User;
                if (name.SequenceEqual("text"u8)) return EventField.Text;
                if (name.SequenceEqual("host"u8)) return EventField.Host;
                return name.SequenceEqual("tags"u8) ? EventField.Tags : EventField.Unknown;
            case 5:
                if (name.SequenceEqual("count"u8)) return EventField.Count;
                if (name.SequenceEqual("video"u8)) return EventField.Video;
                if (name.SequenceEqual("title"u8)) return EventField.Title;
                if (name.SequenceEqual("price"u8)) return EventField.Price;
                if (name.SequenceEqual("stock"u8)) return EventField.Stock;
                return name.SequenceEqual("attrs"u8) ? EventField.Attributes : EventField.Unknown;
            case 6:
                if (name.SequenceEqual("source"u8)) return EventField.Source;
                if (name.SequenceEqual("amount"u8)) return EventField.Amount;
                return name.SequenceEqual("status"u8) ? EventField.Status : EventField.Unknown;
            case 7:
                return name.SequenceEqual("product"u8) ? EventField.Product : name.SequenceEqual("channel"u8) ? EventField.Channel : EventField.Unknown;
            case 8:
                return name.SequenceEqual("currency"u8) ? EventField.Currency : name.SequenceEqual("category"u8) ? EventField.Category : EventField.Unknown;
            default: return EventField.Unknown;
        }
    }
}

/// <summary>Names of event types.</summary>
internal static class EventTypeNames
{
    // Types by length of name, so that few are compared.
    private static readonly (byte[] Name, EventType Type)[][] ByLength = Build();

    /// <summary>The type of a name, or none.</summary>
    public static EventType Parse(ReadOnlySpan<byte> name)
    {
        if (name.Length >= ByLength.Length) return EventType.None;
        foreach (var (known, type) in ByLength[name.Length])
        {
            if (name.SequenceEqual(known)) return type;
        }

        return EventType.None;
    }

    private static (byte[], EventType)[][] Build()
    {
        var names = Enum.GetValues<EventType>().Where(t => t != EventType.None)
            .Select(t => (Name: System.Text.Encoding.ASCII.GetBytes(t.Name()), Type: t)).ToList();
        return Enumerable.Range(0, names.Max(n => n.Name.Length) + 1)
            .Select(length => names.Where(n => n.Name.Length == length).ToArray()).ToArray();
    }
}
