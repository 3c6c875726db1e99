using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>
/// One keep-alive connection. Of an answer it reads the status and where it ends: Content-Length, or the last chunk. One thread.
/// </summary>
public sealed class LoadConnection : IDisposable
{
    private readonly IPEndPoint _server;
    private readonly byte[] _buffer = new byte[64 << 10];
    private Socket _socket;
    private int _start;
    private int _end;

    /// <summary>Connects.</summary>
    public LoadConnection(IPEndPoint server)
    {
        _server = server;
        _socket = Connect();
    }

    /// <summary>Sends a request, waits for the whole answer and returns its status; 0 when the connection failed.</summary>
    public int Exchange(ReadOnlyMemory<byte> request)
    {
        try
        {
            var rest = request.Span;
            while (!rest.IsEmpty) rest = rest[_socket.Send(rest)..];
            return ReadAnswer();
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    /// <summary>Makes a new connection; false when the server is gone.</summary>
    public bool TryReconnect()
    {
        _socket.Dispose();
        _start = _end = 0;
        try
        {
            _socket = Connect();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private Socket Connect()
    {
        var socket = new Socket(_server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Connect(_server);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private int ReadAnswer()
    {
        int headEnd;
        while ((headEnd = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (!Receive()) return 0;
        }
        var head = _buffer.AsSpan(_start, headEnd + 2);
        // "HTTP/1.1 202 …": the status is at a fixed place.
        if (head.Length < 12 || !Utf8Parser.TryParse(head.Slice(9, 3), out int status, out _)) return 0;
        var length = ContentLength(head);
        _start += headEnd + 4;
        if (length >= 0) return Skip(length) ? status : 0;
        return status is 204 or 304 || SkipChunks() ? status : 0;
    }

    private static long ContentLength(ReadOnlySpan<byte> head)
    {
        var name = "\r\ncontent-length:"u8;
        for (var at = head.IndexOf((byte)'\r'); at >= 0 && at + name.Length < head.Length;)
        {
            if (System.Text.Ascii.EqualsIgnoreCase(head.Slice(at, name.Length), name))
            {
                var value = head[(at + name.Length)..].TrimStart((byte)' ');
                return Utf8Parser.TryParse(value, out long length, out _) ? length : -1;
            }
            var next = head[(at + 1)..].IndexOf((byte)'\r');
            if (next < 0) break;
            at += next + 1;
        }
        return -1;
    }

    private bool SkipChunks()
    {
        while (true)
        {
            int lineEnd;
            while ((lineEnd = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8)) < 0)
            {
                if (!Receive()) return false;
            }
            if (!Utf8Parser.TryParse(_buffer.AsSpan(_start, lineEnd), out long size, out _, 'x')) return false;
            _start += lineEnd + 2;
            if (!Skip(size + 2)) return false;
            if (size == 0) return true;
        }
    }

    private bool Skip(long bytes)
    {
        while (_end - _start < bytes)
        {
            bytes -= _end - _start;
            _start = _end = 0;
            if (!Receive()) return false;
        }
        _start += (int)bytes;
        if (_start == _end) _start = _end = 0;
        return true;
    }

    private bool Receive()
    {
        if (_end == _buffer.Length)
        {
            if (_start == 0) return false;
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        var read = _socket.Receive(_buffer.AsSpan(_end));
        _end += read;
        return read > 0;
    }
}
