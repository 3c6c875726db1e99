using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LiveGrains.Core;

/// <summary>
/// <see cref="Rows"/> vectors of 64 dimensions in four bits a dimension, laid out so that one register holds the same two
/// dimensions of all rows: a scan needs no sum across lanes. 1,152 bytes: 16 lines of codes, then a word for each row with
/// the row's scale (low half) and the length of what the codes leave out, rounded up (high half), both as bfloat16.
/// <para>
/// Line j holds dimensions 2j and 2j + 1 in the low halves of its bytes and 32 + 2j and 33 + 2j in the high halves; a code is
/// 8 + the rounded component ÷ scale, −8 to 7.
/// </para>
/// </summary>
internal static unsafe class CoarseBlock
{
    /// <summary>Rows in a block.</summary>
    public const int Rows = 32;

    /// <summary>Bytes of a block.</summary>
    public const int Bytes = CodeBytes + Rows * 4;

    private const int Lines = FeatureVector.Dimensions / 4;
    private const int CodeBytes = Lines * 64;

    // Scale 0 and an error of −∞: the bound is below every score.
    private const uint Empty = 0xFF80_0000;

    /// <summary>Marks all rows of a block as empty.</summary>
    public static void Clear(byte* block)
    {
        new Span<byte>(block, CodeBytes).Clear();
        new Span<uint>(block + CodeBytes, Rows).Fill(Empty);
    }

    /// <summary>Marks a row as empty.</summary>
    public static void Clear(byte* block, int row) => ((uint*)(block + CodeBytes))[row] = Empty;

    /// <summary>Copies a row, also within a block.</summary>
    public static void Copy(byte* from, int fromRow, byte* to, int toRow)
    {
        for (var j = 0; j < Lines; j++) ((ushort*)(to + j * 64))[toRow] = ((ushort*)(from + j * 64))[fromRow];
        ((uint*)(to + CodeBytes))[toRow] = ((uint*)(from + CodeBytes))[fromRow];
    }

    /// <summary>Writes a row. Returns the length of the vector that its codes stand for.</summary>
    public static float Encode(byte* block, int row, ReadOnlySpan<double> vector)
    {
        float* rounded = stackalloc float[FeatureVector.Dimensions];
        sbyte* codes = stackalloc sbyte[FeatureVector.Dimensions];
        var largest = 0f;
        for (var i = 0; i < vector.Length; i++)
        {
            rounded[i] = (float)vector[i];
            largest = Math.Max(largest, Math.Abs(rounded[i]));
        }

        var scale = largest < 1e-30f ? 0 : BestScale(rounded, largest, codes);
        double error = 0, square = 0;
        for (var i = 0; i < vector.Length; i++)
        {
            var rest = vector[i] - (double)scale * codes[i];
            error += rest * rest;
            square += codes[i] * codes[i];
        }

        for (var j = 0; j < Lines; j++)
        {
            var line = block + j * 64 + row * 2;
            line[0] = (byte)((codes[2 * j] + 8) | ((codes[32 + 2 * j] + 8) << 4));
            line[1] = (byte)((codes[2 * j + 1] + 8) | ((codes[33 + 2 * j] + 8) << 4));
        }

        ((uint*)(block + CodeBytes))[row] = FineCode.Word(scale, Math.Sqrt(error));
        return (float)(scale * Math.Sqrt(square));
    }

