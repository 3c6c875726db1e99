using System.Text;
using LiveGrains.Engine.Ingest;

namespace LiveGrains.Engine.Tests;

/// <summary>Bad input is refused with its reason and leaves no trace; what is good beside it is kept.</summary>
public sealed class BadInputTests : IAsyncLifetime
{
    private const long Now = 1_700_000_000_000;
    private readonly FakeTime _time = new(Now);
    private LiveGrainsEngine _engine = null!;
    private int _next;

    public async Task InitializeAsync() => _engine = await LiveGrainsEngine.OpenAsync(new EngineOptions { DedupeIds = 1024 }, _time);

    public async Task DisposeAsync() => await _engine.DisposeAsync();

    /// <summary>An `enter` with other members in place or added; null takes a member away. Values are JSON.</summary>
    private string Event(params (string Name, string? Json)[] members)
    {
        var all = new Dictionary<string, string?> { ["id"] = $"\"e{_next++}\"", ["type"] = "\"enter\"", ["time"] = $"{Now}", ["room"] = "\"r1\"", ["user"] = "\"u1\"" };
        foreach (var (name, json) in members) all[name] = json;
        return "{" + string.Join(',', all.Where(m => m.Value != null).Select(m => $"\"{m.Key}\":{m.Value}")) + "}";
    }

    private ValueTask<IngestAnswer> Send(string body, EventFormat format = EventFormat.NdJson) => _engine.IngestAsync(Encoding.UTF8.GetBytes(body), format);

    private Task<ulong> Digest() => _engine.Shards[0].Ask(state => state.Digest());

    private async Task Accepts(string body, EventFormat format = EventFormat.NdJson)
    {
        var answer = await Send(body, format);
        Assert.Equal((1, 0, 0), (answer.Accepted, answer.Duplicates, answer.Rejected));
    }

    private async Task Refuses(string code, string body, EventFormat format = EventFormat.NdJson) => await Refuses(code, Encoding.UTF8.GetBytes(body), format);

    private async Task<IngestError> Refuses(string code, byte[] body, EventFormat format = EventFormat.NdJson, CloudEventAttributes? attributes = null)
    {
        var before = await Digest();
        var answer = await _engine.IngestAsync(body, format, attributes);
        Assert.Equal((0, 0, 1), (answer.Accepted, answer.Duplicates, answer.Rejected));
        var error = Assert.Single(answer.Errors);
        Assert.True(code == error.Code, $"{error.Code} instead of {code} for {Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(300, body.Length)))}");
        // Words that tell what is wrong and what would be right.
        Assert.True(error.Message.Length > 20 && error.Message.EndsWith('.') || error.Message.EndsWith('-'), error.Message);
        Assert.Equal(before, await Digest());
        return error;
    }

    private async Task RefusesAll(ErrorCode code, byte[] body, EventFormat format, CloudEventAttributes? attributes = null)
    {
        var before = await Digest();
        var e = await Assert.ThrowsAsync<LiveGrainsException>(async () => await _engine.IngestAsync(body, format, attributes));
        Assert.Equal(code, e.Code);
        Assert.NotEmpty(e.Message);
        Assert.Equal(before, await Digest());
    }

    [Fact]
    public async Task Text_that_is_not_Utf8_or_not_json_is_refused()
    {
        var bytes = Encoding.UTF8.GetBytes(Event(("text", "\"X\"")));
        bytes[Array.IndexOf(bytes, (byte)'X')] = 0xFF;
        await Refuses("invalid_utf8", bytes);
        await RefusesAll(ErrorCode.NothingToRead, bytes, EventFormat.Json);
        foreach (var line in new[] { "{", "nonsense", "{'id':1}", "[]", "5", "null", "\"text\"", Event() + Event(), Event() + "x", Event()[..^1] + ",}", Event()[..^5], "{\"id\" \"1\"}", "\0" })
            await Refuses("invalid_json", line);
        foreach (var body in new[] { "{", "nonsense", "5", "null", "\"text\"", "", " ", "[", "[}", "\0" })
            await RefusesAll(ErrorCode.NothingToRead, Encoding.UTF8.GetBytes(body), EventFormat.Json);
        await RefusesAll(ErrorCode.NothingToRead, "[]"u8.ToArray(), EventFormat.Json);
    }

