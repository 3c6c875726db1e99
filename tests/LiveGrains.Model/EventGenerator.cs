using System.Globalization;
using System.Text;

namespace LiveGrains.Model;

/// <summary>
/// An endless stream of events made to hurt, not to be believed: few keys, every type, times at the edges of buckets,
/// lateness and timeouts, duplicates with the same and with other bodies. The same seed gives the same bytes.
/// </summary>
public sealed class EventGenerator
{
    private const int Remembered = 64;
    private static readonly string[] _sources = ["", "app", "web", "采集"];
    private static readonly string[] _seqSources = ["relay-1", "relay-2", "app"];
    private static readonly string[] _currencies = ["USD", "EUR", "JPY"];
    private static readonly string[] _texts = ["", "好看！", "\"quoted\" \\ back", "👍🏽 tab\tline\n", "plain", "６６６"];
    private static readonly (string Type, int Weight)[] _types =
    [
        ("room.start", 6), ("room.update", 4), ("room.end", 4), ("product.upsert", 6), ("video.upsert", 4), ("user.upsert", 5),
        ("impression", 60), ("click", 50), ("enter", 60), ("heartbeat", 90), ("leave", 40), ("play", 25), ("like", 50),
        ("comment", 50), ("share", 20), ("dislike", 12), ("report", 8), ("follow", 15), ("unfollow", 10), ("subscribe", 12),
        ("gift", 30), ("cart", 25), ("order", 25), ("pay", 30), ("refund", 15),
    ];

    private readonly GeneratorOptions _options;
    private readonly SplitMix64 _random;
    private readonly Queue<Dictionary<string, string>> _sent = new();
    private readonly Dictionary<string, long> _nextSeq = [];
    private readonly List<long> _edges = [];
    private long _nextId = 1;

    /// <summary>Makes the stream of a seed.</summary>
    public EventGenerator(ulong seed, GeneratorOptions? options = null)
    {
        _options = options ?? new GeneratorOptions();
        _random = new SplitMix64(seed);
        ClockMs = _options.StartMs;
    }

    /// <summary>The server's time at the last event.</summary>
    public long ClockMs { get; private set; }

    /// <summary>The next <paramref name="count"/> lines.</summary>
    public IEnumerable<byte[]> Lines(int count)
    {
        for (var i = 0; i < count; i++)
            yield return Next().Utf8;
    }

    /// <summary>The next <paramref name="count"/> events with their times of arrival.</summary>
    public IEnumerable<GeneratedEvent> Events(int count)
    {
        for (var i = 0; i < count; i++)
            yield return Next();
    }

    /// <summary>The next event.</summary>
    public GeneratedEvent Next()
    {
        AdvanceClock();
        var members = _sent.Count > 0 && _random.Chance(_options.DuplicateShare) ? Repeat() : Fresh();
        string line;
        if (_random.Chance(_options.InvalidShare))
        {
            line = InvalidEvents.Break(members, _random);
        }
        else
        {
            _sent.Enqueue(members);
            if (_sent.Count > Remembered)
                _sent.Dequeue();
            line = Write(members);
        }

        return new GeneratedEvent(Encoding.UTF8.GetBytes(line), ClockMs);
    }

    private void AdvanceClock()
    {
        if (_random.Chance(_options.GapShare))
            ClockMs += _random.Between(_options.PresenceTimeoutMs, 7_200_000);
        else if (_random.Chance(0.05))
            ClockMs = (ClockMs / 10_000 + 1) * 10_000 - _random.Below(2);
        else if (_random.Chance(0.3))
            ClockMs += _random.Below(4_000);
        else if (_random.Chance(0.01))
            ClockMs += _options.PresenceTimeoutMs + _random.Between(-2, 2);
    }

    /// <summary>An earlier event again: as it was, or its id or seq with another body.</summary>
    private Dictionary<string, string> Repeat()
    {
        var earlier = _sent.ElementAt((int)_random.Below(_sent.Count));
        if (_random.Chance(0.5))
            return earlier;
        var other = Fresh(withSeq: false);
        other.Remove("source");
        if (earlier.TryGetValue("source", out var source))
            other["source"] = source;
        if (earlier.TryGetValue("seq", out var seq))
            other["seq"] = seq;
        else
            other["id"] = earlier["id"];
        return other;
    }

