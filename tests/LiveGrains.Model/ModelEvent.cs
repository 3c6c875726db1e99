namespace LiveGrains.Model;

/// <summary>One valid event, as read.</summary>
internal sealed class ModelEvent
{
    public string Id = "";
    public string Source = "";
    public long? Seq;
    public string Type = "";
    public long Time;
    public string? Room;
    public string? User;
    public string? Product;
    public string? Video;
    public long Count = 1;
    public long? Amount;
    public string? Currency;
    public long? Ms;
    public string? Title;
    public string? Host;
    public string? Category;
    public List<string>? Tags;
    public long? Price;
    public long? Stock;
    public string? Status;
    public string? Channel;
    public Dictionary<string, string>? Attrs;

    /// <summary>Describes a room, product or video; counts in no metric.</summary>
    public bool IsCatalog => Type is "room.start" or "room.update" or "room.end" or "product.upsert" or "video.upsert";
}
