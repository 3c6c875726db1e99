using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LiveGrains.Core;

/// <summary>
/// Logistic function and logarithms of many numbers at once, out of IEEE operations and fused multiply-add alone, so that every
/// machine gets the same bits. Any thread.
/// </summary>
internal static unsafe class VectorMath
{
    private const int Lanes = 8;

    /// <summary>Replaces each number by 1 ÷ (1 + e^−x); relative error below 1e-6. Inputs beyond ±80 count as ±80.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sigmoid(Span<float> values)
    {
        ref var first = ref MemoryMarshal.GetReference(values);
        var i = 0;
        for (; i + Lanes <= values.Length; i += Lanes) Sigmoid(Vector256.LoadUnsafe(ref first, (nuint)i)).StoreUnsafe(ref first, (nuint)i);
        for (; i < values.Length; i++) values[i] = Sigmoid(Vector256.Create(values[i])).ToScalar();
    }

    /// <summary>Natural logarithm; relative error below 1e-6 of the result or of 1e-7. What is not above 1e-30 counts as 1e-30.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Log(Vector256<float> x)
    {
        x = Vector256.Max(x, Vector256.Create(1e-30f));
        // x = m 2^e with m from √½ to √2.
        var bits = x.AsInt32() - Vector256.Create(0x3F35_04F3);
        var exponent = Vector256.ConvertToSingle(Vector256.ShiftRightArithmetic(bits, 23));
        var m = ((bits & Vector256.Create(0x007F_FFFF)) + Vector256.Create(0x3F35_04F3)).AsSingle();
        // ln m = 2 artanh((m − 1) ÷ (m + 1)); the argument is at most 0.172.
        var s = (m - Vector256.Create(1f)) / (m + Vector256.Create(1f));
        var square = s * s;
        var sum = Vector256.FusedMultiplyAdd(square, Vector256.Create(2f / 9), Vector256.Create(2f / 7));
        sum = Vector256.FusedMultiplyAdd(square, sum, Vector256.Create(2f / 5));
        sum = Vector256.FusedMultiplyAdd(square, sum, Vector256.Create(2f / 3));
        sum = Vector256.FusedMultiplyAdd(square, sum, Vector256.Create(2f));
        return Vector256.FusedMultiplyAdd(exponent, Vector256.Create(0.693147181f), sum * s);
    }

    /// <summary>Replaces each positive, normal number by its natural logarithm, with the bits of <see cref="PortableMath.Log"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Log(Span<double> values)
    {
        ref var first = ref MemoryMarshal.GetReference(values);
        var i = 0;
        for (; i + Vector256<double>.Count <= values.Length; i += Vector256<double>.Count) Log(Vector256.LoadUnsafe(ref first, (nuint)i)).StoreUnsafe(ref first, (nuint)i);
        for (; i < values.Length; i++) values[i] = PortableMath.Log(values[i]);
    }

    // Step by step what PortableMath.Log does; there is why.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Log(Vector256<double> values)
    {
        var bits = values.AsInt64();
        var mantissa = ((bits & Vector256.Create(0xFFFFFFFFFFFFFL)) | Vector256.Create(0x3FF0000000000000L)).AsDouble();
        // The exponent's bits behind those of 2^52 are 2^52 + the exponent.
        var exponent = (Vector256.ShiftRightLogical(bits, 52) | Vector256.Create(0x4330000000000000L)).AsDouble() - Vector256.Create(4503599627370496.0 + 1023);
        var above = Vector256.GreaterThan(mantissa, Vector256.Create(1.4142135623730951));
        mantissa = Vector256.ConditionalSelect(above, mantissa * 0.5, mantissa);
        exponent += above & Vector256<double>.One;
        var s = (mantissa - Vector256<double>.One) / (mantissa + Vector256<double>.One);
        var square = s * s;
        var fourth = square * square;
        var even = Vector256.Create(1.0 / 17);
        even = even * fourth + Vector256.Create(1.0 / 13);
        even = even * fourth + Vector256.Create(1.0 / 9);
        even = even * fourth + Vector256.Create(1.0 / 5);
        even = even * fourth + Vector256<double>.One;
        var odd = Vector256.Create(1.0 / 19);
        odd = odd * fourth + Vector256.Create(1.0 / 15);
        odd = odd * fourth + Vector256.Create(1.0 / 11);
        odd = odd * fourth + Vector256.Create(1.0 / 7);
        odd = odd * fourth + Vector256.Create(1.0 / 3);
        var sum = even + odd * square;
        return Vector256.Create(2.0) * s * sum + exponent * Vector256.Create(PortableMath.Ln2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Sigmoid(Vector256<float> x)
    {
        var minus = Vector256.Min(Vector256.Max(-x, Vector256.Create(-80f)), Vector256.Create(80f));
        return Vector256.Create(1f) / (Vector256.Create(1f) + Exp(minus));
    }

    // e^x for −80 to 80: 2^whole × e^rest, the rest at most ½ ln 2 (Cephes' split of ln 2, Taylor to the seventh power).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Exp(Vector256<float> x)
    {
        var whole = Vector256.Round(x * Vector256.Create(1.44269504f));
        var rest = Vector256.FusedMultiplyAdd(whole, Vector256.Create(-0.693359375f), x);
        rest = Vector256.FusedMultiplyAdd(whole, Vector256.Create(2.12194440e-4f), rest);
        var sum = Vector256.FusedMultiplyAdd(rest, Vector256.Create(1f / 5040), Vector256.Create(1f / 720));
        sum = Vector256.FusedMultiplyAdd(rest, sum, Vector256.Create(1f / 120));
        sum = Vector256.FusedMultiplyAdd(rest, sum, Vector256.Create(1f / 24));
        sum = Vector256.FusedMultiplyAdd(rest, sum, Vector256.Create(1f / 6));
        sum = Vector256.FusedMultiplyAdd(rest, sum, Vector256.Create(0.5f));
        sum = Vector256.FusedMultiplyAdd(rest, sum, Vector256.Create(1f));
        sum = Vector256.FusedMultiplyAdd(rest, sum, Vector256.Create(1f));
        var power = Vector256.ShiftLeft(Vector256.ConvertToInt32(whole) + Vector256.Create(127), 23).AsSingle();
        return sum * power;
    }
}
