using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LiveGrains.Core;

internal sealed unsafe partial class VectorIndex
{
    private const int TileClusters = 32;
    private const int TileFloats = TileClusters * Dimensions;
    private const int RowsPerCluster = 1000;
    private const int SampleRowsPerCluster = 40;
    private const int Rounds = 6;

    /// <summary>Clusters in use.</summary>
    public int Clusters => _clusterCount;

    /// <summary>
    /// Forms the clusters anew by k-means (Lloyd 1982, a fixed number of rounds over a sample) and lays the rows of a cluster
    /// side by side. About 9 µs a row and a copy of the vectors meanwhile; worth it when the rows have doubled, or when most
    /// of them were set since. Until the first call there is one cluster.
    /// </summary>
    /// <param name="clusters">1 to <see cref="MaxClusters"/>; 0: one for 1,000 rows.</param>
    public void Rebuild(int clusters = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)clusters, (uint)MaxClusters, nameof(clusters));
        if (clusters == 0) clusters = Math.Clamp(Count / RowsPerCluster, 1, MaxClusters);
        if (Count < 2 * clusters) clusters = 1;
        var count = (nuint)Math.Max(1, Count);
        var rows = (int*)NativeMemory.Alloc(count, sizeof(int));
        var order = (int*)NativeMemory.Alloc(count, sizeof(int));
        var keys = (ulong*)NativeMemory.Alloc(count, sizeof(ulong));
        var vectors = (float*)NativeMemory.Alloc(count, FeatureVector.Bytes);
        try
        {
            TakeOut(rows, vectors);
            Learn(vectors, Count, clusters);
            for (var i = 0; i < Count; i++)
            {
                var x = vectors + (long)i * Dimensions;
                var cluster = Nearest(x);
                // The rows that are farthest from the direction first: newer blocks are scanned before older ones, and blocks
                // of rows that are equally far have the narrowest bounds.
                keys[i] = (ulong)(uint)cluster << 32 | (uint.MaxValue - BitConverter.SingleToUInt32Bits(Measure(x, cluster).Across));
                order[i] = i;
            }

            new Span<ulong>(keys, Count).Sort(new Span<int>(order, Count));
            for (var i = 0; i < Count; i++)
            {
                var cluster = (int)(keys[i] >> 32);
                var slot = AddSlot(cluster);
                var row = rows[order[i]];
                _slotOfRow[row] = slot;
                _rowOfSlot[slot] = row;
                Write(slot, cluster, vectors + (long)order[i] * Dimensions);
            }
        }
        finally
        {
            NativeMemory.Free(rows);
            NativeMemory.Free(order);
            NativeMemory.Free(keys);
            NativeMemory.Free(vectors);
        }
    }

    private void TakeOut(int* rows, float* vectors)
    {
        var count = 0;
        for (var row = 0; count < Count; row++)
        {
            var slot = _slotOfRow[row];
            if (slot == 0) continue;
            Unsafe.CopyBlock(vectors + (long)count * Dimensions, _vectors + (long)slot * Dimensions, FeatureVector.Bytes);
            rows[count++] = row;
        }

        _freeBlock = 0;
        _blocksUsed = 1;
    }

    // Lloyd's rounds over a sample. Deterministic: the sample and the first centroids follow from the rows' order alone.
    private void Learn(float* vectors, int count, int clusters)
    {
        var centroids = (float*)NativeMemory.AllocZeroed((nuint)clusters, FeatureVector.Bytes);
        var sums = (double*)NativeMemory.Alloc((nuint)(clusters * Dimensions), sizeof(double));
        var members = (int*)NativeMemory.Alloc((nuint)clusters, sizeof(int));
        try
        {
            var sample = Math.Min(count, clusters * SampleRowsPerCluster);
            for (var c = 0; c < clusters && clusters > 1; c++)
                Unsafe.CopyBlock(centroids + c * Dimensions, vectors + Sampled(c * (sample / clusters), sample, count) * Dimensions, FeatureVector.Bytes);
            SetCentroids(centroids, clusters);
            for (var round = 0; round < Rounds && clusters > 1; round++)
            {
                new Span<double>(sums, clusters * Dimensions).Clear();
                new Span<int>(members, clusters).Clear();
                for (var i = 0; i < sample; i++)
                {
                    var x = vectors + Sampled(i, sample, count) * Dimensions;
                    var nearest = Nearest(x);
                    members[nearest]++;
                    for (var d = 0; d < Dimensions; d++) sums[nearest * Dimensions + d] += x[d];
                }

                for (var c = 0; c < clusters; c++)
                {
                    // A centroid that lost all rows stays where it is.
                    for (var d = 0; d < Dimensions && members[c] > 0; d++)
                        centroids[c * Dimensions + d] = (float)(sums[c * Dimensions + d] / members[c]);
                }

                SetCentroids(centroids, clusters);
            }
        }
        finally
        {
            NativeMemory.Free(centroids);
            NativeMemory.Free(sums);
            NativeMemory.Free(members);
        }
    }

    private static long Sampled(long i, int sample, int count) => (i * count + count / 2) / sample % count;

    private void SetCentroids(float* centroids, int clusters)
    {
        _clusterCount = clusters;
        for (var c = 0; c < MaxClusters; c++)
        {
            var square = 0.0;
            for (var d = 0; d < Dimensions && c < clusters; d++) square += (double)centroids[c * Dimensions + d] * centroids[c * Dimensions + d];
            // A shorter one has no direction worth the name.
            var has = square >= ShortestCentroid * ShortestCentroid;
            if (!has) square = 0;
            for (var d = 0; d < Dimensions; d++)
            {
                var x = has ? centroids[c * Dimensions + d] : 0;
                _tiles[c / TileClusters * TileFloats + d * TileClusters + c % TileClusters] = x;
                _centroids[c * Dimensions + d] = x;
            }

            _halfSquares[c] = (float)(square / 2);
            _clusters[c] = new Cluster { Length = (float)Math.Sqrt(square), Bounds = Bounds.Nothing };
        }
    }

    // The dot products of a vector with all centroids: 32 centroids to a tile, dimension by dimension.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Multiply(float* x, float* products)
    {
        for (var first = 0; first < _clusterCount; first += TileClusters)
        {
            var tile = _tiles + (long)first * Dimensions;
            var sum0 = Vector256<float>.Zero;
            var sum1 = Vector256<float>.Zero;
            var sum2 = Vector256<float>.Zero;
            var sum3 = Vector256<float>.Zero;
            for (var d = 0; d < Dimensions; d++, tile += TileClusters)
            {
                var component = Vector256.Create(x[d]);
                sum0 = Vector256.FusedMultiplyAdd(component, Vector256.Load(tile), sum0);
                sum1 = Vector256.FusedMultiplyAdd(component, Vector256.Load(tile + 8), sum1);
                sum2 = Vector256.FusedMultiplyAdd(component, Vector256.Load(tile + 16), sum2);
                sum3 = Vector256.FusedMultiplyAdd(component, Vector256.Load(tile + 24), sum3);
            }

            sum0.Store(products + first);
            sum1.Store(products + first + 8);
            sum2.Store(products + first + 16);
            sum3.Store(products + first + 24);
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Nearest(float* x)
    {
        if (_clusterCount == 1) return 0;
        float* products = stackalloc float[MaxClusters];
        Multiply(x, products);
        var best = 0;
        for (var c = 1; c < _clusterCount; c++)
        {
            if (products[c] - _halfSquares[c] > products[best] - _halfSquares[best]) best = c;
        }

        return best;
    }

    // How far a vector goes along a cluster's direction and how far across it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Bounds Measure(float* x, int cluster)
    {
        var centroid = _centroids + cluster * Dimensions;
        double length = _clusters[cluster].Length;
        var inverse = length > 0 ? 1 / length : 0;
        double along = 0, square = 0, across = 0;
        for (var d = 0; d < Dimensions; d++)
        {
            along += x[d] * (centroid[d] * inverse);
            square += (double)x[d] * x[d];
        }

        for (var d = 0; d < Dimensions; d++)
        {
            var rest = x[d] - along * (centroid[d] * inverse);
            across += rest * rest;
        }

        return new Bounds { High = (float)along, Low = (float)along, Across = (float)Math.Sqrt(across), Length = (float)Math.Sqrt(square) };
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Write(int slot, int cluster, float* x)
    {
        Span<double> rest = stackalloc double[Dimensions];
        var centroid = _centroids + cluster * Dimensions;
        for (var d = 0; d < Dimensions; d++) rest[d] = (double)x[d] - centroid[d];
        var block = slot / Rows;
        var length = CoarseBlock.Encode(_codes + (long)block * CoarseBlock.Bytes, slot % Rows, rest);
        _fineWords[slot] = FineCode.Encode(_fineCodes + (long)slot * FineCode.Bytes, rest);
        var measure = Measure(x, cluster);
        // Rounding is relative to the longest of what is added up.
        measure.Length = Math.Max(Math.Max(measure.Length, length), _clusters[cluster].Length) * 1.00001f;
        _blockBounds[block].Widen(measure);
        _clusters[cluster].Bounds.Widen(measure);
        var target = _vectors + (long)slot * Dimensions;
        if (target != x) Unsafe.CopyBlock(target, x, FeatureVector.Bytes);
    }

    // Fills order with the clusters that have rows, and reaches with what their rows can reach.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Reach(float queryLength, ReadOnlySpan<float> products, Span<float> reaches, Span<int> order)
    {
        var live = 0;
        for (var c = 0; c < _clusterCount; c++)
        {
            ref var cluster = ref _clusters[c];
            if (cluster.Head == 0) continue;
            var along = Along(c, products[c]);
            reaches[live] = cluster.Bounds.Highest(along, Across(queryLength, along), queryLength);
            order[live++] = c;
        }

        return live;
    }

    private static void BestFirst(Span<float> reaches, Span<int> order)
    {
        var best = 0;
        for (var i = 1; i < reaches.Length; i++)
        {
            if (reaches[i] > reaches[best]) best = i;
        }

        (reaches[0], reaches[best]) = (reaches[best], reaches[0]);
        (order[0], order[best]) = (order[best], order[0]);
    }

    // The query's part along a cluster's direction and, rounded up, across it.
    private float Along(int cluster, float product) => _clusters[cluster].Length > 0 ? product / _clusters[cluster].Length : 0;

    private static float Across(float queryLength, float along) =>
        MathF.Sqrt(Math.Max(0, (queryLength - along) * (queryLength + along)) + Rounding * queryLength * queryLength);

    /// <summary>What the rows of a block or a cluster have in common, as seen from the cluster's direction.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Bounds
    {
        /// <summary>Farthest along the direction.</summary>
        public float High;
        /// <summary>Least far along the direction.</summary>
        public float Low;
        /// <summary>Farthest across it.</summary>
        public float Across;
        /// <summary>The longest vector; 0: there is none.</summary>
        public float Length;

        public static Bounds Nothing => new() { High = float.MinValue, Low = float.MaxValue };

        public void Widen(in Bounds other)
        {
            High = Math.Max(High, other.High);
            Low = Math.Min(Low, other.Low);
            Across = Math.Max(Across, other.Across);
            Length = Math.Max(Length, other.Length);
        }

        /// <summary>What the product with a query can be at most.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly float Highest(float along, float across, float queryLength) =>
            (along >= 0 ? along * High : along * Low) + across * Across + Rounding * queryLength * Length + Tiny;
    }
}