    private Dictionary<string, string> Fresh(bool withSeq = true)
    {
        var type = PickType();
        var e = new Dictionary<string, string> { ["id"] = Quote(Id()), ["type"] = Quote(type) };
        if (withSeq && _random.Chance(0.3))
        {
            var source = _random.Pick(_seqSources);
            var seq = _nextSeq.GetValueOrDefault(source, 1) + (_random.Chance(0.1) ? _random.Below(5) : 0);
            _nextSeq[source] = seq + 1;
            e["source"] = Quote(source);
            e["seq"] = Number(seq);
        }
        else if (_random.Pick(_sources) is { Length: > 0 } source)
        {
            e["source"] = Quote(source);
        }

        e["time"] = WriteTime(EventTimeNear());
        AddKeys(e, type);
        AddValues(e, type);
        return e;
    }

    private string PickType()
    {
        var left = _random.Below(_types.Sum(row => row.Weight));
        foreach (var (type, weight) in _types)
        {
            left -= weight;
            if (left < 0)
                return type;
        }

        throw new InvalidOperationException("The weights do not add up.");
    }

    /// <summary>Mostly one counter for all sources, so that the same id comes from two sources; now and then an id that looks like another.</summary>
    private string Id()
    {
        if (_random.Chance(0.1) && _nextId > 1)
            return Number(_nextId - 1);
        var id = Number(_nextId++);
        return _random.Chance(0.1) ? "0" + id : id;
    }

    private long EventTimeNear()
    {
        var time = ClockMs;
        if (_random.Chance(_options.AheadShare))
        {
            time += _random.Chance(0.2) ? 60_000 : _random.Between(1, 60_000);
        }
        else if (_random.Chance(_options.DisorderShare))
        {
            time -= (int)_random.Below(8) switch
            {
                0 => _options.LatenessMs,
                1 => _options.LatenessMs + 1,
                2 => _options.LatenessMs - 1,
                3 => _random.Between(_options.LatenessMs, 4 * _options.LatenessMs),
                4 => _options.PresenceTimeoutMs + _random.Between(-1, 1),
                5 => _random.Below(_options.PresenceTimeoutMs),
                _ => _random.Below(20_000),
            };
            if (_random.Chance(0.2))
                time = time / 10_000 * 10_000 - _random.Below(2);
        }
        else if (_edges.Count > 0 && _random.Chance(0.1))
        {
            // An earlier event's very time, or the edge of its session.
            time = Math.Min(_random.Pick(_edges) + (_random.Chance(0.5) ? 0 : _options.PresenceTimeoutMs + _random.Below(2)), ClockMs);
        }

        time = Math.Max(time, 0);
        _edges.Add(time);
        if (_edges.Count > Remembered)
            _edges.RemoveAt(0);
        return time;
    }

    private void AddKeys(Dictionary<string, string> e, string type)
    {
        var room = Quote("r" + Number(_random.Below(_options.Rooms)));
        var user = Quote(Number(_random.Below(_options.Users)));
        var product = Quote("p." + Number(_random.Below(_options.Products)));
        var video = Quote("p." + Number(_random.Below(_options.Videos)));
        if (type.StartsWith("room.", StringComparison.Ordinal))
        {
            e["room"] = room;
            return;
        }

        if (type == "product.upsert")
        {
            e["product"] = product;
            return;
        }

        if (type == "video.upsert")
        {
            e["video"] = video;
            return;
        }

        e["user"] = user;
        switch (type)
        {
            case "user.upsert":
                return;
            case "enter" or "heartbeat" or "leave" or "follow" or "unfollow" or "subscribe" or "gift":
                e["room"] = room;
                return;
            case "play":
                e["video"] = video;
                break;
            case "cart" or "order" or "pay" or "refund":
                e["product"] = product;
                break;
            case "click":
                e[_random.Chance(0.7) ? "product" : "video"] = _random.Chance(0.7) ? product : video;
                break;
            default:
                var what = _random.Below(10);
                if (what < 5 || what == 9)
                    e["room"] = room;
                if (what is >= 3 and < 6)
                    e["product"] = product;
                else if (what is >= 6 and < 9)
                    e["video"] = video;
                break;
        }

        if (!e.ContainsKey("room") && _random.Chance(0.6))
            e["room"] = room;
        if (_options.BothItems && _random.Chance(0.1))
        {
            e["product"] = product;
            e["video"] = video;
        }
    }

