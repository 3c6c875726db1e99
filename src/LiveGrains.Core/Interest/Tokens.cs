using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace LiveGrains.Core;

/// <summary>
/// Finds the tokens of an item's text. Category, tags and host count as a whole; titles, and the insides of categories and
/// tags, count by words where a script has words (letters and digits, case-folded, full-width forms as ordinary ones) and by
/// pairs of neighbouring characters where it has none (Chinese, Japanese, Korean; a lone character by itself). So the tag
/// 耳机 is the same token as these two characters in a title. Bytes that are no UTF-8 separate words, nothing worse.
/// Allocates nothing; any thread.
/// </summary>
internal static class Tokens
{
    private const int MaxWordBytes = 64;
    private const int MaxWholeBytes = 256;

    // Fixed keys: tokens are stored, and compared between data directories. Hosts and prices have names of their own.
    private static readonly KeyHash TextHash = new(0x4C69_7665_4772_6169, 0x9E37_79B9_7F4A_7C15);
    private static readonly KeyHash HostHash = new(0x686F_7374_2D6E_616D, 0xC2B2_AE3D_27D4_EB4F);
    private static readonly KeyHash PriceHash = new(0x7072_6963_652D_6261, 0x1656_67B1_9E37_79F9);

    /// <summary>
    /// Writes the tokens of an item, at most <see cref="TokenList.MaxTokens"/>, as a <see cref="TokenList"/> and returns its
    /// length in bytes. When there are more, the ones of the lighter fields are left out.
    /// </summary>
    /// <param name="item">The item.</param>
    /// <param name="list">Room for <see cref="TokenList.MaxBytes"/>.</param>
    public static int Write(in ItemText item, Span<byte> list)
    {
        var found = new Found(stackalloc ulong[TokenList.MaxTokens]);
        Whole(item.Category, TokenField.Category, TextHash, ref found);
        foreach (var tag in new TagReader(item.Tags)) Whole(tag, TokenField.Tag, TextHash, ref found);
        Whole(item.Host, TokenField.Host, HostHash, ref found);
        if (item.Price > 0) Price(item.Price, ref found);
        Parts(item.Title, TokenField.Title, ref found);
        Parts(item.Category, TokenField.Part, ref found);
        foreach (var tag in new TagReader(item.Tags)) Parts(tag, TokenField.Part, ref found);
        return found.WriteSorted(list);
    }

    private static void Whole(ReadOnlySpan<byte> text, TokenField field, in KeyHash hash, ref Found found)
    {
        Span<byte> folded = stackalloc byte[MaxWholeBytes + 8];
        var used = 0;
        var gap = false;
        while (!text.IsEmpty && used < MaxWholeBytes)
        {
            var kind = Next(ref text, out var rune);
            if (kind == Kind.Separator)
            {
                gap = used > 0;
                continue;
            }

            if (gap) folded[used++] = (byte)' ';
            gap = false;
            used += rune.EncodeToUtf8(folded[used..]);
        }

        if (used > 0) found.Add(hash.Of(folded[..used]), field);
    }

    private static void Parts(ReadOnlySpan<byte> text, TokenField field, ref Found found)
    {
        Span<byte> word = stackalloc byte[MaxWordBytes + 8];
        Span<byte> pair = stackalloc byte[16];
        var wordBytes = 0;
        var run = 0;
        var before = 0;
        while (true)
        {
            var rune = default(Rune);
            var kind = text.IsEmpty ? Kind.Separator : Next(ref text, out rune);
            if (kind != Kind.Letter && wordBytes > 0)
            {
                found.Add(TextHash.Of(word[..wordBytes]), field);
                wordBytes = 0;
            }

            if (kind == Kind.Ideograph)
            {
                // The pair's first character lies in front; it is the next pair's second.
                var bytes = rune.EncodeToUtf8(pair[before..]);
                if (run > 0) found.Add(TextHash.Of(pair[..(before + bytes)]), field);
                pair.Slice(before, bytes).CopyTo(pair);
                before = bytes;
                run++;
                continue;
            }

            if (run == 1) found.Add(TextHash.Of(pair[..before]), field);
            run = before = 0;
            if (kind == Kind.Letter && wordBytes < MaxWordBytes) wordBytes += rune.EncodeToUtf8(word[wordBytes..]);
            if (text.IsEmpty && kind == Kind.Separator) return;
        }
    }

