namespace LiveGrains.Core;

/// <summary>What is asked of the recommender.</summary>
internal sealed class RecommendationRequest
{
    /// <summary>The kinds that may be in the list; null: all.</summary>
    public InterestKind? Kind { get; init; }
    /// <summary>Items wanted, 1 to 50.</summary>
    public required int Limit { get; init; }
    /// <summary>Only these items (the products of a room); null: any.</summary>
    public HashSet<uint>? Only { get; init; }
    /// <summary>Leave out what the user paid for.</summary>
    public bool WithoutBought { get; init; } = true;
    /// <summary>Leave out what the user touched within the last half hour.</summary>
    public bool WithoutSeen { get; init; }
    /// <summary>Leave out everything in the user's history: what is new to them.</summary>
    public bool OnlyNew { get; init; }
    /// <summary>At most one room of a host.</summary>
    public bool HostOnce { get; init; } = true;
    /// <summary>λ of the diversity, 0 to 1; 1: by score alone.</summary>
    public float Lambda { get; init; } = Diversity.DefaultLambda;

    /// <summary>Slots are given away by a policy of traffic: see <see cref="Recommender.TakePrices"/>.</summary>
    public bool IsPriced { get; set; }

    /// <summary>Hash of the user, where a ledger elsewhere counts slots; 0: it is here.</summary>
    public ulong CountedAs { get; init; }

    /// <summary>The same, of these items only.</summary>
    public RecommendationRequest Within(HashSet<uint> only) =>
        new() { Kind = Kind, Limit = Limit, Only = only, WithoutBought = WithoutBought, WithoutSeen = WithoutSeen, OnlyNew = OnlyNew, HostOnce = HostOnce, Lambda = Lambda, IsPriced = IsPriced, CountedAs = CountedAs };
}

/// <summary>One item of a list.</summary>
internal struct RecommendedItem
{
    public uint Item;
    public float Score;
    public float Probability;
    public CandidateSource Sources;
    /// <summary>Its place by score alone, from 1.</summary>
    public int PlaceByScore;
    /// <summary>How it came about under a policy of traffic.</summary>
    public SlotReason Traffic;
    /// <summary>By <see cref="RankingTerm"/>.</summary>
    public ArraySegment<float> Terms;
    /// <summary>Probabilities by <see cref="Objective"/>.</summary>
    public ArraySegment<float> Objectives;
}

/// <summary>A list and how it came about; its memory is used again for another question. 7 KB.</summary>
internal sealed class RecommendedList
{
    private const int Values = Recommender.Terms + FtrlProximal.Objectives;

    private readonly RecommendedItem[] _items = new RecommendedItem[Recommender.MaxItems];
    private int _count;

    /// <summary>Makes an empty list.</summary>
    public RecommendedList()
    {
        var values = new float[Recommender.MaxItems * Values];
        for (var i = 0; i < _items.Length; i++)
        {
            _items[i].Terms = new ArraySegment<float>(values, i * Values, Recommender.Terms);
            _items[i].Objectives = new ArraySegment<float>(values, i * Values + Recommender.Terms, FtrlProximal.Objectives);
        }
    }

    /// <summary>Best first.</summary>
    public ArraySegment<RecommendedItem> Items => new(_items, 0, _count);
    /// <summary>Candidates that were ranked.</summary>
    public int Candidates { get; private set; }
    /// <summary>Mean of 1 − cosine over the pairs of the list.</summary>
    public double Diversity { get; private set; }

    /// <summary>Makes the list another question's, without items.</summary>
    public void Clear(int candidates, double diversity) => (_count, Candidates, Diversity) = (0, candidates, diversity);

    /// <summary>The next item, to be filled; at most <see cref="Recommender.MaxItems"/>.</summary>
    public ref RecommendedItem Add() => ref _items[_count++];
}