    [Fact]
    public async Task Nesting_is_refused_at_any_depth()
    {
        foreach (var depth in new[] { 8, 9, 10_000 })
        {
            var deep = new string('[', depth) + new string(']', depth);
            await Refuses("too_deep", Event(("attrs", "{\"a\":" + deep + "}")));
            await Refuses("too_deep", Event(("x", deep)));
            if (depth == 8) continue; // as deep as JSON may be
            await RefusesAll(ErrorCode.NothingToRead, Encoding.UTF8.GetBytes(deep), EventFormat.Json);
            await RefusesAll(ErrorCode.NothingToRead, Encoding.UTF8.GetBytes(deep), EventFormat.CloudEvent);
        }

        await Refuses("invalid_attributes", Event(("attrs", "{\"a\":[[[]]]}")));
    }

    [Theory]
    [InlineData("\"\"", false)]
    [InlineData("\"x\"", true)]
    [InlineData("64*x", true)]
    [InlineData("65*x", false)]
    [InlineData("\"a\\nb\"", false)]
    [InlineData("\"a\\u0000b\"", false)]
    [InlineData("\"a\\u007fb\"", false)]
    [InlineData("\"a b\"", true)]
    [InlineData("64*👍", true)]
    [InlineData("65*👍", false)]
    [InlineData("\"\\ud800\"", false)]
    public async Task Ids_have_1_to_64_characters(string id, bool good)
    {
        var json = Times(id);
        if (good) await Accepts(Event(("id", json)));
        else await Refuses("invalid_id", Event(("id", json)));
    }

    [Theory]
    [InlineData("room")]
    [InlineData("user")]
    [InlineData("product")]
    [InlineData("video")]
    public async Task Keys_have_1_to_64_of_few_characters(string name)
    {
        foreach (var key in new[] { "\"\"", "65*x", "\"a\\nb\"", "\"a b\"", "\"👍\"", "\"é\"", "\"a/b\"", "\"\\ud83d\"", "5", "null", "true", "{}", "[]" })
            await Refuses("invalid_key", Event((name, Times(key))));
        foreach (var key in new[] { "\"x\"", "64*x", "\"A-Z.a_z:09\"", "\"\\u0041\"" }) await Accepts(Event((name, Times(key))));
    }

    [Theory]
    [InlineData("gift", "amount", "invalid_amount", "0 1 1000000000000000", "-1 0.5 1.0 1e3 1E30 1000000000000001 1000000000000000000000000000000 9223372036854775808 -9223372036854775809 \"1\" null true [] {}")]
    [InlineData("enter", "count", "invalid_count", "1 1000000", "0 -1 1000001 1.5 1e2 4294967297 9223372036854775808 \"1\" null false []")]
    [InlineData("play", "ms", "invalid_duration", "0 86400000", "-1 86400001 1.5 1e3 \"1\" null {}")]
    [InlineData("product.upsert", "price", "invalid_price", "0 1000000000000000", "-1 1000000000000001 0.1 1e1 \"1\" null")]
    [InlineData("product.upsert", "stock", "invalid_stock", "0 9223372036854775807", "-1 9223372036854775808 0.1 \"1\" null")]
    [InlineData("enter", "seq", "invalid_seq", "1 9223372036854775807", "0 -1 1.5 1e3 9223372036854775808 \"1\" null")]
    public async Task Numbers_are_integers_within_bounds(string type, string member, string code, string good, string bad)
    {
        (string, string?)[] needs = [("type", $"\"{type}\""), ("product", "\"p\""), ("video", "\"v\""), ("amount", "1"), ("ms", "1")];
        foreach (var number in bad.Split(' ')) await Refuses(code, Event([.. needs, (member, number)]));
        foreach (var number in good.Split(' ')) await Accepts(Event([.. needs, (member, number), ("source", $"\"s{number}\"")]));
    }

