namespace LiveGrains.Core.Tests;

/// <summary>Online logistic regression.</summary>
public sealed unsafe class FtrlProximalTests
{
    [Fact]
    public void It_comes_near_to_the_best_possible_and_is_calibrated()
    {
        const int Terms = 24, Examples = 60_000;
        var random = new Random(1);
        var truth = Enumerable.Range(0, Terms).Select(i => i == 0 ? -2.0 : random.NextDouble() * 2 - 1).ToArray();
        var model = new FtrlProximal(Terms, new FtrlOptions { Alpha = 0.3, PriorStrength = 0 });
        double best = 0, loss = 0;
        for (var i = 0; i < Examples; i++)
        {
            var x = Example(random, Terms);
            var p = 1 / (1 + Math.Exp(-x.Zip(truth, (a, b) => a * b).Sum()));
            var happened = random.NextDouble() < p;
            var predicted = model.Learn(Objective.Watch, x, happened);
            if (i < Examples / 3) continue;
            best -= Math.Log(happened ? p : 1 - p);
            loss -= Math.Log(happened ? predicted : 1 - predicted);
        }

        Assert.InRange(loss / best, 0.999, 1.005);
        var check = model.Check(Objective.Watch);
        Assert.InRange(check.Error, 0, 0.015);
        Assert.InRange(check.PredictedRate / check.ObservedRate, 0.97, 1.03);
        Assert.InRange(check.NormalisedEntropy, 0.5, 0.97);
        Assert.InRange(check.LogLoss / (loss / (Examples * 2 / 3)), 0.97, 1.03);
        for (var bucket = 0; bucket < Calibration.Buckets; bucket++) Assert.InRange(check[bucket].Share, 0.07, 0.13);
        // The others have learned nothing.
        Assert.Equal(0.5, model.Predict(Objective.Pay, Example(random, Terms)));
    }

    [Fact]
    public void It_equals_the_paper_in_plain_doubles()
    {
        const int Terms = 37;
        var random = new Random(2);
        var options = new FtrlOptions { Alpha = 0.1, Beta = 0.7, L1 = 0.4, L2 = 0.2, PriorStrength = 3, NegativeShare = 0.25 };
        var priors = Enumerable.Range(0, 3 * Terms).Select(i => i % 4 == 0 ? 0 : (float)(random.NextDouble() - 0.5)).ToArray();
        var model = new FtrlProximal(Terms, options, priors);
        var naive = Enumerable.Range(0, 3).Select(o => new Naive(priors.AsSpan(o * Terms, Terms).ToArray(), options)).ToArray();
        for (var i = 0; i < 3 * Terms; i++) Assert.Equal(priors[i], model.Weights((Objective)(i / Terms))[i % Terms], 1e-6);
        for (var i = 0; i < 20_000; i++)
        {
            var x = Example(random, Terms);
            var objective = (Objective)random.Next(3);
            var happened = random.Next(5) == 0;
            var weight = 0.5 + random.NextDouble();
            Assert.Equal(naive[(int)objective].Learn(x, happened, weight), model.Learn(objective, x, happened, weight), 1e-6);
        }

        for (var o = 0; o < 3; o++)
        {
            for (var t = 0; t < Terms; t++) Assert.Equal(naive[o].Weight(t), model.Weights((Objective)o)[t], 1e-6);
        }

        var batch = new float[100 * model.Stride];
        var one = new float[Terms];
        for (var i = 0; i < batch.Length; i++) batch[i] = (float)random.NextDouble() * 2 - 1;
        var scores = new float[300];
        model.Score(batch, scores);
        for (var i = 0; i < 300; i++)
        {
            batch.AsSpan(i % 100 * model.Stride, Terms).CopyTo(one);
            Assert.Equal(model.Predict((Objective)(i / 100), one), scores[i], 1e-6);
        }
    }

    [Fact]
    public void Terms_that_say_nothing_get_weights_of_exactly_zero()
    {
        const int Terms = 20;
        var random = new Random(3);
        var model = new FtrlProximal(Terms, new FtrlOptions { Alpha = 0.1, L1 = 120, PriorStrength = 0 });
        for (var i = 0; i < 20_000; i++)
        {
            var x = Example(random, Terms);
            model.Learn(Objective.Pay, x, random.NextDouble() < 1 / (1 + Math.Exp(-4 * x[1] + 4 * x[2])));
        }

        Assert.InRange(model.Weights(Objective.Pay)[1], 1, 5);
        Assert.InRange(model.Weights(Objective.Pay)[2], -5, -1);
        Assert.All(model.Weights(Objective.Pay)[3..].ToArray(), w => Assert.Equal(0, w));
    }

