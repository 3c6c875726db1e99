namespace LiveGrains.Crash.Tests;

/// <summary>Where clients wait while there is no server, and learn where the next one is.</summary>
internal sealed class ServerGate
{
    private readonly Lock _lock = new();
    private TaskCompletionSource<Uri> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;

    /// <summary>Clients that wait.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Waits for the next server.</summary>
    public async Task<Uri> NextAsync()
    {
        Task<Uri> next;
        lock (_lock) next = _next.Task;
        Interlocked.Increment(ref _waiting);
        try
        {
            return await next.WaitAsync(Wait.Limit + Wait.Limit);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>There is a server.</summary>
    public void Open(Uri address)
    {
        lock (_lock) _next.SetResult(address);
    }

    /// <summary>There is none any more. Called before the server is ended, so that no client is sent to a dead one.</summary>
    public void Close()
    {
        lock (_lock) _next = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
