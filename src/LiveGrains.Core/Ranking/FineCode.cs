using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LiveGrains.Core;

/// <summary>
/// A vector of 64 dimensions in eight bits a dimension: one line of cache, and a word with its scale (low half) and the length
/// of what the codes leave out, rounded up (high half), both as bfloat16. Bounds a product about twenty times as narrowly as
/// <see cref="CoarseBlock"/>, for a quarter of the memory of the floats.
/// </summary>
internal static unsafe class FineCode
{
    /// <summary>Bytes of the codes.</summary>
    public const int Bytes = FeatureVector.Dimensions;

    /// <summary>Writes the codes of a vector and returns its word.</summary>
    public static uint Encode(sbyte* codes, ReadOnlySpan<double> vector)
    {
        var largest = 0.0;
        foreach (var x in vector) largest = Math.Max(largest, Math.Abs(x));
        // A little less than 127 steps, so that the rounded scale still reaches the largest.
        var scale = largest < 1e-30 ? 0 : Truncate((float)(largest / 126));
        var inverse = scale == 0 ? 0 : 1 / (double)scale;
        var error = 0.0;
        for (var i = 0; i < vector.Length; i++)
        {
            var code = (int)Math.Clamp(vector[i] * inverse + (vector[i] < 0 ? -0.5 : 0.5), -127, 127);
            codes[i] = (sbyte)code;
            var rest = vector[i] - (double)scale * code;
            error += rest * rest;
        }

        return Word(scale, Math.Sqrt(error));
    }

    /// <summary>At least the product of the query and the encoded vector, but for rounding.</summary>
    /// <param name="query">64 floats.</param>
    /// <param name="queryLength">Length of the query, rounded up.</param>
    /// <param name="codes">The codes.</param>
    /// <param name="word">Their word.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Bound(float* query, float queryLength, sbyte* codes, uint word)
    {
        var product = Avx512F.IsSupported ? ProductWide(query, codes) : ProductPortable(query, codes);
        return product * BitConverter.UInt32BitsToSingle(word << 16) + queryLength * BitConverter.UInt32BitsToSingle(word & 0xFFFF_0000);
    }

    /// <summary>Scale and error as a word: the scale must be a bfloat16, the error is rounded up to one.</summary>
    public static uint Word(float scale, double error) =>
        ((BitConverter.SingleToUInt32Bits((float)(error * 1.000001)) + 0xFFFF) & 0xFFFF_0000) | (BitConverter.SingleToUInt32Bits(scale) >> 16);

    /// <summary>The next bfloat16 towards zero.</summary>
    public static float Truncate(float value) => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xFFFF_0000);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float ProductWide(float* query, sbyte* codes)
    {
        var sum = Avx512F.Multiply(Floats(codes), Avx512F.LoadVector512(query));
        sum = Avx512F.FusedMultiplyAdd(Floats(codes + 16), Avx512F.LoadVector512(query + 16), sum);
        sum = Avx512F.FusedMultiplyAdd(Floats(codes + 32), Avx512F.LoadVector512(query + 32), sum);
        sum = Avx512F.FusedMultiplyAdd(Floats(codes + 48), Avx512F.LoadVector512(query + 48), sum);
        return FeatureVector.Sum(sum.GetLower(), sum.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Floats(sbyte* codes) =>
        Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Vector128.Load(codes)));

    /// <summary>The same with the instructions that every machine has.</summary>
    internal static float ProductPortable(float* query, sbyte* codes)
    {
        var lower = Vector256<float>.Zero;
        var upper = Vector256<float>.Zero;
        for (var i = 0; i < FeatureVector.Dimensions; i += 16)
        {
            var (low, high) = Vector256.Widen(Vector256.WidenLower(Vector256.Create(Vector128.Load(codes + i), Vector128<sbyte>.Zero)));
            lower = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(low), Vector256.Load(query + i), lower);
            upper = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(high), Vector256.Load(query + i + 8), upper);
        }

        return FeatureVector.Sum(lower, upper);
    }
}