    [Fact]
    public void With_a_tenth_of_the_negatives_predictions_are_those_of_all()
    {
        var random = new Random(4);
        var model = new FtrlProximal(4, new FtrlOptions { Alpha = 0.1, NegativeShare = 0.1, PriorStrength = 0 });
        var predicted = 0.0;
        var count = 0;
        for (var i = 0; i < 400_000; i++)
        {
            var x = Example(random, 4);
            var happened = random.NextDouble() < 0.01;
            if (!happened && random.Next(10) != 0) continue;
            var p = model.Learn(Objective.Pay, x, happened);
            if (i < 200_000) continue;
            predicted += p;
            count++;
        }

        Assert.InRange(predicted / count, 0.008, 0.0125);
        Assert.InRange(model.Check(Objective.Pay).ObservedRate, 0.008, 0.0125);
    }

    [Fact]
    public void It_starts_from_its_prior_and_leaves_it_slowly()
    {
        float[] priors = [-1, 2, 0, 0, 0, 0, 0, 0, 0];
        var firm = new FtrlProximal(3, new FtrlOptions { PriorStrength = 1000 }, priors);
        var loose = new FtrlProximal(3, new FtrlOptions { PriorStrength = 1 }, priors);
        float[] x = [1, 1, 0];
        Assert.Equal(1 / (1 + Math.Exp(-1)), firm.Predict(Objective.Watch, x), 1e-6);
        for (var i = 0; i < 100; i++)
        {
            firm.Learn(Objective.Watch, x, false);
            loose.Learn(Objective.Watch, x, false);
        }

        Assert.InRange(firm.Predict(Objective.Watch, x), 0.6, 0.731);
        Assert.InRange(loose.Predict(Objective.Watch, x), 0.1, firm.Predict(Objective.Watch, x) - 0.1);
    }

    [Fact]
    public void What_was_learned_is_saved_and_loaded_to_the_last_bit()
    {
        var random = new Random(5);
        var model = new FtrlProximal(30, new FtrlOptions { L1 = 0.5 });
        for (var i = 0; i < 3000; i++) model.Learn((Objective)(i % 3), Example(random, 30), random.Next(3) == 0);
        var memory = new StateMemory();
        model.Save(memory);
        var loaded = new FtrlProximal(30, new FtrlOptions { L1 = 0.5 });
        loaded.Load(memory);
        Assert.True(memory.IsAtEnd);
        for (var i = 0; i < 1000; i++)
        {
            var x = Example(random, 30);
            var happened = random.Next(3) == 0;
            Assert.Equal(model.Learn((Objective)(i % 3), x, happened), loaded.Learn((Objective)(i % 3), x, happened));
        }

        Assert.Equal(model.Check(Objective.Watch).Error, loaded.Check(Objective.Watch).Error);
        var again = new StateMemory();
        memory = new StateMemory();
        model.Save(memory);
        loaded.Save(again);
        Assert.Equal(memory.Bytes, again.Bytes);
        Assert.Throws<InvalidDataException>(() => new FtrlProximal(31, new FtrlOptions()).Load(again));
    }

    [Fact]
    public void Machines_with_and_without_AVX_512_compute_the_same()
    {
        var random = new Random(6);
        foreach (var terms in new[] { 1, 16, 33, 48, 64 })
        {
            var model = new FtrlProximal(terms, new FtrlOptions(), Enumerable.Range(0, 3 * terms).Select(_ => (float)random.NextDouble() - 0.5f).ToArray());
            var batch = Enumerable.Range(0, 7 * model.Stride).Select(_ => (float)random.NextDouble() * 4 - 2).ToArray();
            var scores = new float[21];
            model.Score(batch, scores);
            var weights = new float[3 * FtrlProximal.MaxTerms];
            for (var o = 0; o < 3; o++) model.Weights((Objective)o).CopyTo(weights.AsSpan(o * FtrlProximal.MaxTerms));
            var others = new float[21];
            fixed (float* x = batch, w = weights, p = others) FtrlProximal.ProductsPortable(x, w, p, 7, model.Stride);
            VectorMath.Sigmoid(others);
            Assert.Equal(others, scores);
        }
    }