    [Fact]
    public async Task Times_need_an_offset_and_lie_between_1970_and_a_minute_ahead()
    {
        static string At(long ms) => $"\"{DateTimeOffset.FromUnixTimeMilliseconds(ms):yyyy-MM-dd'T'HH:mm:ss.fffzzz}\"";
        foreach (var bad in new[]
        {
            "\"0001-01-01T00:00:00Z\"", "\"1969-12-31T23:59:59Z\"", "\"2023-11-14T22:13:20\"", "\"2023-11-14\"", "\"2023-11-14 22:13:20Z\"", "\"2023-11-14T22:13Z\"",
            "\"2023-02-29T00:00:00Z\"", "\"2023-13-01T00:00:00Z\"", "\"2023-11-14T24:00:00Z\"", "\"2023-11-14T22:13:20+24:00\"", "\"2023-11-14T22:13:20.Z\"", "\"\"", "\"now\"",
            "-1", "1.5", "1e12", "253402300800000", "9223372036854775807", "9223372036854775808", "null", "true", "[]", "{}", "\"9999-12-31T23:59:59-00:01\"", "\"9999-12-31T23:59:60-23:59\"",
        })
            await Refuses("invalid_time", Event(("time", bad)));
        foreach (var bad in new[] { $"{Now + 60_001}", $"{Now + 61_000}", At(Now + 61_000), "\"9999-12-31T23:59:59Z\"", "253402300799999" })
            await Refuses("time_in_future", Event(("time", bad)));
        foreach (var good in new[] { $"{Now + 60_000}", $"{Now + 59_000}", At(Now + 59_000), "0", "\"1970-01-01T00:00:00Z\"", "\"2023-11-14T22:13:20.123456789+08:00\"", "\"2016-12-31T23:59:60z\"" })
            await Accepts(Event(("time", good)));
        _time.NowMs += 2_000;
        await Accepts(Event(("time", $"{Now + 61_000}")));
    }

    [Theory]
    [InlineData("\"9999-12-31T23:59:59-23:59\"", false)]
    [InlineData("\"9999-12-31T23:59:59.999Z\"", true)]
    public async Task The_last_moment_of_the_year_9999_is_the_last_that_an_event_clock_can_show(string time, bool good)
    {
        await using var engine = await LiveGrainsEngine.OpenAsync(new EngineOptions { Clock = ClockMode.Event, DedupeIds = 1024 });
        var answer = await engine.IngestAsync(Encoding.UTF8.GetBytes(Event(("time", time))), EventFormat.NdJson);
        Assert.Equal(good ? 1 : 0, answer.Accepted);
        Assert.Equal(good ? 1 : 0, (await engine.GetOverviewAsync()).Rooms);
        Assert.Equal(good, await engine.GetRoomAsync("r1") != null);
        Assert.Equal("ready", engine.GetStatus().State);
    }

    [Theory]
    [InlineData("id", "invalid_id", "5 null true [] {} 1.5")]
    [InlineData("source", "invalid_source", "5 null true [] {} 129*s \"a\\nb\"")]
    [InlineData("type", "invalid_type", "5 null true [] {} \"\" \"Enter\" \"enter \" \"none\" \"product.upsert.x\"")]
    [InlineData("currency", "invalid_currency", "5 null true [] {} \"\" \"cny\" \"CN\" \"CNYX\" \"C1Y\" \"元元元\"")]
    [InlineData("text", "invalid_text", "5 null true [] {} 2001*t \"\\udc00\"")]
    [InlineData("title", "invalid_text", "5 null true [] {} 201*t")]
    [InlineData("host", "invalid_text", "5 null true [] {} 201*👍")]
    [InlineData("category", "invalid_text", "5 null true [] {} 201*t")]
    [InlineData("tags", "invalid_tags", "5 null true {} \"a\" [1] [null] [[]] [{}] [\"\\ud800\"]")]
    [InlineData("status", "invalid_status", "5 null true [] {} \"\" \"ON\" \"offline\"")]
    [InlineData("channel", "invalid_channel", "5 null true [] {} \"\" 33*c \"a\\tb\"")]
    [InlineData("attrs", "invalid_attributes", "5 null true [] \"a\" {\"a\":1} {\"a\":null} {\"a\":[]} {\"a\":{}} {\"\\ud800\":\"x\"} {\"a\":\"\\ud800\"}")]
    public async Task Values_of_the_wrong_kind_are_refused(string member, string code, string values)
    {
        foreach (var value in values.Split(' ').Select(v => v == "\"enter" ? "\"enter \"" : v).Where(v => v != "\"")) await Refuses(code, Event((member, Times(value))));
    }

