using System.Buffers;
using System.Text;

namespace LiveGrains.Simulator.Tests;

public sealed class StreamRuleTests
{
    [Theory]
    [InlineData(1UL, 200, 20_000, 120, 1.0)]
    [InlineData(2UL, 1_000, 5_000, 60, 1.0)]
    [InlineData(3UL, 20, 3_000, 600, 1.0)]
    [InlineData(4UL, 1, 50, 600, 1.0)]
    [InlineData(5UL, 3, 1, 600, 5.0)]
    [InlineData(6UL, 30, 2_000, 60, 20.0)]
    public void Every_line_keeps_the_contract(ulong seed, int rooms, int users, int minutes, double activity)
    {
        var census = StreamOf.Census(new SimulatorOptions
        {
            Seed = seed,
            Rooms = rooms,
            Users = users,
            Minutes = minutes,
            Activity = activity,
        });
        Assert.Empty(census.Faults);
        Assert.True(census.Lines > 0);
        Assert.True(census.Users.Count <= users);
    }

    [Fact]
    public void Seq_counts_the_lines()
    {
        var bytes = StreamOf.Bytes(new SimulatorOptions { Rooms = 20, Users = 500, Minutes = 10, Sequence = true });
        var lines = Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < lines.Length; i++)
            Assert.Contains($"\",\"seq\":{i + 1},\"source\":\"sim\",", lines[i]);
        var census = new Census();
        census.Read(bytes);
        Assert.Empty(census.Faults);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("a \"quoted\" \\ source 名", true)]
    public void The_source_is_written_as_json(string source, bool present)
    {
        var bytes = StreamOf.Bytes(new SimulatorOptions { Rooms = 5, Users = 50, Minutes = 1, Source = source });
        using var first = System.Text.Json.JsonDocument.Parse(bytes.AsMemory(0, Array.IndexOf(bytes, (byte)'\n')));
        Assert.Equal(present, first.RootElement.TryGetProperty("source", out var value));
        if (present)
            Assert.Equal(source, value.GetString());
    }

    [Fact]
    public void The_longest_source_fits_into_a_line()
    {
        var census = StreamOf.Census(new SimulatorOptions { Rooms = 5, Users = 50, Minutes = 5, Source = new string('名', 128) });
        Assert.Empty(census.Faults);
    }

    [Fact]
    public void The_summary_and_the_clock_tell_what_was_written()
    {
        var options = new SimulatorOptions { Rooms = 50, Users = 2_000, Minutes = 20 };
        var simulator = new PlatformSimulator(options);
        Assert.Equal(options.Start.ToUnixTimeMilliseconds(), simulator.CurrentTimeMs);
        var buffer = new ArrayBufferWriter<byte>();
        var total = 0;
        for (int written; (written = simulator.WriteNext(buffer, 500)) > 0; total += written)
            Assert.InRange(written, 1, 500);
        var census = new Census();
        census.Read(buffer.WrittenMemory);
        var summary = simulator.Summary;
        Assert.Equal(total, summary.Events);
        Assert.Equal(census.Lines, summary.Events);
        Assert.Equal(buffer.WrittenCount, summary.Bytes);
        Assert.Equal(census.OnAir, summary.RoomsOnAir);
        Assert.Equal(census.LastMs, simulator.CurrentTimeMs);
        Assert.Equal(census.ByType.OrderBy(t => t.Key), summary.ByType.OrderBy(t => t.Key));
        Assert.Equal(0, simulator.WriteNext(buffer, 500));
    }

    [Theory]
    [InlineData(0, 10, 10, 1.0)]
    [InlineData(10, 0, 10, 1.0)]
    [InlineData(10, 10, 0, 1.0)]
    [InlineData(10, 10, 10, 0.0)]
    [InlineData(10, 10, 10, double.NaN)]
    public void An_option_out_of_range_is_refused(int rooms, int users, int minutes, double activity) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PlatformSimulator(
            new SimulatorOptions { Rooms = rooms, Users = users, Minutes = minutes, Activity = activity }));
}
