using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>A query in eight bits a dimension, ready for <see cref="CoarseBlock"/>. 2.2 KB, to be put at the beginning of a line of the cache.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CoarseQuery
{
    // A sum of codes × components, −8 to 7 each, must fit into 16 bits: Σ|component| ≤ 4,095.
    private const double MaxSum = 4000;

    /// <summary>Pairs of components, each in all 32 lanes: 32 lines.</summary>
    public fixed byte Pairs[FeatureVector.Dimensions / 2 * 64];

    /// <summary>The components, −127 to 127.</summary>
    public fixed short Components[FeatureVector.Dimensions];

    /// <summary>What one unit of a component is worth.</summary>
    public float Step;

    /// <summary>Length of the query, rounded up.</summary>
    public float Length;

    /// <summary>Length of what the components leave out, rounded up.</summary>
    public float Error;

    /// <summary>−8 × Σ components: codes are stored as 8 + their value.</summary>
    public short Offset;

    /// <summary>Fills the query from 64 floats.</summary>
    public void Set(ReadOnlySpan<float> query)
    {
        double largest = 0, sum = 0, square = 0, rest = 0;
        foreach (var x in query)
        {
            largest = Math.Max(largest, Math.Abs(x));
            sum += Math.Abs(x);
            square += (double)x * x;
        }

        var step = Math.Max(largest / 127, sum / MaxSum);
        Step = (float)step;
        step = Step;
        var total = 0;
        fixed (byte* pairs = Pairs)
        {
            for (var i = 0; i < query.Length; i++)
            {
                var component = step == 0 ? 0 : (int)Math.Clamp(Math.Round(query[i] / step), -127, 127);
                Components[i] = (short)component;
                total += component;
                var left = query[i] - step * component;
                rest += left * left;
            }

            for (var pair = 0; pair < query.Length / 2; pair++)
            {
                var both = (ushort)((byte)Components[2 * pair] | (byte)Components[2 * pair + 1] << 8);
                new Span<ushort>(pairs + pair * 64, CoarseBlock.Rows).Fill(both);
            }
        }

        Length = (float)(Math.Sqrt(square) * 1.000001);
        Error = (float)(Math.Sqrt(rest) * 1.000001);
        Offset = (short)(-8 * total);
    }
}