    [Fact]
    public async Task Tags_and_attributes_have_limits()
    {
        static string Tags(int count, string tag) => "[" + string.Join(',', Enumerable.Repeat($"\"{tag}\"", count)) + "]";
        static string Attributes(int count, int bytes) => "{" + string.Join(',', Enumerable.Range(0, count).Select(i => $"\"{i:00}\":\"{new string('x', bytes)}\"")) + "}";
        await Accepts(Event(("tags", Tags(32, new string('t', 200)))));
        await Refuses("invalid_tags", Event(("tags", Tags(33, "t"))));
        await Refuses("invalid_tags", Event(("tags", Tags(1, new string('t', 201)))));
        await Accepts(Event(("attrs", Attributes(32, 126))));
        await Refuses("invalid_attributes", Event(("attrs", Attributes(33, 1))));
        await Refuses("invalid_attributes", Event(("attrs", Attributes(32, 127))));
        await Accepts(Event(("attrs", "{}")));
        await Accepts(Event(("tags", "[]")));
    }

    [Fact]
    public async Task Unknown_and_repeated_members_are_refused()
    {
        foreach (var name in new[] { "colour", "Id", "ID", "id ", "", "rooms", "x", new string('n', 300), "\\u0069d2", "\\ud800", "\\ud83d\\ude00" })
            await Refuses("unknown_field", Event((name, "\"x\"")));
        await Refuses("unknown_field", Event(("deeper", "{\"a\":[1,{\"b\":2}]}")));
        foreach (var member in new[] { "\"id\":\"2\"", "\"type\":\"leave\"", "\"room\":\"r1\"", "\"\\u0069d\":\"2\"", $"\"time\":{Now}" })
            await Refuses("duplicate_field", Event()[..^1] + "," + member + "}");
        await Refuses("duplicate_field", Event(("count", "1"))[..^1] + ",\"count\":1}");
        // An escaped name is the same name.
        await Accepts(Event(("id", null), ("\\u0069\\u0064", "\"escaped\"")));
    }

    public static TheoryData<string, string> Needs() => new()
    {
        { "room.start", "room" }, { "room.update", "room" }, { "room.end", "room" }, { "product.upsert", "product" }, { "video.upsert", "video" },
        { "user.upsert", "user" }, { "impression", "user room|product|video" }, { "click", "user product|video" }, { "enter", "room user" },
        { "heartbeat", "room user" }, { "leave", "room user" }, { "play", "video user ms" }, { "like", "user room|product|video" },
        { "comment", "user room|product|video" }, { "share", "user room|product|video" }, { "dislike", "user room|product|video" },
        { "report", "user room|product|video" }, { "follow", "room user" }, { "unfollow", "room user" }, { "subscribe", "room user amount" },
        { "gift", "room user amount" }, { "cart", "product user" }, { "order", "product user amount" }, { "pay", "product user amount" }, { "refund", "product user amount" },
    };