    // Two grids of one octave, half an octave apart: prices within half an octave share both bands, neighbours one.
    private static void Price(long price, ref Found found)
    {
        var halves = 2 * BitOperations.Log2((ulong)price) + (UInt128.CreateChecked(price) * (ulong)price >= UInt128.One << (2 * BitOperations.Log2((ulong)price) + 1) ? 1 : 0);
        Span<byte> band = stackalloc byte[2];
        band[0] = 0;
        band[1] = (byte)(halves / 2);
        found.Add(PriceHash.Of(band), TokenField.Price);
        band[0] = 1;
        band[1] = (byte)((halves + 1) / 2);
        found.Add(PriceHash.Of(band), TokenField.Price);
    }

    /// <summary>Takes the next character off a text: its kind, and the character as tokens have it.</summary>
    internal static Kind Next(ref ReadOnlySpan<byte> text, out Rune rune)
    {
        var status = Rune.DecodeFromUtf8(text, out rune, out var bytes);
        text = text[bytes..];
        if (status != System.Buffers.OperationStatus.Done) return Kind.Separator;
        var value = rune.Value;
        if (value < 0x80)
        {
            if ((uint)(value - 'A') <= 'Z' - 'A') rune = new Rune(value + 32);
            return (uint)((value | 32) - 'a') <= 'z' - 'a' || (uint)(value - '0') <= 9 ? Kind.Letter : Kind.Separator;
        }

        // Full-width forms of ASCII.
        if (value is >= 0xFF01 and <= 0xFF5E)
        {
            rune = new Rune(value - 0xFEE0);
            return Next(rune, out rune);
        }

        if (IsIdeograph(value)) return Kind.Ideograph;
        if (!Rune.IsLetterOrDigit(rune) && Rune.GetUnicodeCategory(rune) is not (System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark))
            return Kind.Separator;
        rune = Rune.ToLowerInvariant(rune);
        return Kind.Letter;
    }

    private static Kind Next(Rune ascii, out Rune rune)
    {
        Span<byte> one = [(byte)ascii.Value];
        ReadOnlySpan<byte> text = one;
        return Next(ref text, out rune);
    }

    // Han with its extensions and compatibility forms, kana, Hangul syllables.
    private static bool IsIdeograph(int value) =>
        value is (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0x3041 and <= 0x30FF and not 0x30FB and not 0x30A0)
            or (>= 0xAC00 and <= 0xD7A3) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF) or 0x3005 or 0x3007;

    /// <summary>What a character is to a token.</summary>
    internal enum Kind
    {
        /// <summary>Part of none.</summary>
        Separator,
        /// <summary>Part of a word between separators.</summary>
        Letter,
        /// <summary>Of a script without spaces.</summary>
        Ideograph,
    }

    private ref struct Found(Span<ulong> places)
    {
        private readonly Span<ulong> _places = places;
        private int _count;

        public void Add(ulong hash, TokenField field)
        {
            if (_count < _places.Length) _places[_count++] = (hash >> 32 << 8) | (byte)field;
        }

        public readonly int WriteSorted(Span<byte> list)
        {
            var sorted = _places[.._count];
            sorted.Sort();
            var used = 0;
            for (var i = 0; i < sorted.Length; i++)
            {
                // Of equal hashes the heaviest field comes first.
                if (i > 0 && sorted[i] >> 8 == sorted[i - 1] >> 8) continue;
                BinaryPrimitives.WriteUInt32LittleEndian(list[used..], (uint)(sorted[i] >> 8));
                list[used + 4] = (byte)sorted[i];
                used += TokenList.TokenBytes;
            }

            return used;
        }
    }

    private ref struct TagReader(ReadOnlySpan<byte> tags)
    {
        private ReadOnlySpan<byte> _left = tags;

        public ReadOnlySpan<byte> Current { get; private set; }

        public readonly TagReader GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_left.Length < 2) return false;
            var length = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(_left), _left.Length - 2);
            Current = _left.Slice(2, length);
            _left = _left[(2 + length)..];
            return true;
        }
    }
}
