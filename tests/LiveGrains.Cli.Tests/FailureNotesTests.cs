using LiveGrains.Cli.Serve;

namespace LiveGrains.Cli.Tests;

public class FailureNotesTests
{
    private readonly Clock _clock = new();
    private readonly StringWriter _error = new();

    [Fact]
    public void A_failure_is_one_line_with_its_time()
    {
        using var notes = new FailureNotes(_error, _clock);
        notes.Note(new IOException("No space left on device."));
        notes.Note(new InvalidOperationException("Too many equal hashes."));
        Assert.Equal(["2026-01-02T03:04:05Z Failure: No space left on device.", "2026-01-02T03:04:05Z Failure: InvalidOperationException: Too many equal hashes."], Lines());
    }

    [Fact]
    public void The_same_failure_is_counted_for_a_minute()
    {
        using var notes = new FailureNotes(_error, _clock);
        for (var i = 0; i < 4; i++)
        {
            notes.Note(new IOException("full"));
            _clock.Now += TimeSpan.FromSeconds(15);
        }

        Assert.Single(Lines());
        notes.Note(new IOException("full"));
        Assert.Equal("2026-01-02T03:05:05Z Failure: full (3 more of these since 2026-01-02T03:04:05Z)", Lines()[1]);
        _clock.Now += TimeSpan.FromHours(1);
        notes.Note(new IOException("full"));
        Assert.Equal("2026-01-02T04:05:05Z Failure: full", Lines()[2]);
    }

    [Fact]
    public void Ever_new_failures_do_not_fill_the_memory_and_all_are_told()
    {
        using var notes = new FailureNotes(_error, _clock);
        for (var i = 0; i < 1_000; i++) notes.Note(new IOException($"number {i}"));
        Assert.Equal(1_000, Lines().Length);
    }

    private string[] Lines() => _error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
