using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace LiveGrains.Cli;

/// <summary>Reads from a server by its HTTP API. Any thread.</summary>
public sealed class ServerReader : IMetricsReader, IDisposable
{
    private readonly HttpClient _client;

    /// <summary>Makes a reader; no connection is made yet.</summary>
    /// <param name="server">The address, ending in a slash.</param>
    /// <param name="timeout">Time for one answer.</param>
    public ServerReader(Uri server, TimeSpan timeout)
    {
        _client = new HttpClient(new SocketsHttpHandler { ConnectTimeout = timeout, UseProxy = !server.IsLoopback })
        {
            BaseAddress = server,
            Timeout = timeout,
        };
    }

    /// <inheritdoc/>
    public async Task<RoomListPage> ListRoomsAsync(RoomListQuery query, CancellationToken cancellationToken)
    {
        var path = new StringBuilder("v1/rooms?sort=")
            .Append(char.ToLowerInvariant(query.Sort.ToString()[0])).Append(query.Sort.ToString().AsSpan(1))
            .Append("&limit=").Append(query.Limit.ToString(CultureInfo.InvariantCulture));
        if (query.Live is { } live) path.Append("&live=").Append(live ? "true" : "false");
        if (query.Cursor is { } cursor) path.Append("&cursor=").Append(Uri.EscapeDataString(cursor));
        if (query.Window is { } window) path.Append("&window=").Append(Uri.EscapeDataString(window));
        return await GetAsync<RoomListPage>(path.ToString(), cancellationToken).ConfigureAwait(false)
            ?? throw new HttpRequestException($"{_client.BaseAddress} has no /v1/rooms: is it a LiveGrains server?");
    }

    /// <inheritdoc/>
    public Task<RoomMetrics?> GetRoomAsync(string room, CancellationToken cancellationToken) =>
        GetAsync<RoomMetrics>("v1/rooms/" + Uri.EscapeDataString(room), cancellationToken);

    /// <inheritdoc/>
    public Task<RoomProducts?> GetRoomProductsAsync(string room, CancellationToken cancellationToken) =>
        GetAsync<RoomProducts>($"v1/rooms/{Uri.EscapeDataString(room)}/products", cancellationToken);

    /// <inheritdoc/>
    public Task<ItemMetrics?> GetProductAsync(string product, CancellationToken cancellationToken) =>
        GetAsync<ItemMetrics>("v1/products/" + Uri.EscapeDataString(product), cancellationToken);

    /// <summary>The platform.</summary>
    public async Task<Overview> GetOverviewAsync(CancellationToken cancellationToken) =>
        await GetAsync<Overview>("v1/overview", cancellationToken).ConfigureAwait(false)
            ?? throw new HttpRequestException($"{_client.BaseAddress} has no /v1/overview: is it a LiveGrains server?");

    /// <summary>A series of a room, or null.</summary>
    public Task<SeriesAnswer?> GetSeriesAsync(string room, string metric, int stepSeconds, long fromMs, CancellationToken cancellationToken) =>
        GetAsync<SeriesAnswer>(
            string.Create(CultureInfo.InvariantCulture, $"v1/rooms/{Uri.EscapeDataString(room)}/series?metric={metric}&step={stepSeconds}&from={fromMs}"),
            cancellationToken);

    /// <summary>A room's report as the server sends it, or null when it does not know the room. A refusal is thrown with the server's words.</summary>
    public async Task<byte[]?> GetReportAsync(string room, string query, CancellationToken cancellationToken)
    {
        var path = $"v1/rooms/{Uri.EscapeDataString(room)}/report?{query}";
        using var response = await _client.GetAsync(path, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotFound) return null;
        if (response.StatusCode == HttpStatusCode.BadRequest && await DetailAsync(response, cancellationToken).ConfigureAwait(false) is { } detail)
            throw new LiveGrainsException(ErrorCode.InvalidParameter, detail);
        if (!response.IsSuccessStatusCode) throw Unexpected(path, response.StatusCode);
        return await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The text of /metrics; empty when the server does not show it.</summary>
    public async Task<string> GetMetricsTextAsync(CancellationToken cancellationToken)
    {
        using var response = await _client.GetAsync("metrics", cancellationToken).ConfigureAwait(false);
        return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false) : "";
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<T?> GetAsync<T>(string path, CancellationToken cancellationToken)
        where T : class
    {
        using var response = await _client.GetAsync(path, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotFound) return null;
        if (!response.IsSuccessStatusCode) throw Unexpected(path, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<T>(JsonText.Compact, cancellationToken).ConfigureAwait(false);
    }

    private HttpRequestException Unexpected(string path, HttpStatusCode status) =>
        new($"{new Uri(_client.BaseAddress!, path)} answered {(int)status} {status}", null, status);

    private static async Task<string?> DetailAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json") return null;
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken).ConfigureAwait(false);
        return problem.TryGetProperty("detail", out var detail) ? detail.GetString() : null;
    }
}
