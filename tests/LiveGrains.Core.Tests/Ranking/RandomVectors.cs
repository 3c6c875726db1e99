namespace LiveGrains.Core.Tests;

/// <summary>Vectors for tests, by seed.</summary>
internal sealed class RandomVectors(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>A direction, every one as likely.</summary>
    public float[] Unit()
    {
        var vector = Normal(1);
        FeatureVector.Normalise(vector);
        return vector;
    }

    /// <summary>A direction near another.</summary>
    public float[] Near(float[] centre, float spread)
    {
        var vector = Normal(spread / 8);
        for (var i = 0; i < vector.Length; i++) vector[i] += centre[i];
        FeatureVector.Normalise(vector);
        return vector;
    }

    /// <summary>Rows around shared centres, as hashed categories are.</summary>
    public float[][] Clustered(int count, int centres, float spread)
    {
        var all = Enumerable.Range(0, centres).Select(_ => Unit()).ToArray();
        return Enumerable.Range(0, count).Select(_ => Near(all[_random.Next(centres)], spread)).ToArray();
    }

    private float[] Normal(float deviation)
    {
        var vector = new float[FeatureVector.Dimensions];
        for (var i = 0; i < vector.Length; i++)
            vector[i] = deviation * (float)(Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble()));
        return vector;
    }
}