    private void AddValues(Dictionary<string, string> e, string type)
    {
        if (type is "subscribe" or "gift" or "order" or "pay" or "refund")
        {
            e["amount"] = Number(_random.Chance(0.15) ? 0 : _random.Chance(0.05) ? _random.Between(0, 1_000_000_000_000) : _random.Below(100_000));
            if (_random.Chance(_options.ForeignShare))
                e["currency"] = Quote(_random.Pick(_currencies));
            else if (_random.Chance(0.3))
                e["currency"] = Quote("CNY");
        }

        if (type == "play")
            e["ms"] = Number(_random.Chance(0.1) ? 0 : _random.Chance(0.05) ? 86_400_000 : _random.Below(600_000));
        if (_random.Chance(0.2))
            e["count"] = Number(_random.Chance(0.05) ? 1_000_000 : _random.Between(1, 20));
        if (type is "comment" or "report")
            e["text"] = Quote(_random.Pick(_texts));
        if (e.ContainsKey("user") && type != "user.upsert" && _random.Chance(0.35))
            e["channel"] = Quote("ch" + Number(_random.Below(_options.Channels)));
        if (type.Contains('.'))
            AddCatalog(e, type);
        if (type == "user.upsert" || _random.Chance(0.03))
            e["attrs"] = _random.Chance(0.5) ? "{\"region\":\"上海\",\"age\":\"" + Number(_random.Below(90)) + "\"}" : "{}";
    }

    private void AddCatalog(Dictionary<string, string> e, string type)
    {
        if (type is "user.upsert" or "room.end")
            return;
        foreach (var member in new[] { "title", "host", "category" })
        {
            if (_random.Chance(0.4))
                e[member] = Quote(_random.Pick(_texts) + Number(_random.Below(5)));
        }

        if (_random.Chance(0.4))
            e["tags"] = "[" + string.Join(',', Enumerable.Range(0, (int)_random.Below(4)).Select(_ => Quote(_random.Pick(_texts)))) + "]";
        if (type is not ("product.upsert" or "video.upsert"))
            return;
        if (_random.Chance(0.5))
            e["price"] = Number(_random.Below(1_000_000));
        if (_random.Chance(0.5))
            e["stock"] = Number(_random.Below(10));
        if (_random.Chance(0.5))
            e["status"] = Quote(_random.Chance(0.7) ? "on" : _random.Chance(0.5) ? "off" : "blocked");
    }

    private string WriteTime(long ms)
    {
        if (!_options.OddSpelling || _random.Chance(0.7))
            return Number(ms);
        var offset = TimeSpan.FromMinutes(_random.Between(-14 * 4, 14 * 4) * 15);
        var time = DateTimeOffset.FromUnixTimeMilliseconds(ms).ToOffset(offset);
        if (_random.Chance(0.4))
            return Quote(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        var digits = _random.Chance(0.3) ? "fff'000'" : "fff";
        return Quote(time.ToString("yyyy-MM-dd'T'HH:mm:ss." + digits + "zzz", CultureInfo.InvariantCulture));
    }

    private string Write(Dictionary<string, string> members)
    {
        var odd = _options.OddSpelling && _random.Chance(0.2);
        var order = members.ToList();
        if (odd || _random.Chance(0.2))
        {
            for (var i = order.Count - 1; i > 0; i--)
            {
                var j = (int)_random.Below(i + 1);
                (order[i], order[j]) = (order[j], order[i]);
            }
        }

        var line = new StringBuilder("{");
        foreach (var (name, value) in order)
        {
            if (line.Length > 1)
                line.Append(odd ? " ,\t" : ",");
            var escaped = odd && _random.Chance(0.1);
            line.Append('"').Append(escaped ? Escape(name[0]) + name[1..] : name).Append(odd ? "\" : " : "\":");
            escaped = odd && value.Length > 2 && value[0] == '"' && char.IsAsciiLetterOrDigit(value[1]) && _random.Chance(0.2);
            line.Append(escaped ? "\"" + Escape(value[1]) + value[2..] : value);
        }

        return line.Append('}').ToString();
    }

    private static string Escape(char c) => "\\u" + ((int)c).ToString("x4", CultureInfo.InvariantCulture);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Quote(string text) => JsonText.Quote(text);
}
