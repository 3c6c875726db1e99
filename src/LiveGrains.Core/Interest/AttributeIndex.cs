using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>An item that has a token.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct Posting
{
    public uint Item;
    /// <summary>1 + ln of how often the item has the token.</summary>
    public float Frequency;
}

/// <summary>
/// Which items have which tokens (tags, category), for the cosine of TF-IDF vectors. A token that more than
/// <see cref="MostItemsOfToken"/> items have tells too little of any of them: it counts for nothing, so that a query costs the
/// same on a large catalog. Lengths of vectors follow the changing IDF in rounds, a few items at each change. One thread.
/// </summary>
internal sealed unsafe class AttributeIndex
{
    /// <summary>Most items of a token that counts.</summary>
    public const int MostItemsOfToken = 512;

    /// <summary>Most different tokens of an item; further ones are ignored.</summary>
    public const int MostTokensOfItem = 64;

    private const int Classes = 8;
    private const int FewestPostings = 4;
    private const int ClassShift = 28;
    private const uint RowMask = (1u << ClassShift) - 1;
    private const int LengthsPerChange = 4;

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private struct ItemAttributes
    {
        /// <summary>A blob of (token, times) pairs, sorted by token; 0: none.</summary>
        public uint Tokens;
        public float InverseLength;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private struct Token
    {
        /// <summary>Size class and row of its postings.</summary>
        public uint Postings;
        public int Listed;
        /// <summary>Items that have it, listed or not.</summary>
        public int Items;
    }

    private readonly Pool[] _items = new Pool[InterestItem.Kinds];
    private readonly Pool _tokens;
    private readonly BlobArena _blobs;
    private readonly Pool[] _postings = new Pool[Classes];
    private uint _described;
    private uint _cursor;

    /// <summary>Makes an empty index.</summary>
    public AttributeIndex(NativeArena arena)
    {
        for (var i = 0; i < InterestItem.Kinds; i++) _items[i] = new Pool(arena, sizeof(ItemAttributes), 12);
        for (var i = 0; i < Classes; i++) _postings[i] = new Pool(arena, sizeof(Posting) * FewestPostings << i, Math.Max(3, 11 - i));
        _tokens = new Pool(arena, sizeof(Token), 12);
        _blobs = new BlobArena(arena);
    }

    /// <summary>Bytes of memory.</summary>
    public long Bytes => _items.Sum(p => p.Bytes) + _tokens.Bytes + _blobs.Bytes + _postings.Sum(p => p.Bytes);

    /// <summary>The highest number of a token.</summary>
    public uint HighestToken => _tokens.High;

    /// <summary>Says what an item's tokens are, in place of what was said before.</summary>
    /// <param name="item">As <see cref="InterestItem"/> numbers it.</param>
    /// <param name="tokens">Numbers from 1, dense; one that comes several times counts by the logarithm of how often.</param>
    public void Set(uint item, ReadOnlySpan<uint> tokens)
    {
        var row = Attributes(item);
        foreach (ref readonly var pair in Pairs(row->Tokens)) Unlist(pair.Token, item);
        Span<TokenTimes> pairs = stackalloc TokenTimes[MostTokensOfItem];
        pairs = pairs[..Distinct(tokens, pairs)];
        var was = row->Tokens != 0;
        if (was) _blobs.Free(row->Tokens);
        row->Tokens = pairs.Length == 0 ? 0 : _blobs.Add(MemoryMarshal.AsBytes(pairs));
        if (was != (row->Tokens != 0)) _described = was ? _described - 1 : _described + 1;
        foreach (ref readonly var pair in pairs) List(pair, item);
        Measure(row);
        MeasureOthers(InterestItem.Kind(item));
    }

    /// <summary>What it says of an item that it has a token: log₂(1 + items ÷ items with the token); 0 when too many have it.</summary>
    public float Weight(uint token)
    {
        var items = TokenRow(token)->Items;
        return items is 0 or > MostItemsOfToken ? 0 : (float)(PortableMath.Log(1 + (double)_described / items) / PortableMath.Ln2);
    }

    /// <summary>Items with a token that counts.</summary>
    public ReadOnlySpan<Posting> Items(uint token)
    {
        var row = TokenRow(token);
        return row->Items > MostItemsOfToken || row->Listed == 0 ? default : new ReadOnlySpan<Posting>(PostingsOf(row), row->Listed);
    }

    /// <summary>An item's different tokens and how often it has them.</summary>
    public ReadOnlySpan<TokenTimes> Tokens(uint item)
    {
        var row = Known(item);
        return row == null ? default : Pairs(row->Tokens);
    }

    /// <summary>1 ÷ the length of an item's vector; 0 when it has none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float InverseLength(uint item)
    {
        var row = Known(item);
        return row == null ? 0 : row->InverseLength;
    }

    /// <summary>1 ÷ the lengths of some items' vectors, as <see cref="InverseLength"/> gives them.</summary>
    public void CopyInverseLengths(ReadOnlySpan<uint> items, Span<float> into)
    {
        for (var i = 0; i < items.Length; i++) into[i] = InverseLength(items[i]);
    }

    /// <summary>What it counts to have a token several times.</summary>
    public static float Frequency(uint times) => times == 1 ? 1 : (float)(1 + PortableMath.Log(times));

    public void Save(IStateSink sink)
    {
        sink.Put(_described);
        sink.Put(_cursor);
        foreach (var pool in _items) pool.Save(sink);
        _tokens.Save(sink);
        _blobs.Save(sink);
        foreach (var pool in _postings) pool.Save(sink);
    }

    public void Load(IStateSource source)
    {
        _described = source.Take<uint>();
        _cursor = source.Take<uint>();
        foreach (var pool in _items) pool.Load(source);
        _tokens.Load(source);
        _blobs.Load(source);
        foreach (var pool in _postings) pool.Load(source);
    }

    private static int Distinct(ReadOnlySpan<uint> tokens, Span<TokenTimes> pairs)
    {
        var count = 0;
        foreach (var token in tokens)
        {
            var place = 0;
            while (place < count && pairs[place].Token < token) place++;
            if (place < count && pairs[place].Token == token)
            {
                pairs[place].Times++;
                continue;
            }

            if (count == pairs.Length) continue;
            pairs[place..count].CopyTo(pairs[(place + 1)..]);
            pairs[place] = new TokenTimes { Token = token, Times = 1 };
            count++;
        }

        return count;
    }

    private void List(in TokenTimes pair, uint item)
    {
        while (_tokens.High < pair.Token) _tokens.Allocate();
        var row = TokenRow(pair.Token);
        row->Items++;
        if (row->Listed == MostItemsOfToken) return;
        if (row->Postings == 0 || row->Listed == FewestPostings << (int)(row->Postings >> ClassShift)) Grow(row);
        PostingsOf(row)[row->Listed++] = new Posting { Item = item, Frequency = Frequency(pair.Times) };
    }

    private void Unlist(uint token, uint item)
    {
        var row = TokenRow(token);
        row->Items--;
        var postings = PostingsOf(row);
        for (var i = 0; i < row->Listed; i++)
        {
            if (postings[i].Item != item) continue;
            postings[i] = postings[--row->Listed];
            return;
        }
    }

    private void Grow(Token* row)
    {
        var size = row->Postings == 0 ? 0 : (int)(row->Postings >> ClassShift) + 1;
        var grown = (uint)size << ClassShift | _postings[size].Allocate();
        if (row->Postings != 0)
        {
            new ReadOnlySpan<Posting>(PostingsOf(row), row->Listed).CopyTo(new Span<Posting>(_postings[size][grown & RowMask], row->Listed));
            _postings[size - 1].Free(row->Postings & RowMask);
        }

        row->Postings = grown;
    }

    private void Measure(ItemAttributes* row)
    {
        float square = 0;
        foreach (ref readonly var pair in Pairs(row->Tokens))
        {
            var weight = Frequency(pair.Times) * Weight(pair.Token);
            square += weight * weight;
        }

        row->InverseLength = square > 0 ? 1 / MathF.Sqrt(square) : 0;
    }

    private void MeasureOthers(InterestKind kind)
    {
        var items = _items[(int)kind];
        for (var i = 0; i < LengthsPerChange; i++)
        {
            _cursor = _cursor >= items.High ? 1 : _cursor + 1;
            Measure((ItemAttributes*)items[_cursor]);
        }
    }

    private ReadOnlySpan<TokenTimes> Pairs(uint blob) => MemoryMarshal.Cast<byte, TokenTimes>(_blobs[blob]);

    private Posting* PostingsOf(Token* row) => (Posting*)_postings[row->Postings >> ClassShift][row->Postings & RowMask];

    private Token* TokenRow(uint token) => (Token*)_tokens[token];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ItemAttributes* Known(uint item)
    {
        var items = _items[(int)InterestItem.Kind(item)];
        return InterestItem.Row(item) <= items.High ? (ItemAttributes*)items[InterestItem.Row(item)] : null;
    }

    private ItemAttributes* Attributes(uint item)
    {
        var items = _items[(int)InterestItem.Kind(item)];
        while (items.High < InterestItem.Row(item)) items.Allocate();
        return (ItemAttributes*)items[InterestItem.Row(item)];
    }
}

/// <summary>A token and how often an item has it.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct TokenTimes
{
    public uint Token;
    public uint Times;
}
