using System.Buffers;

namespace LiveGrains.Simulator.Tests;

public sealed class DeterminismTests
{
    private static readonly SimulatorOptions _small = new() { Rooms = 60, Users = 3_000, Minutes = 30 };

    [Fact]
    public void The_same_options_give_the_same_bytes() =>
        Assert.Equal(StreamOf.Hash(_small), StreamOf.Hash(_small with { }));

    [Fact]
    public void The_bytes_are_those_of_every_other_machine()
    {
        // Recorded once. A change of behaviour changes it; then record it anew.
        Assert.Equal("2E6D0AC77A33D16B651E52708ABE1D1A4B1298AD70BA39C55E58FC8F4D9B2FEF", StreamOf.Hash(_small));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public void The_size_of_the_batches_does_not_matter(int batch) =>
        Assert.Equal(StreamOf.Hash(_small), StreamOf.Hash(_small, batch));

    [Fact]
    public void A_small_buffer_gives_the_same_bytes()
    {
        var simulator = new PlatformSimulator(_small);
        var tight = new TightWriter();
        while (simulator.WriteNext(tight, 50) > 0)
        {
        }

        Assert.Equal(StreamOf.Bytes(_small), tight.Written.ToArray());
    }

    [Fact]
    public void Another_seed_gives_other_bytes() =>
        Assert.NotEqual(StreamOf.Hash(_small), StreamOf.Hash(_small with { Seed = 2 }));

    [Fact]
    public void A_longer_stream_begins_with_the_shorter_one()
    {
        var shorter = StreamOf.Bytes(_small with { Minutes = 5 });
        var longer = StreamOf.Bytes(_small with { Minutes = 10 });
        Assert.True(longer.AsSpan().StartsWith(shorter));
        Assert.True(longer.Length > shorter.Length);
    }

    [Fact]
    public void Writing_until_a_time_in_steps_gives_the_same_bytes()
    {
        var simulator = new PlatformSimulator(_small);
        var buffer = new ArrayBufferWriter<byte>();
        var startMs = _small.Start.ToUnixTimeMilliseconds();
        for (var ms = 0L; ms <= 30 * 60_000; ms += 777)
        {
            while (simulator.WriteUntil(buffer, startMs + ms, 100) > 0)
                Assert.True(simulator.CurrentTimeMs <= startMs + ms);
        }

        while (simulator.WriteNext(buffer, 100) > 0)
        {
        }

        Assert.Equal(StreamOf.Bytes(_small), buffer.WrittenSpan.ToArray());
    }

    /// <summary>Gives exactly what is asked for, at a new place each time.</summary>
    private sealed class TightWriter : IBufferWriter<byte>
    {
        private byte[] _last = [];

        public List<byte> Written { get; } = [];

        public void Advance(int count) => Written.AddRange(_last.AsSpan(0, count));

        public Memory<byte> GetMemory(int sizeHint = 0) => _last = new byte[sizeHint];

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
