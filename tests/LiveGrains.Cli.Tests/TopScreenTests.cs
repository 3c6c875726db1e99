using LiveGrains.Cli.Top;

namespace LiveGrains.Cli.Tests;

public sealed class TopScreenTests
{
    [Theory]
    [InlineData(80, 24)]
    [InlineData(140, 40)]
    [InlineData(60, 10)]
    public void The_screen_fits_its_terminal(int columns, int lines)
    {
        var view = new TopView { Server = "http://127.0.0.1:5080" };
        var rows = Enumerable.Range(0, 60).Select(i => Samples.RoomRow("房间-" + i) with { Title = "一个很长很长很长很长很长很长很长很长的标题" }).ToArray();
        view.Take(new TopSnapshot(view.Server, Samples.Now, Samples.Overview(), EngineSignals.None, new RoomListPage(rows, 60, "next", Samples.Now)));
        view.GmvByMinute["房间-0"] = [0, 1, 2, 3];

        var writer = new StringWriter();
        var environment = new ToolEnvironment { Out = writer, Error = writer, OpenInput = () => Stream.Null, OpenOutput = () => Stream.Null };
        var console = environment.CreateConsole();
        console.Profile.Width = columns;
        console.Write(TopScreen.Draw(view, columns, lines, Samples.Now));

        var drawn = writer.ToString().TrimEnd('\n').Split('\n');
        Assert.Equal(lines, drawn.Length);
        Assert.All(drawn, line => Assert.InRange(Cells.Width(line), 0, columns));
        Assert.Contains("events/s", drawn[2]);
        Assert.Contains("quit", drawn[^1]);
    }

    [Fact]
    public void A_server_that_is_away_is_said()
    {
        var view = new TopView { Server = "http://127.0.0.1:5080", Trouble = "Connection refused" };
        var writer = new StringWriter();
        var environment = new ToolEnvironment { Out = writer, Error = writer, OpenInput = () => Stream.Null, OpenOutput = () => Stream.Null };

        environment.CreateConsole().Write(TopScreen.Draw(view, 100, 24, Samples.Now));

        Assert.Contains("away", writer.ToString());
        Assert.Contains("Connection refused", writer.ToString());
    }

    [Fact]
    public void Pages_go_forth_and_back_and_a_new_order_begins_at_the_first()
    {
        var view = new TopView { Server = "x" };
        view.Take(new TopSnapshot("x", Samples.Now, Samples.Overview(), EngineSignals.None, new RoomListPage([], 60, "second", Samples.Now)));

        Assert.Null(view.Cursor);
        Assert.True(view.NextPage());
        Assert.Equal("second", view.Cursor);
        Assert.True(view.PreviousPage());
        Assert.Null(view.Cursor);
        view.NextPage();
        view.NextSort();
        Assert.Equal(RoomSort.Online, view.Sort);
        Assert.Null(view.Cursor);
    }

    [Fact]
    public void Signals_are_found_by_the_words_of_their_names()
    {
        var signals = EngineSignals.Parse("""
            # TYPE a counter
            lg_rejected_total{code="a b"} 3
            lg_rejected_total{code="c"} 4
            lg_queue_bytes{shard="0"} 100 1700000000000
            lg_queue_bytes{shard="1"} 1e3
            lg_last_sync_seconds 0.002
            lg_sync_seconds_total 99
            """);

        Assert.Equal(new EngineSignals(7, 2_000, 1_100), signals);
    }

    [Theory]
    [InlineData("abc", 5, "abc  ")]
    [InlineData("abcdef", 4, "abc…")]
    [InlineData("精选好物", 5, "精选…")]
    [InlineData("精选好物", 4, "精…")]
    [InlineData("a\u001b[2Jb", 7, "a [2Jb ")]
    public void Text_takes_exactly_its_cells(string text, int cells, string expected)
    {
        var fitted = Cells.Left(text, cells);

        Assert.Equal(expected.TrimEnd(), fitted.TrimEnd());
        Assert.Equal(cells, Cells.Width(fitted));
    }
}