    [Theory]
    [MemberData(nameof(Needs))]
    public async Task An_event_needs_what_its_type_needs(string type, string needs)
    {
        var groups = needs.Split(' ').Select(g => g.Split('|')).ToList();
        static string Value(string member) => member is "ms" or "amount" ? "1" : $"\"{member}1\"";
        string With(IEnumerable<string> members) =>
            Event([("type", $"\"{type}\""), ("room", null), ("user", null), .. members.Select(m => (m, (string?)Value(m)))]);
        foreach (var missing in groups)
        {
            var others = groups.Where(g => g != missing).Select(g => g[0]);
            var error = await Refuses("missing_field", Encoding.UTF8.GetBytes(With(others)));
            Assert.Contains(missing[^1], error.Message, StringComparison.Ordinal);
            foreach (var one in missing) await Accepts(With(others.Append(one)));
        }

        foreach (var member in new[] { "id", "type", "time" })
        {
            var all = groups.Select(g => (g[0], (string?)Value(g[0])));
            var error = await Refuses("missing_field", Encoding.UTF8.GetBytes(Event([("type", $"\"{type}\""), .. all, (member, null)])));
            Assert.Contains(member, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Good_events_of_a_half_bad_batch_are_kept_and_bad_ones_named()
    {
        foreach (var format in new[] { EventFormat.NdJson, EventFormat.Json })
        {
            var lines = Enumerable.Range(0, 100).Select(i => Event(("id", $"\"{format}{i}\""), ("user", i % 2 == 0 ? $"\"u{i}\"" : "\"not a key\""))).ToList();
            var answer = await Send(format == EventFormat.Json ? $"[{string.Join(',', lines)}]" : string.Join('\n', lines), format);
            Assert.Equal((50, 0, 50), (answer.Accepted, answer.Duplicates, answer.Rejected));
            Assert.Equal(Enumerable.Range(0, 50).Select(i => (2 * i + 1, $"{format}{2 * i + 1}", "invalid_key")), answer.Errors.Select(e => (e.Index, e.Id!, e.Code)));
        }

        Assert.Equal(50, (await _engine.GetOverviewAsync()).Users);
        Assert.Equal(100, _engine.GetStatus().RejectedByCode["invalid_key"]);
    }

    [Fact]
    public async Task Of_the_same_id_the_first_body_wins()
    {
        await Accepts(Event(("id", "\"same\""), ("type", "\"gift\""), ("amount", "100")));
        var answer = await Send(Event(("id", "\"same\""), ("type", "\"gift\""), ("amount", "900"), ("user", "\"other\"")));
        Assert.Equal((0, 1, 0), (answer.Accepted, answer.Duplicates, answer.Rejected));
        Assert.Equal(100, (await _engine.GetRoomAsync("r1"))!.Gifts.Amount);
        Assert.Null(await _engine.GetUserAsync("other"));
        // Within one request too.
        answer = await Send(Event(("id", "\"twice\"")) + "\n" + Event(("id", "\"twice\""), ("type", "\"leave\"")));
        Assert.Equal((1, 1, 0), (answer.Accepted, answer.Duplicates, answer.Rejected));
    }

    [Fact]
    public async Task A_refused_event_does_not_use_up_its_id_or_its_seq()
    {
        await Refuses("invalid_key", Event(("id", "\"again\""), ("user", "\"\"")));
        await Accepts(Event(("id", "\"again\"")));
        await Refuses("invalid_key", Event(("source", "\"s\""), ("seq", "5"), ("user", "\"\"")));
        await Accepts(Event(("source", "\"s\""), ("seq", "4")));
        await Accepts(Event(("source", "\"s\""), ("seq", "5")));
    }

    [Fact]
    public async Task Sizes_and_numbers_of_events_are_limited()
    {
        await Refuses("event_too_large", Event(("x", $"\"{new string('x', 33_000)}\"")));
        await Refuses("event_too_large", Event(("x", $"\"{new string('x', 33_000)}\"")), EventFormat.Json);
        await Refuses("event_too_large", $"[{Event(("x", $"\"{new string('x', 330_000)}\""))}]", EventFormat.Json);
        await Refuses("event_too_large", Event(("x", $"\"{new string('x', 33_000)}\"")), EventFormat.CloudEvent);
        var lines = Enumerable.Range(0, 10_001).Select(_ => Event()).ToList();
        await RefusesAll(ErrorCode.TooManyEvents, Encoding.UTF8.GetBytes(string.Join('\n', lines)), EventFormat.NdJson);
        await RefusesAll(ErrorCode.TooManyEvents, Encoding.UTF8.GetBytes($"[{string.Join(',', lines)}]"), EventFormat.Json);
        var answer = await Send(string.Join('\n', lines.Skip(1)));
        Assert.Equal(10_000, answer.Accepted);
        // Only the first thousand refusals are named.
        answer = await Send(string.Join('\n', Enumerable.Repeat("{}", 1500)));
        Assert.Equal((1500, 1000), (answer.Rejected, answer.Errors.Count));
    }

