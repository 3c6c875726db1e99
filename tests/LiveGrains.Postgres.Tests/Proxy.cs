using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace LiveGrains.Postgres.Tests;

/// <summary>A wire between an engine and the server that a test can hold, cut and count.</summary>
internal sealed class Proxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private readonly object _gate = new();
    private readonly List<Socket> _sockets = [];
    private bool _holdRequests;
    private bool _holdAnswers;
    private bool _refuse;
    private int _waiting;
    private bool _lastWasAnswer = true;
    private int _turns;

    public Proxy(int target)
    {
        _target = target;
        _listener.Start();
        new Thread(Accept) { IsBackground = true }.Start();
    }

    /// <summary>Round trips: how often a request followed an answer.</summary>
    public int RoundTrips
    {
        get { lock (_gate) return _turns; }
    }

    /// <summary>The connection string with this wire in it.</summary>
    public string Through(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.ConnectionString;

    /// <summary>From now on requests do not arrive.</summary>
    public void HoldRequests()
    {
        lock (_gate) _holdRequests = true;
    }

    /// <summary>From now on answers do not arrive.</summary>
    public void HoldAnswers()
    {
        lock (_gate) _holdAnswers = true;
    }

    /// <summary>Waits until something is held.</summary>
    public void AwaitHeld()
    {
        lock (_gate)
        {
            while (_waiting == 0) Assert.True(Monitor.Wait(_gate, TimeSpan.FromMinutes(5)), "Nothing came.");
        }
    }

    /// <summary>Lets everything through again.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _holdRequests = _holdAnswers = _refuse = false;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Cuts all connections, what was held with them; new ones are refused until the release when <paramref name="refuse"/>.</summary>
    public void Cut(bool refuse = false)
    {
        lock (_gate)
        {
            _refuse = refuse;
            foreach (var socket in _sockets) socket.Dispose();
            _sockets.Clear();
            _holdRequests = _holdAnswers = false;
            Monitor.PulseAll(_gate);
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        Cut(refuse: true);
    }

    private void Accept()
    {
        while (true)
        {
            Socket client;
            try
            {
                client = _listener.AcceptSocket();
            }
            catch (Exception e) when (e is SocketException or InvalidOperationException or NullReferenceException)
            {
                return; // The test is over: a listener that is stopped between two calls throws any of these.
            }

            var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                lock (_gate)
                {
                    if (_refuse) throw new SocketException((int)SocketError.ConnectionRefused);
                    _sockets.Add(client);
                    _sockets.Add(server);
                }

                client.NoDelay = server.NoDelay = true;
                server.Connect(IPAddress.Loopback, _target);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Refused, cut already, or the server is down.
                client.Dispose();
                server.Dispose();
                continue;
            }

            new Thread(() => Forward(client, server, answers: false)) { IsBackground = true }.Start();
            new Thread(() => Forward(server, client, answers: true)) { IsBackground = true }.Start();
        }
    }

    private void Forward(Socket from, Socket to, bool answers)
    {
        var buffer = new byte[256 << 10];
        try
        {
            int count;
            while ((count = from.Receive(buffer)) > 0)
            {
                lock (_gate)
                {
                    if (_lastWasAnswer && !answers) _turns++;
                    _lastWasAnswer = answers;
                    while (answers ? _holdAnswers : _holdRequests)
                    {
                        _waiting++;
                        Monitor.PulseAll(_gate);
                        Monitor.Wait(_gate);
                        _waiting--;
                    }
                }

                to.Send(buffer.AsSpan(0, count));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut.
        }

        from.Dispose();
        to.Dispose();
    }
}