    [Fact]
    public void Logistic_function_and_logarithm_are_those_of_the_textbook()
    {
        for (var x = -60.0; x <= 60; x += 0.0137)
        {
            Assert.Equal(1, PortableMath.Exp(x) / Math.Exp(x), 1e-12);
            Assert.Equal(1, (1 + Math.Exp(-x)) * Sigmoid((float)x) + (x - (float)x), 3e-6);
            var positive = Math.Exp(x);
            Assert.Equal(Math.Log(positive), PortableMath.Log(positive), 1e-11);
            var log = VectorMath.Log(System.Runtime.Intrinsics.Vector256.Create((float)positive))[3];
            Assert.Equal(Math.Log((float)positive), log, 1e-5);
        }

        Assert.Equal(0.5f, Sigmoid(0));
        Assert.InRange(Sigmoid(1e30f), 0.999999f, 1f);
        Assert.InRange(Sigmoid(-1e30f), 0f, 1e-30f);
        Assert.Equal(0.5, PortableMath.Sigmoid(0));
    }

    [Fact]
    public void Logarithms_of_many_numbers_have_the_bits_of_one_by_one()
    {
        var random = new Random(8);
        var numbers = Enumerable.Range(0, 10_001).Select(_ => Math.Exp(random.NextDouble() * 200 - 100)).Concat([1, 2, 0.5, 1.4142135623730951]).ToArray();
        var logarithms = (double[])numbers.Clone();
        VectorMath.Log(logarithms);
        Assert.Equal(numbers.Select(PortableMath.Log), logarithms);
    }

    [Fact]
    public void Calibration_sees_a_model_that_promises_too_much_and_forgets_old_times()
    {
        var random = new Random(7);
        var check = new Calibration(2000);
        Assert.True(double.IsNaN(check.Error));
        for (var i = 0; i < 20_000; i++) check.Observe(0.02 * (1 + random.NextDouble()), random.NextDouble() < 0.01);
        Assert.InRange(check.Error, 0.012, 0.03);
        Assert.InRange(check.PredictedRate / check.ObservedRate, 2, 4.5);
        for (var i = 0; i < 20_000; i++)
        {
            var p = 0.2 * (1 + random.NextDouble());
            check.Observe(p, random.NextDouble() < p);
        }

        Assert.InRange(check.PredictedRate / check.ObservedRate, 0.93, 1.07);
        Assert.InRange(check.Error, 0, 0.05);
    }

    [Fact]
    public void Wrong_settings_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new FtrlProximal(65, new FtrlOptions()));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FtrlProximal(0, new FtrlOptions()));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FtrlProximal(4, new FtrlOptions { Alpha = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FtrlProximal(4, new FtrlOptions { L1 = double.NaN }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FtrlProximal(4, new FtrlOptions { NegativeShare = 1.5 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FtrlProximal(4, new FtrlOptions(), new float[4]));
        Assert.Throws<ArgumentException>(() => new FtrlProximal(4, new FtrlOptions()).Score(new float[15], new float[3]));
    }

    private static float Sigmoid(float x)
    {
        Span<float> one = [x];
        VectorMath.Sigmoid(one);
        return one[0];
    }

    private static float[] Example(Random random, int terms)
    {
        var x = new float[terms];
        for (var i = 0; i < terms; i++) x[i] = i == 0 ? 1 : random.Next(4) == 0 ? 0 : (float)(random.NextDouble() * 2 - 1);
        return x;
    }

    // Algorithm 1 of the paper, word by word.
    private sealed class Naive
    {
        private readonly double[] _z;
        private readonly double[] _n;
        private readonly FtrlOptions _options;

        public Naive(float[] priors, FtrlOptions options)
        {
            _options = options;
            _n = priors.Select(_ => options.PriorStrength).ToArray();
            _z = priors.Select(w => w == 0 ? 0 : -w * ((options.Beta + Math.Sqrt(options.PriorStrength)) / options.Alpha + options.L2) - Math.Sign(w) * options.L1).ToArray();
        }

        public double Weight(int i) => Math.Abs(_z[i]) <= _options.L1
            ? 0
            : -(_z[i] - Math.Sign(_z[i]) * _options.L1) / ((_options.Beta + Math.Sqrt(_n[i])) / _options.Alpha + _options.L2);

        public double Learn(float[] x, bool happened, double weight)
        {
            var sum = 0.0;
            for (var i = 0; i < x.Length; i++) sum += x[i] * Weight(i);
            var p = 1 / (1 + Math.Exp(-sum));
            if (!happened) weight /= _options.NegativeShare;
            for (var i = 0; i < x.Length; i++)
            {
                var g = (p - (happened ? 1 : 0)) * weight * x[i];
                var w = Weight(i);
                _z[i] += g - (Math.Sqrt(_n[i] + g * g) - Math.Sqrt(_n[i])) / _options.Alpha * w;
                _n[i] += g * g;
            }

            return p;
        }
    }
}
