namespace LiveGrains.Core;

internal sealed unsafe partial class Recommender
{
    /// <summary>
    /// Names what <see cref="Save"/> writes: another number where the terms, the vectors or the layout are others, so that what was
    /// learned for one meaning is never taken for another. Counted up when the layout changes.
    /// </summary>
    public static ulong StateFormat { get; } = FormatOf(1);

    /// <summary>Writes what examples taught and no history can: the ranker and how well it predicts, and where the segments lie.</summary>
    public void Save(IStateSink sink)
    {
        _ranker.Save(sink);
        _learner.Save(sink);
        _segments.Save(sink);
    }

    /// <summary>Reads, before anything is learned, what <see cref="Save"/> wrote with the same <see cref="StateFormat"/>.</summary>
    public void Load(IStateSource source)
    {
        _ranker.Load(source);
        _learner.Load(source);
        _segments.Load(source);
        _segmentsKnowThePast = _segments.Count > 0;
    }

    private static ulong FormatOf(ulong layout)
    {
        var hash = new KeyHash(0x6D6F_6465_6C73_2031, 0xA24B_AED4_963E_E407);
        var format = KeyHash.Mix(layout + FeatureVector.Dimensions);
        foreach (var term in Enum.GetNames<RankingTerm>()) format = KeyHash.Mix(format ^ hash.Of(System.Text.Encoding.UTF8.GetBytes(term)));
        return format;
    }
}
