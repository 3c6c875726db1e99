using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LiveGrains.Core;

/// <summary>
/// One line of the cache: seven items, their weights, and when these were last decayed. Item i and weight i are the same
/// lane of two vectors, so that finding is one comparison. An empty place is item 0; places are filled from the front.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal unsafe struct SuccessorLine
{
    /// <summary>Items of a line.</summary>
    public const int Places = 7;

    // Lane 0 is the time, lanes 1 to 7 are the items.
    private fixed uint _items[8];
    // Lane 0 is unused.
    private fixed float _weights[8];

    public uint TimeSeconds { readonly get => _items[0]; set => _items[0] = value; }

    /// <summary>The item at a place, 1 to 7; 0: none.</summary>
    public readonly uint Item(int place) => _items[place];

    /// <summary>The weight at a place, 1 to 7, as of <see cref="TimeSeconds"/>.</summary>
    public readonly float Weight(int place) => _weights[place];

    /// <summary>The place of an item, or 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int Find(uint item)
    {
        fixed (uint* items = _items)
        {
            var found = Vector256.Equals(Vector256.Load(items), Vector256.Create(item)).ExtractMostSignificantBits() & 0xFE;
            return found == 0 ? 0 : System.Numerics.BitOperations.TrailingZeroCount(found);
        }
    }

    /// <summary>Copies the items and their weights times a factor; says how many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int Copy(float factor, Span<Successor> into)
    {
        var count = 0;
        for (; count < Places && _items[count + 1] != 0; count++) into[count] = new Successor(_items[count + 1], _weights[count + 1] * factor);
        return count;
    }

    /// <summary>Adds to a weight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int place, float weight) => _weights[place] += weight;

    /// <summary>Puts an item in a place.</summary>
    public void Set(int place, uint item, float weight)
    {
        _items[place] = item;
        _weights[place] = weight;
    }

    /// <summary>The place of the smallest weight, the first of equals.</summary>
    public readonly int Weakest()
    {
        fixed (float* weights = _weights)
        {
            // Lane 0 takes part as lane 1, which comes first among equals.
            var all = Vector256.Load(weights).WithElement(0, weights[1]);
            var least = Vector256.Min(all, Vector256.Shuffle(all, Vector256.Create(4, 5, 6, 7, 0, 1, 2, 3)));
            least = Vector256.Min(least, Vector256.Shuffle(least, Vector256.Create(2, 3, 0, 1, 6, 7, 4, 5)));
            least = Vector256.Min(least, Vector256.Shuffle(least, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6)));
            return System.Numerics.BitOperations.TrailingZeroCount(Vector256.Equals(all, least).ExtractMostSignificantBits() & 0xFE);
        }
    }

    /// <summary>Multiplies all weights.</summary>
    public void Scale(float factor)
    {
        fixed (float* weights = _weights) (Vector256.Load(weights) * factor).Store(weights);
    }
}
