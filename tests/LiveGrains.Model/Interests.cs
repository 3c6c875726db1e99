namespace LiveGrains.Model;

/// <summary>What a user touched and how much of it is left, as docs/semantics.md says under "Interest".</summary>
internal sealed class Interests
{
    private const int Kept = 512;
    private const double UnwantedVisits = -2;
    private const double HalfLifeSeconds = 14 * 24 * 3600;
    private const double Heaviest = 60_000;

    /// <summary>By item; the number says which was touched last.</summary>
    private readonly Dictionary<(string Kind, string Id), Touched> _items = [];
    private long _touches;

    /// <summary>Items that are remembered.</summary>
    public int Count => _items.Count;

    /// <summary>What is remembered, with its weight at a moment.</summary>
    public IEnumerable<(string Kind, string Id, double Weight)> At(long clockMs) =>
        _items.Select(item => (item.Key.Kind, item.Key.Id, (item.Value.IsUnwanted ? UnwantedVisits : item.Value.Weight) * Left(item.Value.Second, Second(clockMs))));

    /// <summary>Takes an event of the user that is not a catalog event.</summary>
    public void Apply(ModelEvent e)
    {
        var isUnwanted = e.Type is "dislike" or "report";
        var strength = Strength(e);
        if (strength == 0 && !isUnwanted)
            return;
        var item = e.Product != null ? ("product", e.Product) : e.Video != null ? ("video", e.Video) : ("room", e.Room!);
        var second = Second(e.Time);
        if (!_items.TryGetValue(item, out var touched))
        {
            if (_items.Count == Kept)
                Forget();
            _items.Add(item, touched = new Touched { Second = second });
        }

        var later = Math.Max(second, touched.Second);
        touched.Weight = Math.Min(Heaviest, touched.Weight * Left(touched.Second, later) + strength * Left(second, later));
        touched.Second = later;
        touched.IsUnwanted |= isUnwanted;
        touched.Order = ++_touches;
    }

    private void Forget()
    {
        var wanted = _items.Where(item => !item.Value.IsUnwanted).ToList();
        _items.Remove((wanted.Count > 0 ? wanted : [.. _items]).MinBy(item => item.Value.Order).Key);
    }

    private static double Strength(ModelEvent e)
    {
        switch (e.Type)
        {
            case "enter" or "click":
                return 1;
            case "play":
                return Math.Min(3, 0.25 + 0.25 * Doublings(e.Ms!.Value / 1000 + 1));
            case "like":
                return 1 + 0.25 * Math.Min(4, Doublings(e.Count));
            case "comment":
                return 1.5;
            case "cart":
                return 2;
            case "share":
                return 2.5;
            case "follow" or "order":
                return 3;
            case "subscribe" or "gift" or "pay":
                return Math.Min(6, 3 + 0.25 * Doublings(e.Amount!.Value / 100 + 1));
            default:
                return 0;
        }
    }

    /// <summary>How often 1 can be doubled without exceeding a number.</summary>
    private static int Doublings(long number)
    {
        var doublings = 0;
        for (; number > 1; number /= 2)
            doublings++;
        return doublings;
    }

    private static double Left(long from, long to) => to <= from ? 1 : Math.Pow(0.5, (to - from) / HalfLifeSeconds);

    private static long Second(long ms) => Math.Min(ms / 1000, uint.MaxValue);

    private sealed class Touched
    {
        public double Weight;
        public long Second;
        public bool IsUnwanted;
        public long Order;
    }
}
