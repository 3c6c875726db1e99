using System.Net;

namespace LiveGrains.Crash.Tests;

/// <summary>
/// A producer as it should be: one request under way; what was not acknowledged is sent again, as it was, until it is; after a
/// lost connection it connects anew.
/// </summary>
internal sealed class LoadClient(LoadStream stream, ServerGate gate, bool isAtomic)
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(20);
    private readonly List<byte[]> _acknowledged = [];
    private long _count;
    private List<byte[]>? _batch;
    private volatile bool _stopping;

    /// <summary>Events that were acknowledged, in their order.</summary>
    public IReadOnlyList<byte[]> Acknowledged => _acknowledged;

    /// <summary>Their number; from any thread.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Events that were sent and not answered, so that they may be kept or not. Read it while the client waits for a server.</summary>
    public int Uncertain { get; private set; }

    /// <summary>Requests that ended without an answer.</summary>
    public int Lost { get; private set; }

    /// <summary>Requests that were refused with 429 or 503.</summary>
    public int Refused { get; private set; }

    /// <summary>No further batch; the last one is still brought home.</summary>
    public void Stop() => _stopping = true;

    /// <summary>Sends until stopped. Throws when an answer is not as it must be.</summary>
    public async Task RunAsync()
    {
        Api? api = null;
        try
        {
            while (!_stopping || _batch != null)
            {
                api ??= new Api(await gate.NextAsync());
                _batch ??= stream.NextBatch();
                try
                {
                    Take(await api.PostAsync(_batch));
                    if (_batch != null) await Task.Delay(_pause);
                }
                catch (HttpRequestException e)
                {
                    // A connection that was refused carried nothing.
                    if (e.HttpRequestError != HttpRequestError.ConnectionError) Uncertain = _batch!.Count;
                    Lost++;
                    api.Dispose();
                    api = null;
                }
            }
        }
        finally
        {
            api?.Dispose();
        }
    }

    private void Take(Api.Answer answer)
    {
        if (answer.Status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests)
        {
            Assert.NotNull(answer.RetryAfterSeconds);
            Refused++;
            return;
        }

        Assert.True(answer.Status == HttpStatusCode.Accepted, $"{(int)answer.Status} {answer.Text}");
        int accepted = answer.Json["accepted"]!.GetValue<int>(), duplicates = answer.Json["duplicates"]!.GetValue<int>();
        Assert.True(accepted + duplicates == _batch!.Count, answer.Text);
        if (Uncertain == 0) Assert.True(duplicates == 0, $"duplicates of what was sent once: {answer.Text}");
        else if (isAtomic) Assert.True(accepted == 0 || duplicates == 0, $"half a batch was kept: {answer.Text}");
        _acknowledged.AddRange(_batch);
        Volatile.Write(ref _count, _acknowledged.Count);
        _batch = null;
        Uncertain = 0;
    }
}
