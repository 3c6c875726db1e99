using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace LiveGrains.Core;

/// <summary>
/// The rows whose vectors of 64 floats have the highest dot product with a query, exactly: the answer is that of comparing
/// the query with every row by <see cref="FeatureVector.Dot(float*, float*)"/>, ties going to the lower row.
/// <para>
/// Three things spare the work. Rows lie in clusters, and what a cluster can reach at most follows from its direction u: with
/// s = q·u and a = x·u, q·x ≤ a s + √(|q|² − s²) √(|x|² − a²) (Cauchy–Schwarz on what is orthogonal to u); clusters and blocks
/// below the score of the k-th best so far are left out. In the others a copy of four bits a dimension of x − centroid is
/// scanned, and the length of what the copy leaves out bounds each row's product from above; so does a copy of eight bits for
/// the rows that are left. Only rows whose bounds reach the k-th best are compared in full. Clusters change the time, never the answer.
/// </para>
/// <para>
/// Sized once: 370 bytes a row of capacity for rows in use, untouched memory costs nothing. Not part of the state: it is
/// built again from the items. One thread.
/// </para>
/// </summary>
internal sealed unsafe partial class VectorIndex
{
    /// <summary>Most clusters: their bounds are computed for every query.</summary>
    public const int MaxClusters = 512;

    /// <summary>Most rows that one query returns.</summary>
    public const int MaxResults = 1024;

    /// <summary>Largest magnitude of a component, so that no product overflows and none loses all its digits.</summary>
    public const float MaxComponent = 1e6f;

    private const int Dimensions = FeatureVector.Dimensions;
    private const int Rows = CoarseBlock.Rows;
    private const int PendingRows = 512;
    private const int FirstRows = 32;
    private const int CompareAtOnce = 32;
    private const int OrderedClusters = 8;

    // Rounding of 64 products and sums, and of the bounds' own arithmetic, relative to |q| |x|: below 1e-5. Twice that.
    private const float Rounding = 2e-5f;

    // What underflow can take, with room to spare.
    private const float Tiny = 1e-20f;
    private const double ShortestCentroid = 1e-10;
    private readonly byte* _codes;
    private readonly float* _vectors;
    private readonly sbyte* _fineCodes;
    private readonly uint* _fineWords;
    private readonly int* _rowOfSlot;
    private readonly int* _slotOfRow;
    private readonly Bounds* _blockBounds;
    private readonly int* _nextBlock;
    private readonly int* _clusterOfBlock;
    private readonly Cluster* _clusters;
    private readonly float* _tiles;
    private readonly float* _centroids;
    private readonly float* _halfSquares;
    private readonly CoarseQuery* _coarse;
    private readonly float* _rowBounds;
    private int _clusterCount = 1;
    private int _freeBlock;
    private int _blocksUsed = 1;

    /// <summary>Makes an empty index for rows 0 to <paramref name="capacity"/> − 1.</summary>
    public VectorIndex(NativeArena arena, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        Capacity = capacity;
        // Only the newest block of a cluster has empty slots. Block 0 is "none".
        var blocks = (nuint)(capacity / Rows + MaxClusters + 2);
        _codes = arena.Allocate(blocks * CoarseBlock.Bytes);
        _vectors = (float*)arena.Allocate(blocks * Rows * FeatureVector.Bytes);
        _fineCodes = (sbyte*)arena.Allocate(blocks * Rows * FineCode.Bytes);
        _fineWords = (uint*)arena.Allocate(blocks * Rows * sizeof(uint));
        _rowOfSlot = (int*)arena.Allocate(blocks * Rows * sizeof(int));
        _slotOfRow = (int*)arena.Allocate((nuint)capacity * sizeof(int));
        _blockBounds = (Bounds*)arena.Allocate(blocks * (nuint)sizeof(Bounds));
        _nextBlock = (int*)arena.Allocate(blocks * sizeof(int));
        _clusterOfBlock = (int*)arena.Allocate(blocks * sizeof(int));
        _clusters = (Cluster*)arena.Allocate((nuint)(MaxClusters * sizeof(Cluster)));
        _tiles = (float*)arena.Allocate(MaxClusters * (nuint)FeatureVector.Bytes);
        _centroids = (float*)arena.Allocate(MaxClusters * (nuint)FeatureVector.Bytes);
        _halfSquares = (float*)arena.Allocate(MaxClusters * sizeof(float));
        _clusters[0].Bounds = Bounds.Nothing;
        // At the beginning of lines, as each block reads all of the query.
        _coarse = (CoarseQuery*)arena.Allocate((nuint)sizeof(CoarseQuery));
        _rowBounds = (float*)arena.Allocate(Rows * sizeof(float));
    }

