using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>
/// The comparison with the usual store: the same counting in Redis on this machine. For each event HINCRBY of the room's
/// counters (and amount), PFADD of the room's users, ZADD INCR of its heat, HINCRBY of the user's counters and HINCRBY of the
/// 10 s bucket. All commands are encoded before the clock runs and go out in pipelines of 1,000 events, two under way, so
/// that Redis never waits for the client. Redis does here less than LiveGrains: no duplicates, no sessions, no rejected events.
/// </summary>
public sealed class RedisPipeline(RedisDurability durability) : IBenchmark
{
    private const int EventsPerPipeline = 1_000;
    private const int PipelinesUnderWay = 2;

    /// <inheritdoc/>
    public string Name => durability == RedisDurability.None ? "redis" : "redis-aof";

    /// <inheritdoc/>
    public string What => durability == RedisDurability.None
        ? "comparison: Redis, pipelined, in memory (appendonly no)"
        : "comparison: Redis, pipelined, acknowledged = on disk (appendfsync always)";

    /// <inheritdoc/>
    public BenchmarkResult Run(BenchmarkContext context)
    {
        var directory = Directory.CreateDirectory(Path.Combine(context.Directory, Name)).FullName;
        using (var server = RedisServer.Start(directory, durability))
        {
            if (server is null) return BenchmarkResult.Skip("redis-server not installed");
            var pipelines = Encode(context.Events);
            var seconds = Measure(server, pipelines, context.CancellationToken);
            var commands = pipelines.Sum(p => (long)p.Commands);
            return new BenchmarkResult(context.Events.Count / seconds, "events/s") { Note = $"{Words.Short(commands / seconds)} commands/s" };
        }
    }

    /// <summary>Encodes the commands of all events.</summary>
    public static IReadOnlyList<(byte[] Bytes, int Commands)> Encode(IReadOnlyList<BenchmarkEvent> events)
    {
        var pipelines = new List<(byte[], int)>();
        var buffer = new ArrayBufferWriter<byte>(1 << 20);
        var commands = 0;
        for (var i = 0; i < events.Count; i++)
        {
            commands += Encode(buffer, events[i]);
            if ((i + 1) % EventsPerPipeline != 0 && i + 1 < events.Count) continue;
            pipelines.Add((buffer.WrittenSpan.ToArray(), commands));
            buffer.ResetWrittenCount();
            commands = 0;
        }
        return pipelines;
    }

    private static int Encode(ArrayBufferWriter<byte> buffer, BenchmarkEvent item)
    {
        var commands = 0;
        var count = item.Count.ToString(CultureInfo.InvariantCulture);
        if (item.Room is { } room)
        {
            Write(buffer, ref commands, "HINCRBY", "r:" + room, item.Type, count);
            if (item.Amount > 0) Write(buffer, ref commands, "HINCRBY", "r:" + room, item.Type + ".amount", item.Amount.ToString(CultureInfo.InvariantCulture));
            if (item.User is { } viewer) Write(buffer, ref commands, "PFADD", "v:" + room, viewer);
            Write(buffer, ref commands, "ZADD", "heat", "INCR", count, room);
            Write(buffer, ref commands, "HINCRBY", string.Create(CultureInfo.InvariantCulture, $"b:{room}:{item.TimeMs / 10_000}"), item.Type, count);
        }
        if (item.User is { } user) Write(buffer, ref commands, "HINCRBY", "u:" + user, item.Type, count);
        return commands;
    }

    private static void Write(ArrayBufferWriter<byte> buffer, ref int commands, params ReadOnlySpan<string> parts)
    {
        Write(buffer, string.Create(CultureInfo.InvariantCulture, $"*{parts.Length}\r\n"));
        foreach (var part in parts) Write(buffer, string.Create(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(part)}\r\n{part}\r\n"));
        commands++;
    }

    private static void Write(ArrayBufferWriter<byte> buffer, string text)
    {
        var span = buffer.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        buffer.Advance(Encoding.UTF8.GetBytes(text, span));
    }

    private static double Measure(RedisServer server, IReadOnlyList<(byte[] Bytes, int Commands)> pipelines, CancellationToken cancellationToken)
    {
        using var connection = new RespConnection(server.Address);
        using var room = new SemaphoreSlim(PipelinesUnderWay);
        Exception? failure = null;
        var started = Stopwatch.GetTimestamp();
        var sender = new Thread(() =>
        {
            try
            {
                foreach (var (bytes, _) in pipelines)
                {
                    room.Wait(cancellationToken);
                    connection.Send(bytes);
                }
            }
            catch (Exception exception)
            {
                failure = exception;
                connection.Dispose();
            }
        })
        { IsBackground = true, Name = "redis-sender" };
        sender.Start();
        try
        {
            foreach (var (_, commands) in pipelines)
            {
                connection.ReadReplies(commands);
                room.Release();
            }
        }
        catch (Exception) when (failure is not null)
        {
            throw new IOException("The pipeline to Redis broke: " + failure.Message, failure);
        }
        finally
        {
            if (failure is null) room.Release(pipelines.Count);
            sender.Join();
        }
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
