namespace LiveGrains.Model;

/// <summary>A product or a video, over all rooms.</summary>
internal sealed class Item(string id, bool isVideo)
{
    public string Id { get; } = id;
    public bool IsVideo { get; } = isVideo;
    public string? Title { get; private set; }
    public string? Host { get; private set; }
    public string? Category { get; private set; }
    public List<string> Tags { get; private set; } = [];
    public long? Price { get; private set; }
    public long? Stock { get; private set; }
    public string? Status { get; private set; }
    public long Late { get; private set; }
    public Tally Tally { get; } = new();

    /// <summary>Its part in each room, over all broadcasts.</summary>
    public Dictionary<string, Tally> Rooms { get; } = new(StringComparer.Ordinal);

    /// <summary>A catalog event changes the members that it carries.</summary>
    public void Update(ModelEvent e)
    {
        Title = e.Title ?? Title;
        Host = e.Host ?? Host;
        Category = e.Category ?? Category;
        Tags = e.Tags ?? Tags;
        Price = e.Price ?? Price;
        Stock = e.Stock ?? Stock;
        Status = e.Status ?? Status ?? "on";
    }

    /// <summary>Counts an event that names the item; <paramref name="bucket"/> is null for a late one.</summary>
    public void Apply(ModelEvent e, long? bucket, string currency)
    {
        if (bucket == null)
            Late++;
        if (!CountsFor(e))
            return;
        var metric = Metrics.Of[e.Type];
        Metrics.Count(Tally, metric, metric, e, bucket, currency);
        if (e.Type == "play")
            Tally.Add("watchMs", e.Ms!.Value, bucket);

        if (e.Room == null)
            return;
        if (!Rooms.TryGetValue(e.Room, out var part))
            Rooms.Add(e.Room, part = new Tally());
        Metrics.Count(part, metric, metric, e, null, currency);
    }

    /// <summary>The purchase funnel from the cart on is of products, a play is of a video; the rest is of both.</summary>
    public bool CountsFor(ModelEvent e) => e.Type switch
    {
        "impression" or "click" => true,
        "play" => IsVideo,
        "cart" or "order" or "pay" or "refund" => !IsVideo,
        _ => Metrics.Of.TryGetValue(e.Type, out var metric) && Metrics.OfBoth.Contains(metric),
    };
}
