using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LiveGrains.Core;

/// <summary>
/// Arithmetic of vectors of <see cref="Dimensions"/> floats, the shape in which items and interests are compared. The order
/// of the additions is fixed, so that every machine gets the same bits, with AVX-512 or without. Any thread.
/// </summary>
internal static unsafe class FeatureVector
{
    /// <summary>Numbers in a vector: four registers of AVX-512.</summary>
    public const int Dimensions = 64;

    /// <summary>Bytes of a vector.</summary>
    public const int Bytes = Dimensions * sizeof(float);

    /// <summary>The dot product of two vectors.</summary>
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(a.Length, Dimensions);
        ArgumentOutOfRangeException.ThrowIfNotEqual(b.Length, Dimensions);
        fixed (float* x = a, y = b) return Dot(x, y);
    }

    /// <summary>The dot product of two vectors, at any address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(float* a, float* b)
    {
        if (Avx512F.IsSupported)
        {
            var sum = Avx512F.Multiply(Avx512F.LoadVector512(a), Avx512F.LoadVector512(b));
            sum = Avx512F.FusedMultiplyAdd(Avx512F.LoadVector512(a + 16), Avx512F.LoadVector512(b + 16), sum);
            sum = Avx512F.FusedMultiplyAdd(Avx512F.LoadVector512(a + 32), Avx512F.LoadVector512(b + 32), sum);
            sum = Avx512F.FusedMultiplyAdd(Avx512F.LoadVector512(a + 48), Avx512F.LoadVector512(b + 48), sum);
            return Sum(sum.GetLower(), sum.GetUpper());
        }

        return DotInHalves(a, b);
    }

    /// <summary>The same without AVX-512: the two halves of each register by themselves.</summary>
    internal static float DotInHalves(float* a, float* b)
    {
        var lower = Vector256.Load(a) * Vector256.Load(b);
        var upper = Vector256.Load(a + 8) * Vector256.Load(b + 8);
        for (var i = 16; i < Dimensions; i += 16)
        {
            lower = Vector256.FusedMultiplyAdd(Vector256.Load(a + i), Vector256.Load(b + i), lower);
            upper = Vector256.FusedMultiplyAdd(Vector256.Load(a + i + 8), Vector256.Load(b + i + 8), upper);
        }

        return Sum(lower, upper);
    }

    /// <summary>Makes the vector's length 1; the zero vector stays zero.</summary>
    public static void Normalise(Span<float> vector)
    {
        var square = 0.0;
        foreach (var x in vector) square += (double)x * x;
        if (square == 0) return;
        var factor = 1 / Math.Sqrt(square);
        foreach (ref var x in vector) x = (float)(x * factor);
    }

    /// <summary>The sum of sixteen lanes, always in the same tree.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector256<float> lower, Vector256<float> upper)
    {
        var eight = lower + upper;
        var four = eight.GetLower() + eight.GetUpper();
        var two = four + Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
        return two.ToScalar() + two.GetElement(1);
    }
}
