using System.Numerics;

namespace LiveGrains.Core.Tests;

/// <summary>Hashes and checksums.</summary>
public sealed class HashTests
{
    [Fact]
    public void Unmix_is_the_inverse_of_mix()
    {
        var random = new Random(3);
        for (var i = 0; i < 20_000; i++)
        {
            var x = i < 64 ? 1UL << i : i < 128 ? ulong.MaxValue >> (i - 64) : (ulong)random.NextInt64() ^ (ulong)random.NextInt64() << 1;
            Assert.Equal(x, KeyHash.Unmix(KeyHash.Mix(x)));
            Assert.Equal(x, KeyHash.Mix(KeyHash.Unmix(x)));
        }
    }

    [Fact]
    public void Hashes_of_numbered_keys_are_spread_evenly_over_leading_and_trailing_bits()
    {
        var hash = new KeyHash(0x0123456789ABCDEF, 0xFEDCBA9876543210);
        const int Keys = 100_000, Bins = 256;
        var leading = new int[Bins];
        var trailing = new int[Bins];
        var all = new HashSet<ulong>();
        for (var i = 0; i < Keys; i++)
        {
            var h = hash.Of(System.Text.Encoding.ASCII.GetBytes($"user-{i}"));
            leading[h >> 56]++;
            trailing[h & 255]++;
            Assert.True(all.Add(h));
        }

        // Chi-squared with 255 degrees of freedom: mean 255, standard deviation 22.6.
        foreach (var bins in new[] { leading, trailing })
            Assert.InRange(bins.Sum(n => Math.Pow(n - (double)Keys / Bins, 2) / ((double)Keys / Bins)), 255 - 6 * 22.6, 255 + 6 * 22.6);
    }

    [Fact]
    public void A_changed_bit_of_key_or_text_changes_half_of_the_hash()
    {
        var text = new byte[40];
        var changed = 0.0;
        var count = 0;
        for (var length = 1; length <= text.Length; length++)
        {
            var before = new KeyHash(3, 5).Of(text.AsSpan(0, length));
            for (var bit = 0; bit < length * 8; bit += 3)
            {
                text[bit / 8] ^= (byte)(1 << (bit % 8));
                var bits = BitOperations.PopCount(before ^ new KeyHash(3, 5).Of(text.AsSpan(0, length)));
                Assert.InRange(bits, 8, 56);
                changed += bits;
                count++;
                text[bit / 8] ^= (byte)(1 << (bit % 8));
            }

            Assert.NotEqual(before, new KeyHash(9, 5).Of(text.AsSpan(0, length)));
            Assert.NotEqual(before, new KeyHash(3, 7).Of(text.AsSpan(0, length)));
        }

        Assert.InRange(changed / count, 31, 33);
    }

    [Fact]
    public void Texts_of_zeros_of_different_lengths_have_different_hashes_and_ids_differ_by_source()
    {
        var hash = new KeyHash(1, 2);
        Assert.Equal(65, Enumerable.Range(0, 65).Select(n => hash.Of(new byte[n])).Distinct().Count());
        hash.OfId(hash.Of("a"u8), "1"u8, out var first, out var first2);
        hash.OfId(hash.Of("b"u8), "1"u8, out var second, out var second2);
        Assert.NotEqual(first, second);
        Assert.NotEqual(first2, second2);
    }

    [Fact]
    public void Every_change_of_a_byte_changes_the_checksum()
    {
        var random = new Random(4);
        foreach (var length in new[] { 1, 7, 8, 9, 15, 16, 17, 64, 100, 1000 })
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            var sum = Checksum.Of(bytes, 77);
            for (var at = 0; at < length; at++)
            {
                for (var change = 1; change < 256; change += length > 100 ? 37 : 1)
                {
                    bytes[at] ^= (byte)change;
                    Assert.NotEqual(sum, Checksum.Of(bytes, 77));
                    bytes[at] ^= (byte)change;
                }
            }

            Assert.Equal(sum, Checksum.Of(bytes, 77));
            Assert.NotEqual(sum, Checksum.Of(bytes, 78));
            Assert.NotEqual(sum, Checksum.Of([.. bytes, 0], 77));
            Assert.NotEqual(sum, Checksum.Of(bytes.AsSpan(0, length - 1), 77));
        }

        Assert.NotEqual(Checksum.Of([], 1), Checksum.Of([], 2));
    }

    [Fact]
    public void Swapped_words_and_moved_zeros_change_the_checksum()
    {
        var bytes = new byte[64];
        for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)i;
        var sums = new HashSet<ulong> { Checksum.Of(bytes) };
        for (var i = 0; i < 8; i++)
        {
            for (var j = i + 1; j < 8; j++)
            {
                var swapped = (byte[])bytes.Clone();
                bytes.AsSpan(i * 8, 8).CopyTo(swapped.AsSpan(j * 8));
                bytes.AsSpan(j * 8, 8).CopyTo(swapped.AsSpan(i * 8));
                Assert.True(sums.Add(Checksum.Of(swapped)));
            }
        }
    }
}