    /// <summary>Rows that the index has room for.</summary>
    public int Capacity { get; }

    /// <summary>Rows that have a vector.</summary>
    public int Count { get; private set; }

    /// <summary>Rows whose vectors were compared in full by the last query.</summary>
    public int LastCompared { get; private set; }

    /// <summary>Rows of the last query that four bits could not rule out.</summary>
    public int LastNarrowed { get; private set; }

    /// <summary>Blocks of 32 rows that the last query scanned.</summary>
    public int LastScanned { get; private set; }

    /// <summary>True when the row has a vector.</summary>
    public bool Has(int row) => (uint)row < (uint)Capacity && _slotOfRow[row] != 0;

    /// <summary>The vector of a row that has one.</summary>
    public ReadOnlySpan<float> this[int row] => Has(row)
        ? new ReadOnlySpan<float>(_vectors + (long)_slotOfRow[row] * Dimensions, Dimensions)
        : throw new ArgumentOutOfRangeException(nameof(row));

    /// <summary>Brings a row's vector on its way from memory.</summary>
    public void PrefetchRow(int row)
    {
        if (Has(row)) PrefetchVector(_slotOfRow[row]);
    }

    /// <summary>Gives a row a vector, or another one: 64 finite numbers of at most <see cref="MaxComponent"/>. 2 to 5 µs.</summary>
    public void Set(int row, ReadOnlySpan<float> vector)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Capacity, nameof(row));
        Check(vector);
        fixed (float* x = vector)
        {
            var cluster = Nearest(x);
            var slot = _slotOfRow[row];
            if (slot != 0 && _clusterOfBlock[slot / Rows] != cluster)
            {
                Clear(row);
                slot = 0;
            }

            if (slot == 0)
            {
                slot = AddSlot(cluster);
                _slotOfRow[row] = slot;
                _rowOfSlot[slot] = row;
                Count++;
            }

            Write(slot, cluster, x);
        }
    }

    /// <summary>Takes a row out, at once and for every later query. A row without a vector stays so.</summary>
    public void Clear(int row)
    {
        if (!Has(row)) return;
        var slot = _slotOfRow[row];
        var number = _clusterOfBlock[slot / Rows];
        var cluster = _clusters + number;
        var last = cluster->Head * Rows + cluster->Filled - 1;
        if (last != slot)
        {
            // The cluster's last row takes the place, so that all blocks but the newest stay full.
            var moved = _rowOfSlot[last];
            Write(slot, number, _vectors + (long)last * Dimensions);
            _rowOfSlot[slot] = moved;
            _slotOfRow[moved] = slot;
        }

        CoarseBlock.Clear(_codes + (long)cluster->Head * CoarseBlock.Bytes, last % Rows);
        _slotOfRow[row] = 0;
        Count--;
        if (--cluster->Filled > 0) return;
        var emptied = cluster->Head;
        cluster->Head = _nextBlock[emptied];
        cluster->Filled = cluster->Head == 0 ? 0 : Rows;
        if (cluster->Head == 0) cluster->Bounds = Bounds.Nothing;
        _nextBlock[emptied] = _freeBlock;
        _freeBlock = emptied;
    }

    /// <summary>The best rows of all. See <see cref="Top{TFilter}"/>.</summary>
    public int Top(ReadOnlySpan<float> query, Span<ScoredRow> results) => Top(query, results, default(EveryRow));

    /// <summary>
    /// Fills <paramref name="results"/> with the rows of the highest products that the filter allows, best first, and returns
    /// how many there are. Allocates nothing.
    /// </summary>
    /// <param name="query">64 finite numbers of at most <see cref="MaxComponent"/>.</param>
    /// <param name="results">As long as rows are wanted, at most <see cref="MaxResults"/>.</param>
    /// <param name="filter">Which rows are allowed.</param>
    /// <param name="least">Rows with lower products are not wanted: who knows a score that the last of the best reaches saves most of the work.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Top<TFilter>(ReadOnlySpan<float> query, Span<ScoredRow> results, TFilter filter, float least = float.MinValue) where TFilter : struct, IRowFilter
    {
        Check(query);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(results.Length, MaxResults, nameof(results));
        LastCompared = LastNarrowed = LastScanned = 0;
        if (results.IsEmpty || Count == 0) return 0;
        ref var coarse = ref *_coarse;
        coarse.Set(query);
        Span<float> products = stackalloc float[MaxClusters];
        Span<float> reaches = stackalloc float[MaxClusters];
        Span<int> order = stackalloc int[MaxClusters];
        var bounds = _rowBounds;
        var search = new Search { Results = results, Products = products, Least = least };
        fixed (float* q = query, p = products)
        {
            Multiply(q, p);
            var live = Reach(coarse.Length, products, reaches, order);
            for (var i = 0; i < live; i++)
            {
                // A good score found early rules out most of what follows, whose order then matters no more.
                if (i < OrderedClusters) BestFirst(reaches[i..live], order[i..live]);
                if (reaches[i] < search.Least) continue;
                var number = order[i];
                var along = Along(number, p[number]);
                var across = Across(coarse.Length, along);
                for (var block = _clusters[number].Head; block != 0; block = _nextBlock[block])
                {
                    ref var limits = ref _blockBounds[block];
                    if (limits.Highest(along, across, coarse.Length) < search.Least) continue;
                    var rest = p[number] + limits.Length * (coarse.Error + coarse.Length * Rounding) + Tiny;
                    LastScanned++;
                    var reached = CoarseBlock.Scan(_codes + (long)block * CoarseBlock.Bytes, _coarse, search.Least - rest, bounds);
                    while (reached != 0)
                    {
                        var lane = BitOperations.TrailingZeroCount(reached);
                        reached &= reached - 1;
                        Queue(ref search, q, coarse.Length, block * Rows + lane, bounds[lane] + rest, filter);
                    }
                }

                Compare(ref search, q, coarse.Length, filter);
            }
        }

        return search.Found;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Queue<TFilter>(ref Search search, float* query, float queryLength, int slot, float bound, TFilter filter) where TFilter : struct, IRowFilter
    {
        search.Slots[search.Pending] = slot;
        search.Bounds[search.Pending] = bound;
        // As long as nothing is known to reach much, every row gets here: some of them soon say what is needed.
        if (++search.Pending == PendingRows || (search.Least == float.MinValue && search.Pending >= FirstRows + search.Results.Length))
            Compare(ref search, query, queryLength, filter);
    }

    // Those that can be best come first: what they reach rules out most of the others, which then cost nothing more.
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Compare<TFilter>(ref Search search, float* query, float queryLength, TFilter filter) where TFilter : struct, IRowFilter
    {
        if (search.Pending == 0) return;
        ulong* keys = stackalloc ulong[PendingRows];
        for (var i = 0; i < search.Pending; i++)
        {
            var bits = BitConverter.SingleToUInt32Bits(search.Bounds[i]);
            keys[i] = (ulong)((int)bits < 0 ? bits : ~bits & 0x7FFF_FFFF) << 32 | (uint)i;
        }

        var best = PartialSort.BringSmallest(new Span<ulong>(keys, search.Pending), search.Results.Length);
        for (var i = 0; i < search.Pending;)
        {
            var end = Math.Min(search.Pending, i < best ? Math.Min(best, i + CompareAtOnce) : i + CompareAtOnce);
            Compare(ref search, query, queryLength, keys + i, end - i, filter);
            i = end;
        }

        search.Pending = 0;
    }

    // Three steps, so that what the next step reads is on its way from memory while the others' is computed.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Compare<TFilter>(ref Search search, float* query, float queryLength, ulong* keys, int count, TFilter filter) where TFilter : struct, IRowFilter
    {
        var left = 0;
        for (var i = 0; i < count; i++)
        {
            if (search.Bounds[(uint)keys[i]] < search.Least) continue;
            var slot = search.Slots[(uint)keys[i]];
            keys[left++] = (uint)slot;
            if (!Sse.IsSupported) continue;
            Sse.Prefetch0(_fineCodes + (long)slot * FineCode.Bytes);
            Sse.Prefetch0(_fineWords + slot);
        }

        LastNarrowed += left;
        count = left;
        left = 0;
        for (var i = 0; i < count; i++)
        {
            var slot = (int)keys[i];
            var block = slot / Rows;
            var rest = search.Products[_clusterOfBlock[block]] + _blockBounds[block].Length * queryLength * Rounding + Tiny;
            if (FineCode.Bound(query, queryLength, _fineCodes + (long)slot * FineCode.Bytes, _fineWords[slot]) + rest < search.Least) continue;
            keys[left++] = (uint)slot;
            PrefetchVector(slot);
        }

        LastCompared += left;
        for (var i = 0; i < left; i++)
        {
            var slot = (int)keys[i];
            var candidate = new ScoredRow(_rowOfSlot[slot], FeatureVector.Dot(query, _vectors + (long)slot * Dimensions));
            // What the filter reads is farther away than the vector, so it is asked last.
            if (search.Wants(candidate) && filter.Allows(candidate.Row)) search.Take(candidate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void PrefetchVector(int slot)
    {
        if (!Sse.IsSupported) return;
        Sse.Prefetch0(_rowOfSlot + slot);
        var vector = (byte*)(_vectors + (long)slot * Dimensions);
        for (var line = 0; line < FeatureVector.Bytes; line += 64) Sse.Prefetch0(vector + line);
    }

    private int AddSlot(int number)
    {
        var cluster = _clusters + number;
        if (cluster->Head == 0 || cluster->Filled == Rows)
        {
            var block = _freeBlock;
            if (block != 0) _freeBlock = _nextBlock[block];
            else block = _blocksUsed++;
            CoarseBlock.Clear(_codes + (long)block * CoarseBlock.Bytes);
            _blockBounds[block] = Bounds.Nothing;
            _clusterOfBlock[block] = number;
            _nextBlock[block] = cluster->Head;
            cluster->Head = block;
            cluster->Filled = 0;
        }

        return cluster->Head * Rows + cluster->Filled++;
    }

    private static void Check(ReadOnlySpan<float> vector)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(vector.Length, Dimensions, nameof(vector));
        foreach (var x in vector)
        {
            // Written so that NaN does not pass.
            if (!(Math.Abs(x) <= MaxComponent)) throw new ArgumentOutOfRangeException(nameof(vector), x, "A component must be finite and small.");
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Cluster
    {
        /// <summary>The newest block; 0: there is none. Only it may have empty slots.</summary>
        public int Head;
        /// <summary>Slots in use of the newest block.</summary>
        public int Filled;
        /// <summary>Length of the centroid.</summary>
        public float Length;
        public Bounds Bounds;
    }

    private ref struct Search
    {
        public Span<ScoredRow> Results;
        /// <summary>The products of the query and the centroids.</summary>
        public ReadOnlySpan<float> Products;
        public int Found;
        /// <summary>The score that a row needs at least; of equals the lower row wins, so that a bound may be equal.</summary>
        public float Least;
        public int Pending;
        public fixed int Slots[PendingRows];
        public fixed float Bounds[PendingRows];

        public readonly bool Wants(ScoredRow candidate) => Found == Results.Length ? candidate.IsBefore(Results[Found - 1]) : candidate.Score >= Least;

        public void Take(ScoredRow candidate)
        {
            var at = Found < Results.Length ? Found++ : Found - 1;
            for (; at > 0 && candidate.IsBefore(Results[at - 1]); at--) Results[at] = Results[at - 1];
            Results[at] = candidate;
            if (Found == Results.Length) Least = Results[Found - 1].Score;
        }
    }
}
