using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>The least of RESP that a pipeline needs: it sends bytes and counts replies; an error reply throws. One sender, one reader.</summary>
public sealed class RespConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[256 << 10];
    private int _start;
    private int _end;

    /// <summary>Connects.</summary>
    public RespConnection(IPEndPoint server)
    {
        _socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            _socket.Connect(server);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends everything.</summary>
    public void Send(ReadOnlyMemory<byte> commands)
    {
        var rest = commands.Span;
        while (!rest.IsEmpty) rest = rest[_socket.Send(rest)..];
    }

    /// <summary>Reads so many replies: integers, simple strings or bulk strings.</summary>
    public void ReadReplies(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var line = ReadLine();
            switch (line[0])
            {
                case (byte)':' or (byte)'+':
                    break;
                case (byte)'$':
                    if (!Utf8Parser.TryParse(line[1..], out int length, out _)) throw new IOException("A reply of Redis is not RESP.");
                    if (length >= 0) Skip(length + 2);
                    break;
                default:
                    throw new IOException("Redis answered: " + Encoding.UTF8.GetString(line));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private ReadOnlySpan<byte> ReadLine()
    {
        int length;
        while ((length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8)) < 0) Receive();
        var line = _buffer.AsSpan(_start, length);
        _start += length + 2;
        return length > 0 ? line : throw new IOException("A reply of Redis is not RESP.");
    }

    private void Skip(int bytes)
    {
        while (_end - _start < bytes) Receive();
        _start += bytes;
    }

    private void Receive()
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_end == _buffer.Length)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        var read = _socket.Receive(_buffer.AsSpan(_end));
        if (read == 0) throw new IOException("Redis closed the connection.");
        _end += read;
    }
}
