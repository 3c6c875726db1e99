using System.Text.Json;

namespace LiveGrains.Cli.Top;

/// <summary>Asks a server for what `top` shows.</summary>
public sealed class TopSource(ServerReader reader, string server, TimeProvider time)
{
    private const int SeriesAtOnce = 6;
    private const int SeriesMinutes = 40;

    /// <summary>The address, for people.</summary>
    public string Server { get; } = server;

    /// <summary>One look. Throws <see cref="HttpRequestException"/> or <see cref="OperationCanceledException"/> (timeout) when the server is away.</summary>
    public async Task<TopSnapshot> LookAsync(RoomSort sort, int rooms, string? cursor, CancellationToken cancellationToken)
    {
        try
        {
            var overview = reader.GetOverviewAsync(cancellationToken);
            var page = reader.ListRoomsAsync(new RoomListQuery(true, sort, rooms, cursor), cancellationToken);
            var metrics = reader.GetMetricsTextAsync(cancellationToken);
            await Task.WhenAll(overview, page, metrics).ConfigureAwait(false);
            return new TopSnapshot(Server, time.GetUtcNow(), await overview.ConfigureAwait(false), EngineSignals.Parse(await metrics.ConfigureAwait(false)), await page.ConfigureAwait(false));
        }
        catch (JsonException exception)
        {
            throw new HttpRequestException($"{Server} does not answer like a LiveGrains server.", exception);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException($"{Server} does not answer.");
        }
    }

    /// <summary>Reads gmv per minute of the rooms in the view. A room whose series cannot be read keeps what it has.</summary>
    public async Task AddSeriesAsync(TopView view, CancellationToken cancellationToken)
    {
        if (view.Snapshot is not { } snapshot) return;
        foreach (var (room, values) in await ReadSeriesAsync(snapshot.Rooms, cancellationToken).ConfigureAwait(false))
        {
            view.GmvByMinute[room] = values;
        }
    }

    /// <summary>Gmv per minute of the rooms of a page, a few requests at a time.</summary>
    public async Task<IReadOnlyList<(string Room, IReadOnlyList<double> Values)>> ReadSeriesAsync(RoomListPage page, CancellationToken cancellationToken)
    {
        var from = page.AsOf.AddMinutes(-SeriesMinutes).ToUnixTimeMilliseconds() / 60_000 * 60_000;
        var results = new List<(string, IReadOnlyList<double>)>();
        foreach (var some in page.Rooms.Chunk(SeriesAtOnce))
        {
            var answers = await Task.WhenAll(some.Select(r => ReadAsync(r.Room, from, cancellationToken))).ConfigureAwait(false);
            for (var i = 0; i < some.Length; i++)
            {
                if (answers[i] is { } series) results.Add((some[i].Room, series.Points.Select(p => p.Value).ToArray()));
            }
        }
        return results;
    }

    private async Task<SeriesAnswer?> ReadAsync(string room, long fromMs, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.GetSeriesAsync(room, "gmv", 60, fromMs, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }
}
