using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>
/// A network in which flow costs: nodes that give or take, arcs with a lower and an upper bound. What the nodes give and take in all
/// meets in node 0, the root.
/// </summary>
internal sealed class FlowNetwork
{
    private readonly List<double> _supply = [0];
    private int[] _source = new int[64], _target = new int[64];
    private double[] _cost = new double[64], _lower = new double[64], _upper = new double[64];

    /// <summary>Number of nodes with the root.</summary>
    public int Nodes => _supply.Count;

    /// <summary>Number of arcs.</summary>
    public int Arcs { get; private set; }

    /// <summary>Adds a node that gives <paramref name="supply"/> (takes, when it is negative) and returns its number.</summary>
    public int AddNode(double supply = 0)
    {
        _supply.Add(supply);
        return Nodes - 1;
    }

    /// <summary>Adds an arc with finite lower and perhaps infinite upper bound and returns its number.</summary>
    public int AddArc(int source, int target, double cost, double lower, double upper)
    {
        if (Arcs == _source.Length)
        {
            Array.Resize(ref _source, 2 * Arcs);
            Array.Resize(ref _target, 2 * Arcs);
            Array.Resize(ref _cost, 2 * Arcs);
            Array.Resize(ref _lower, 2 * Arcs);
            Array.Resize(ref _upper, 2 * Arcs);
        }
        (_source[Arcs], _target[Arcs], _cost[Arcs], _lower[Arcs], _upper[Arcs]) = (source, target, cost, lower, upper);
        return Arcs++;
    }

    /// <summary>What each node gives.</summary>
    public ReadOnlySpan<double> Supply => CollectionsMarshal.AsSpan(_supply);

    /// <summary>Where each arc begins.</summary>
    public ReadOnlySpan<int> Source => _source.AsSpan(0, Arcs);

    /// <summary>Where each arc ends.</summary>
    public ReadOnlySpan<int> Target => _target.AsSpan(0, Arcs);

    /// <summary>What a unit of flow costs on each arc.</summary>
    public ReadOnlySpan<double> Cost => _cost.AsSpan(0, Arcs);

    /// <summary>The least flow of each arc.</summary>
    public ReadOnlySpan<double> Lower => _lower.AsSpan(0, Arcs);

    /// <summary>The most flow of each arc.</summary>
    public ReadOnlySpan<double> Upper => _upper.AsSpan(0, Arcs);
}