    [Fact]
    public async Task A_block_event_is_limited_like_any_other()
    {
        var writer = new BlockWriter();
        var emoji = string.Concat(Enumerable.Repeat("👍", 200));
        writer.Add(new BlockEvent { Id = "large", Type = EventType.Comment, TimeMs = Now, Room = "r1", User = "u1", Text = string.Concat(Enumerable.Repeat("👍", 2000)), Tags = [.. Enumerable.Repeat(emoji, 32)] });
        await Refuses("event_too_large", writer.ToBlock(), EventFormat.Block);
        writer.Add(new BlockEvent { Id = "attributes", Type = EventType.Enter, TimeMs = Now, Room = "r1", User = "u1", Attrs = new Dictionary<string, string> { ["a"] = new('x', 4096) } });
        await Refuses("invalid_attributes", writer.ToBlock(), EventFormat.Block);
    }

    [Fact]
    public async Task Empty_attributes_mean_the_same_in_a_block_and_in_json()
    {
        await Accepts(Event(("type", "\"user.upsert\""), ("attrs", "{\"age\":\"20\"}")));
        var writer = new BlockWriter();
        writer.Add(new BlockEvent { Id = "block", Type = EventType.UserUpsert, TimeMs = Now, User = "u1", Attrs = new Dictionary<string, string>() });
        Assert.Equal(1, (await _engine.IngestAsync(writer.ToBlock(), EventFormat.Block)).Accepted);
        Assert.Empty((await _engine.GetUserAsync("u1"))!.Attrs);
    }

    [Fact]
    public async Task Blank_lines_byte_order_marks_and_line_ends_of_all_kinds_are_read()
    {
        foreach (var body in new[] { "", "\n", "\r\n\r\n", " \t\n ", "\uFEFF", "\uFEFF\n\n" })
            await RefusesAll(ErrorCode.NothingToRead, Encoding.UTF8.GetBytes(body), EventFormat.NdJson);
        var answer = await Send("\uFEFF" + Event() + "\r\n\r\n \t\n" + Event() + "\n\n" + Event(("user", "5")) + "\r\n" + Event());
        Assert.Equal((3, 1), (answer.Accepted, answer.Rejected));
        Assert.Equal(2, answer.Errors[0].Index);
        await Accepts("\uFEFF" + Event(), EventFormat.Json);
        await Accepts("\uFEFF [ " + Event() + " ] \r\n", EventFormat.Json);
    }

    [Fact]
    public async Task Of_an_array_with_a_broken_tail_the_good_beginning_is_kept()
    {
        foreach (var tail in new[] { ",{\"id\":\"tail\",", "{}", "", ",]", ",nonsense]", ",{\"id\":\"tail\"]", "] x" })
        {
            var answer = await Send($"[{Event()},{Event()}{tail}", EventFormat.Json);
            Assert.True(answer is { Accepted: 2, Rejected: 1 }, tail);
            Assert.Equal((2, "invalid_json"), (answer.Errors[0].Index, answer.Errors[0].Code));
        }

        // What is JSON but no event is one refusal, and reading goes on.
        var mixed = await Send($"[1,null,[],[[1]],\"x\",{Event()},{{}},{Event()}]", EventFormat.Json);
        Assert.Equal((2, 6), (mixed.Accepted, mixed.Rejected));
    }

