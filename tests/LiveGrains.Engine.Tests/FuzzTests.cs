using System.Diagnostics;
using System.Text;
using LiveGrains.Engine.Ingest;
using LiveGrains.Model;

namespace LiveGrains.Engine.Tests;

/// <summary>
/// Valid bodies of every format, mutated by a seed: reading them never fails but with a refusal, and what is refused leaves no
/// trace. The failing round is named; the same seed gives the same rounds.
/// </summary>
public sealed class FuzzTests
{
    // As many as there is time for on a busy machine, and never fewer than these.
    private const int FewestRounds = 600;
    private const int Rounds = 8000;
    private const int MaxSeconds = 10;

    [Theory]
    [InlineData(EventFormat.NdJson)]
    [InlineData(EventFormat.Json)]
    [InlineData(EventFormat.CloudEvent)]
    [InlineData(EventFormat.CloudEventBatch)]
    [InlineData(EventFormat.CloudEventBinary)]
    [InlineData(EventFormat.Block)]
    public async Task Mutated_bodies_are_refused_or_read_and_never_fail(EventFormat format)
    {
        var random = new SplitMix64((ulong)format + 100);
        var generator = new EventGenerator((ulong)format + 7, new GeneratorOptions { DuplicateShare = 0, GapShare = 0 });
        // A short presence timeout keeps the digest cheap.
        await using var engine = await LiveGrainsEngine.OpenAsync(new EngineOptions { Clock = ClockMode.Event, DedupeIds = 1024, PresenceTimeout = TimeSpan.FromSeconds(3) });
        var bodies = Enumerable.Range(0, 40).Select(_ => Body(format, generator, random)).ToList();
        var attributes = new CloudEventAttributes("id", "source", "enter", "2023-11-14T22:13:20Z", "1.0");
        var start = Stopwatch.GetTimestamp();
        int refused = 0, read = 0, compared = 0;
        var clean = await Digest(engine);
        for (var round = 0; round < FewestRounds || (round < Rounds && Stopwatch.GetElapsedTime(start).TotalSeconds < MaxSeconds); round++)
        {
            var body = Mutate(bodies, random);
            var kept = true;
            try
            {
                var answer = await engine.IngestAsync(body, format, attributes);
                kept = answer.Accepted + answer.Duplicates > 0;
                Assert.Equal(answer.Rejected, answer.Errors.Count);
                read++;
            }
            catch (LiveGrainsException)
            {
                kept = false;
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"{format}, round {round}: {e}\n{Convert.ToBase64String(body)}");
            }

            if (kept) clean = 0;
            else if (clean == 0) clean = await Digest(engine);
            else if (compared++ % 8 == 0 && clean != await Digest(engine)) Assert.Fail($"{format}, round {round}: refused, but the state changed\n{Convert.ToBase64String(body)}");
        }

        Assert.True(refused + read > 500);
        Assert.True(compared > 10);
        Assert.Equal("ready", engine.GetStatus().State);
        Assert.NotNull(await engine.GetOverviewAsync());
    }

    private static Task<ulong> Digest(LiveGrainsEngine engine) => engine.Shards[0].Ask(state => state.Digest());

    private static byte[] Body(EventFormat format, EventGenerator generator, SplitMix64 random)
    {
        var lines = generator.Lines((int)random.Between(1, 4)).Select(Encoding.UTF8.GetString).ToList();
        var cloud = lines.Select((line, i) => $"{{\"specversion\":\"1.0\",\"id\":\"c{i}\",\"source\":\"s\",\"type\":\"livegrains.enter\",\"time\":\"2023-11-14T22:13:20Z\",\"data\":{{\"room\":\"r\",\"user\":\"u\",\"tags\":[\"a\"],\"attrs\":{{\"k\":\"\\u0041\"}}}}}}").ToList();
        var text = format switch
        {
            EventFormat.NdJson => string.Join('\n', lines),
            EventFormat.Json => $"[{string.Join(',', lines)}]",
            EventFormat.CloudEvent => cloud[0],
            EventFormat.CloudEventBatch => $"[{string.Join(',', cloud)}]",
            EventFormat.CloudEventBinary => "{\"room\":\"r\",\"user\":\"u\",\"text\":\"\\ud83d\\ude00\",\"count\":3}",
            _ => null,
        };
        if (text != null) return Encoding.UTF8.GetBytes(text);
        var writer = new BlockWriter();
        for (var i = 0; i < lines.Count; i++)
            writer.Add(new BlockEvent { Id = $"{random.Next()}", Type = (EventType)random.Between(1, 25), TimeMs = 1_700_000_000_000, Room = "r", User = "u", Product = "p", Video = "v", Amount = 1, DurationMs = 1, Tags = ["x"] });
        return writer.ToBlock();
    }

    private static byte[] Mutate(List<byte[]> bodies, SplitMix64 random)
    {
        var body = random.Pick(bodies).ToList();
        for (var changes = random.Between(1, 3); changes > 0 && body.Count > 0; changes--)
        {
            var at = (int)random.Below(body.Count);
            switch (random.Below(8))
            {
                case 0 or 1: body[at] ^= (byte)(1 << (int)random.Below(8)); break;
                case 2: body[at] = (byte)random.Next(); break;
                case 3: body.RemoveRange(at, body.Count - at); break;
                case 4: body.RemoveRange(at, (int)Math.Min(random.Between(1, 20), body.Count - at)); break;
                case 5: body.InsertRange(at, random.Pick(Splices)); break;
                case 6: body[at] = random.Pick("{}[]\",:\\\n0-e."u8.ToArray()); break;
                default:
                    var other = random.Pick(bodies);
                    var from = (int)random.Below(other.Length);
                    body.InsertRange(at, other.AsSpan(from, (int)Math.Min(random.Between(1, 60), other.Length - from)).ToArray());
                    break;
            }
        }

        return [.. body];
    }

    private static readonly byte[][] Splices =
    [
        "\\ud800"u8.ToArray(), "\\u0000"u8.ToArray(), "\\"u8.ToArray(), "[[[[[[[[[["u8.ToArray(), "{\"\\udc00\":"u8.ToArray(), "\"id\":"u8.ToArray(), "null"u8.ToArray(),
        "99999999999999999999"u8.ToArray(), "-0"u8.ToArray(), "1e999"u8.ToArray(), "\uFEFF"u8.ToArray(), [0xFF, 0xFE], [0], [0xED, 0xA0, 0x80], "\"\\ud83d\\ude0"u8.ToArray(),
        "//"u8.ToArray(), "\r\n"u8.ToArray(), ",\"seq\":9223372036854775807"u8.ToArray(), ",\"attrs\":{\"\\ud800\":\"\"}"u8.ToArray(), "9999-12-31T23:59:59-23:59"u8.ToArray(),
    ];
}
