namespace LiveGrains.Cli.Benchmarks;

/// <summary>One number about this build on this machine.</summary>
public interface IBenchmark
{
    /// <summary>Short and stable, for `--only`.</summary>
    string Name { get; }

    /// <summary>What is measured, in one line.</summary>
    string What { get; }

    /// <summary>Measures once. Called again for every run; must clean up after itself.</summary>
    BenchmarkResult Run(BenchmarkContext context);
}
