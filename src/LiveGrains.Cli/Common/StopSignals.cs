using System.Runtime.InteropServices;

namespace LiveGrains.Cli;

/// <summary>
/// Turns the first SIGINT, SIGTERM or SIGQUIT into a cancelled token, so that commands end in order. The second one ends the
/// process at once, for a user who does not want to wait.
/// </summary>
public sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _received;

    /// <summary>Starts to listen.</summary>
    public StopSignals()
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT])
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, Receive));
        }
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _source.Dispose();
    }

    private void Receive(PosixSignalContext context)
    {
        if (Interlocked.Increment(ref _received) > 1)
        {
            Environment.Exit(ExitCodes.Failed);
        }
        context.Cancel = true;
        _source.Cancel();
    }
}
