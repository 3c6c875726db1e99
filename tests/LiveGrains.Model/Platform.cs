namespace LiveGrains.Model;

/// <summary>Totals of the whole platform since its first event, over all broadcasts.</summary>
internal sealed class Platform(string currency)
{
    public Tally Tally { get; } = new();
    public long Events { get; private set; }
    public long Duplicates { get; set; }
    public long Late { get; private set; }

    public void Apply(ModelEvent e, bool late, SignalEffect effect)
    {
        Events++;
        if (late)
            Late++;
        if (effect.Opened)
            Tally.Add("views", 1, null);
        Tally.Add("watchMs", effect.WatchedMs, null);
        if (e.IsCatalog || !Metrics.Of.TryGetValue(e.Type, out var kind))
            return;
        var ofCard = e.Product != null || e.Video != null;
        var inFunnel = Metrics.Funnel.Contains(kind) && (e.Type != "impression" || ofCard);
        Metrics.Count(Tally, inFunnel ? "products." + kind : kind, kind, e, null, currency);
    }
}