    [Fact]
    public async Task A_lone_surrogate_in_a_name_spoils_only_its_own_event()
    {
        var answer = await Send($"[{Event()},{Event(("\\ud800", "1"))},{Event()}]", EventFormat.Json);
        Assert.Equal((2, 1), (answer.Accepted, answer.Rejected));
        Assert.Equal("unknown_field", answer.Errors[0].Code);
        static string Cloud(string id, string more) => $"{{\"specversion\":\"1.0\",\"id\":\"{id}\",\"source\":\"s\",\"type\":\"enter\",{more}\"time\":\"2023-11-14T22:13:20Z\",\"data\":{{\"room\":\"r\",\"user\":\"u\"}}}}";
        // Extensions are not read, whatever they are called.
        answer = await Send($"[{Cloud("1", "")},{Cloud("2", "\"\\ud800\":1,")},{Cloud("3", "\"dat\\ud800\":1,\"idx\\udc00\":2,")},{Cloud("4", "")}]", EventFormat.CloudEventBatch);
        Assert.Equal((4, 0), (answer.Accepted, answer.Rejected));
        await Refuses("invalid_cloud_event", Cloud("5", "").Replace("1.0", "\\ud800", StringComparison.Ordinal), EventFormat.CloudEvent);
    }

    [Fact]
    public async Task CloudEvents_are_read_in_all_modes()
    {
        static string Cloud(string id, string type = "livegrains.enter", string data = "{\"room\":\"r\",\"user\":\"u\"}", string version = "\"1.0\"", string extra = "") =>
            $"{{\"specversion\":{version},\"id\":\"{id}\",\"source\":\"/cloud\",\"type\":\"{type}\",\"time\":\"2023-11-14T22:13:20Z\",\"datacontenttype\":\"application/json\"{extra},\"data\":{data}}}";
        await Accepts(Cloud("1"), EventFormat.CloudEvent);
        await Accepts(Cloud("2", "enter", extra: ",\"traceparent\":\"00-1\",\"other\":{\"a\":[1]}"), EventFormat.CloudEvent);
        var answer = await Send($"[{Cloud("3")},{Cloud("3", "leave")},{Cloud("4", version: "\"0.3\"")}]", EventFormat.CloudEventBatch);
        Assert.Equal((1, 1, 1), (answer.Accepted, answer.Duplicates, answer.Rejected));
        await Refuses("invalid_cloud_event", Cloud("5", version: "1.0"), EventFormat.CloudEvent);
        await Refuses("invalid_cloud_event", Cloud("5", data: "[]"), EventFormat.CloudEvent);
        await Refuses("invalid_type", Cloud("5", "livegrains."), EventFormat.CloudEvent);
        await Refuses("unknown_field", Cloud("5", data: "{\"x\":1}"), EventFormat.CloudEvent);
        await Refuses("missing_field", Cloud("5", data: "{\"room\":\"r\"}"), EventFormat.CloudEvent);
        await Refuses("missing_field", Cloud("5", data: "null"), EventFormat.CloudEvent);
        await Refuses("invalid_cloud_event", Event(("time", null), ("room", null), ("user", null)), EventFormat.CloudEvent);
        await RefusesAll(ErrorCode.NothingToRead, Encoding.UTF8.GetBytes(Cloud("5")[..^1]), EventFormat.CloudEvent);

        var good = new CloudEventAttributes("b1", "/cloud", "livegrains.enter", "2023-11-14T22:13:20Z", "1.0");
        var body = "{\"room\":\"r\",\"user\":\"u\"}"u8.ToArray();
        Assert.Equal(1, (await _engine.IngestAsync(body, EventFormat.CloudEventBinary, good)).Accepted);
        Assert.Equal(1, (await _engine.IngestAsync(body, EventFormat.CloudEventBinary, good)).Duplicates);
        foreach (var bad in new[] { null, good with { Id = null }, good with { Source = null }, good with { Type = null }, good with { SpecVersion = null }, good with { SpecVersion = "0.3" } })
            await Refuses("invalid_cloud_event", body, EventFormat.CloudEventBinary, bad);
        await Refuses("invalid_id", body, EventFormat.CloudEventBinary, good with { Id = new string('x', 65) });
        await Refuses("invalid_type", body, EventFormat.CloudEventBinary, good with { Id = "b2", Type = "other" });
        await Refuses("invalid_time", body, EventFormat.CloudEventBinary, good with { Id = "b2", Time = "yesterday" });
        await Refuses("missing_field", body, EventFormat.CloudEventBinary, good with { Id = "b2", Time = null });
        await Refuses("missing_field", [], EventFormat.CloudEventBinary, good with { Id = "b2" });
        foreach (var broken in new[] { "[]", "{", "5", "{} {}" }) await RefusesAll(ErrorCode.NothingToRead, Encoding.UTF8.GetBytes(broken), EventFormat.CloudEventBinary, good with { Id = "b2" });
        await RefusesAll(ErrorCode.NothingToRead, [0xFF], EventFormat.CloudEventBinary, good with { Id = "b2" });
    }

    [Fact]
    public async Task An_unknown_format_is_refused() => await RefusesAll(ErrorCode.UnsupportedMediaType, [1], (EventFormat)99);

    // "65*x" is a string of 65 x.
    private static string Times(string text)
    {
        var star = text.IndexOf('*', StringComparison.Ordinal);
        return star > 0 && int.TryParse(text[..star], out var times) ? $"\"{string.Concat(Enumerable.Repeat(text[(star + 1)..], times))}\"" : text;
    }
}