    /// <summary>
    /// Computes, for every row, codes · query × its scale + its error × the query's length, which is within rounding and the
    /// query's own error at least the exact product. Bit i of the result is set when row i reaches <paramref name="threshold"/>;
    /// when any does, <paramref name="bounds"/> (32 floats) gets all bounds.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Scan(byte* block, CoarseQuery* query, float threshold, float* bounds) =>
        Avx512BW.IsSupported ? ScanWide(block, query, threshold, bounds) : ScanPortable(block, query, threshold, bounds);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint ScanWide(byte* block, CoarseQuery* query, float threshold, float* bounds)
    {
        var mask = Vector512.Create((byte)0x0F);
        var pairs = (sbyte*)query->Pairs;
        var sum0 = Vector512.Create(query->Offset);
        var sum1 = Vector512<short>.Zero;
        for (var j = 0; j < Lines; j++)
        {
            var codes = Avx512BW.LoadVector512(block + j * 64);
            var low = Avx512F.And(codes, mask);
            var high = Avx512F.And(Avx512BW.ShiftRightLogical(codes.AsUInt16(), 4).AsByte(), mask);
            sum0 = Avx512BW.Add(sum0, Avx512BW.MultiplyAddAdjacent(low, Avx512BW.LoadVector512(pairs + j * 64)));
            sum1 = Avx512BW.Add(sum1, Avx512BW.MultiplyAddAdjacent(high, Avx512BW.LoadVector512(pairs + (Lines + j) * 64)));
        }

        var sum = Avx512BW.Add(sum0, sum1);
        var step = Vector512.Create(query->Step);
        var length = Vector512.Create(query->Length);
        var words = (uint*)(block + CodeBytes);
        var first = Bound(sum.GetLower(), Avx512F.LoadVector512(words), step, length);
        var second = Bound(sum.GetUpper(), Avx512F.LoadVector512(words + 16), step, length);
        var least = Vector512.Create(threshold);
        var reached = (uint)Avx512F.CompareGreaterThanOrEqual(first, least).ExtractMostSignificantBits()
            | (uint)Avx512F.CompareGreaterThanOrEqual(second, least).ExtractMostSignificantBits() << 16;
        if (reached != 0)
        {
            Avx512F.Store(bounds, first);
            Avx512F.Store(bounds + 16, second);
        }

        return reached;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Bound(Vector256<short> sums, Vector512<uint> words, Vector512<float> step, Vector512<float> length)
    {
        var product = Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(sums));
        var scale = Avx512F.Multiply(Avx512F.ShiftLeftLogical(words, 16).AsSingle(), step);
        var error = Avx512F.And(words, Vector512.Create(0xFFFF_0000)).AsSingle();
        return Avx512F.FusedMultiplyAdd(product, scale, Avx512F.Multiply(error, length));
    }

    /// <summary>The same with the instructions that every machine has.</summary>
    internal static uint ScanPortable(byte* block, CoarseQuery* query, float threshold, float* bounds)
    {
        short* sums = stackalloc short[Rows];
        var nibble = Vector256.Create((ushort)0x0F);
        for (var half = 0; half < 2; half++)
        {
            var sum = Vector256.Create(query->Offset);
            for (var j = 0; j < Lines; j++)
            {
                var codes = Vector256.Load((ushort*)(block + j * 64) + half * 16);
                var low = query->Components + 2 * j;
                var high = low + 32;
                sum += (codes & nibble).AsInt16() * low[0] + (Vector256.ShiftRightLogical(codes, 8) & nibble).AsInt16() * low[1];
                sum += (Vector256.ShiftRightLogical(codes, 4) & nibble).AsInt16() * high[0] + Vector256.ShiftRightLogical(codes, 12).AsInt16() * high[1];
            }

            sum.Store(sums + half * 16);
        }

        uint reached = 0;
        var words = (uint*)(block + CodeBytes);
        for (var i = 0; i < Rows; i++)
        {
            var scale = BitConverter.UInt32BitsToSingle(words[i] << 16) * query->Step;
            var error = BitConverter.UInt32BitsToSingle(words[i] & 0xFFFF_0000) * query->Length;
            bounds[i] = MathF.FusedMultiplyAdd(sums[i], scale, error);
            if (bounds[i] >= threshold) reached |= 1u << i;
        }

        return reached;
    }

    // The codes and the scale with which they come nearest to the vector; their error is then orthogonal to them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float BestScale(float* vector, float largest, sbyte* codes)
    {
        var best = 0f;
        var bestStep = 0f;
        var scale = 0f;
        // Cutting off the largest component can pay: what all others gain in resolution outweighs what it loses.
        for (var cut = 1f; cut > 0.5f; cut -= 0.12f)
        {
            var step = largest * cut / 7.5f;
            var products = Vector256<float>.Zero;
            var squares = Vector256<float>.Zero;
            for (var i = 0; i < FeatureVector.Dimensions; i += 8)
            {
                var x = Vector256.Load(vector + i);
                var code = Codes(x, step);
                products += code * x;
                squares += code * code;
            }

            var product = FeatureVector.Sum(products, Vector256<float>.Zero);
            var square = FeatureVector.Sum(squares, Vector256<float>.Zero);
            // |x|² − (x·n)² ÷ |n|² is left.
            if (product / square * product <= best) continue;
            best = product / square * product;
            bestStep = step;
            scale = product / square;
        }

        for (var i = 0; i < FeatureVector.Dimensions; i += 8)
        {
            var code = Codes(Vector256.Load(vector + i), bestStep);
            for (var j = 0; j < 8; j++) codes[i + j] = (sbyte)code[j];
        }

        // Rounded to what the word can hold; the error is taken of the rounded scale.
        return FineCode.Truncate(BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(scale) + 0x8000));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Codes(Vector256<float> x, float step) =>
        Vector256.Min(Vector256.Max(Vector256.Round(x / Vector256.Create(step)), Vector256.Create(-8f)), Vector256.Create(7f));
}
