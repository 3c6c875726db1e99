using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LiveGrains.Core;

/// <summary>
/// The feature vectors of items: 64 floats of length 1, whose dot product is the similarity of two items. Signed feature
/// hashing (Weinberger et al., ICML 2009) taken to its end: a token adds its weight to every dimension, with a sign for each
/// out of its hash. One dimension a token would let two categories in forty share theirs almost surely, and then they would be the
/// same category; with all 64 the product of two different tokens is binomial around 0 with deviation 1/8 (Achlioptas,
/// PODS 2001), the same variance without its worst case. The components are nearly normal, which also suits quantisation.
/// <para>
/// A token weighs (weight of its field) × <see cref="Idf.Weight"/> ÷ √(tokens of the field in the item), so that neither a long
/// title nor a heap of tags drowns the rest. Common values have low IDF, and so the field weights are higher where values are few:
/// in a catalogue of 100,000 items, parts of about 1 (category), 0.8 (tags), 0.6 (host), 0.5 (title), 0.3 (words inside
/// category and tags) and 0.1 (price) come out, before normalisation. The category leads, because it is the one statement
/// about what the item is that sellers cannot leave out; tags refine it; a host keeps viewers; titles are half advertisement;
/// a price says little alone.
/// </para>
/// <para>
/// Vectors drift as frequencies change; the tokens are kept, so that any vector can be computed again. One thread.
/// </para>
/// </summary>
internal sealed unsafe class ItemFeatures
{
    private static ReadOnlySpan<float> FieldWeights => [3f, 1.6f, 0.6f, 0.9f, 0.5f, 0.4f];

    private readonly BlobArena _blobs;

    /// <summary>Makes the features of no items. The lists of tokens go into <paramref name="blobs"/>, which the caller saves.</summary>
    public ItemFeatures(NativeArena arena, BlobArena blobs)
    {
        _blobs = blobs;
        Frequencies = new Idf(arena);
    }

    /// <summary>How common tokens are.</summary>
    public Idf Frequencies { get; }

    /// <summary>
    /// Takes an item's text. Returns the blob of its tokens, which the caller keeps with the item.
    /// </summary>
    /// <param name="stored">The blob returned for the item before; 0: the item is new.</param>
    /// <param name="item">The text, all of it: members that did not change too.</param>
    [SkipLocalsInit]
    public uint Describe(uint stored, in ItemText item)
    {
        Span<byte> list = stackalloc byte[TokenList.MaxBytes + 1];
        // The byte in front makes a list without tokens a blob too: 0 stays "not described".
        list[0] = 0;
        var used = Tokens.Write(item, list[1..]) + 1;
        if (stored == 0) Frequencies.Add(new TokenList(list[1..used]));
        else Frequencies.Replace(TokensOf(stored), new TokenList(list[1..used]));
        return _blobs.Replace(stored, list[..used]);
    }

    /// <summary>Forgets an item; its blob is free afterwards.</summary>
    public void Remove(uint stored)
    {
        if (stored == 0) return;
        Frequencies.Remove(TokensOf(stored));
        _blobs.Free(stored);
    }

    /// <summary>The tokens in a blob.</summary>
    public TokenList TokensOf(uint stored) => stored == 0 ? default : new TokenList(_blobs[stored][1..]);

    /// <summary>Computes the vector of a described item.</summary>
    public void Vector(uint stored, Span<float> vector) => Vector(TokensOf(stored), vector);

    /// <summary>Computes the vector of tokens: length 1, or all zeros when there are none. About 40 ns a token.</summary>
    public void Vector(TokenList tokens, Span<float> vector)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(vector.Length, FeatureVector.Dimensions, nameof(vector));
        Span<int> counts = stackalloc int[FieldWeights.Length];
        Span<float> weights = stackalloc float[FieldWeights.Length];
        counts.Clear();
        for (var i = 0; i < tokens.Count; i++) counts[(int)tokens[i].Field]++;
        for (var f = 0; f < weights.Length; f++) weights[f] = FieldWeights[f] / MathF.Sqrt(Math.Max(1, counts[f]));
        vector.Clear();
        fixed (float* v = vector)
        {
            for (var i = 0; i < tokens.Count; i++)
            {
                var (hash, field) = tokens[i];
                AddSigned(v, KeyHash.Mix(hash * 0x9E37_79B9_7F4A_7C15), weights[(int)field] * Frequencies.Weight(hash));
            }
        }

        FeatureVector.Normalise(vector);
    }

    // Adds the weight to each dimension, or takes it away where the bit of the dimension is set.
    private static void AddSigned(float* vector, ulong signs, float weight)
    {
        var lanes = Vector256.Create(1u, 2, 4, 8, 16, 32, 64, 128);
        var negative = Vector256.Create(0x8000_0000u);
        var plus = Vector256.Create(weight).AsUInt32();
        for (var i = 0; i < FeatureVector.Dimensions; i += 8)
        {
            var set = Vector256.Equals(Vector256.Create((uint)(signs >> i) & 0xFF) & lanes, lanes);
            var signed = (plus ^ (set & negative)).AsSingle();
            (Vector256.Load(vector + i) + signed).Store(vector + i);
        }
    }
}
