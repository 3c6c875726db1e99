using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace LiveGrains.Server.Tests;

/// <summary>HTTP by hand, for what a client library would not send.</summary>
public static class RawHttp
{
    public static async Task SendAsync(this Socket socket, string text) => await socket.SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Reads one answer with a Content-Length: status, headers in lower case, body.</summary>
    public static async Task<(int Status, Dictionary<string, string> Headers, byte[] Body)> ReadAnswerAsync(this Socket socket, TimeSpan? timeout = null)
    {
        using var limit = new CancellationTokenSource(timeout ?? TimeSpan.FromSeconds(30));
        var bytes = new List<byte>();
        var chunk = new byte[64 << 10];
        var head = -1;
        var headers = new Dictionary<string, string>();
        while (head < 0 || bytes.Count < head + 4 + int.Parse(headers.GetValueOrDefault("content-length", "0")))
        {
            var read = await socket.ReceiveAsync(chunk, limit.Token);
            if (read == 0) break;
            bytes.AddRange(chunk.AsSpan(0, read));
            if (head >= 0) continue;
            head = Encoding.Latin1.GetString([.. bytes]).IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (head < 0) continue;
            foreach (var line in Encoding.Latin1.GetString([.. bytes[..head]]).Split("\r\n").Skip(1))
                headers[line[..line.IndexOf(':')].ToLowerInvariant()] = line[(line.IndexOf(':') + 1)..].Trim();
        }
        Assert.True(head >= 0, "the connection ended before an answer");
        var status = int.Parse(Encoding.Latin1.GetString([.. bytes[..head]]).Split(' ')[1]);
        return (status, headers, [.. bytes[(head + 4)..]]);
    }

    public static JsonElement Json(this byte[] body) => JsonDocument.Parse(body).RootElement;

    /// <summary>True when the server ends the connection within the time, with or without more bytes before.</summary>
    public static async Task<bool> IsClosedAsync(this Socket socket, TimeSpan timeout)
    {
        using var limit = new CancellationTokenSource(timeout);
        var chunk = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(chunk, limit.Token) > 0)
            {
            }
            return true;
        }
        catch (SocketException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
