using System.Net;
using LiveGrains.Crash.Tests;

namespace LiveGrains.Cluster.Tests;

/// <summary>
/// A producer as it should be: one request under way; what was not acknowledged is sent again, as it was, until it is, to the next silo
/// that there is.
/// </summary>
internal sealed class ClusterClient(LoadStream stream, Func<IReadOnlyList<Uri>> silos, int first)
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _silence = TimeSpan.FromSeconds(6);
    private readonly List<byte[]> _acknowledged = [];
    private long _count;
    private volatile bool _stopping;

    /// <summary>Events that were acknowledged, in their order. Read it when the client has ended.</summary>
    public IReadOnlyList<byte[]> Acknowledged => _acknowledged;

    /// <summary>Their number; from any thread.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Requests that were sent again: refused, or without an answer.</summary>
    public int Retries { get; private set; }

    /// <summary>No further batch; the last one is still brought home.</summary>
    public void Stop() => _stopping = true;

    /// <summary>Sends until stopped. Throws when an answer is not as it must be.</summary>
    public async Task RunAsync()
    {
        Api? api = null;
        var turn = first;
        try
        {
            while (!_stopping)
            {
                var batch = stream.NextBatch();
                var started = System.Diagnostics.Stopwatch.StartNew();
                var isSent = false;
                while (true)
                {
                    Assert.True(started.Elapsed < _limit, "A batch is taken by some silo.");
                    var all = silos();
                    api ??= new Api(all[turn++ % all.Count]);
                    if (await TryAsync(api, batch, isSent)) break;
                    isSent = true;
                    Retries++;
                    api.Dispose();
                    api = null;
                    await Task.Delay(_pause);
                }
            }
        }
        finally
        {
            api?.Dispose();
        }
    }

    private async Task<bool> TryAsync(Api api, List<byte[]> batch, bool isSent)
    {
        Api.Answer answer;
        try
        {
            using var silence = new CancellationTokenSource(_silence);
            answer = await api.PostAsync(batch, silence.Token);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }

        // The body came too slowly, from a machine that is too busy: nothing of it was read.
        if (answer.Status == HttpStatusCode.RequestTimeout) return false;
        if (answer.Status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests)
        {
            Assert.NotNull(answer.RetryAfterSeconds);
            return false;
        }

        Assert.True(answer.Status == HttpStatusCode.Accepted, $"{(int)answer.Status} {answer.Text}");
        int accepted = answer.Json["accepted"]!.GetValue<int>(), duplicates = answer.Json["duplicates"]!.GetValue<int>();
        Assert.True(accepted + duplicates == batch.Count, answer.Text);
        if (!isSent) Assert.True(duplicates == 0, $"duplicates of what was sent once: {answer.Text}");
        _acknowledged.AddRange(batch);
        Volatile.Write(ref _count, _acknowledged.Count);
        return true;
    }
}
