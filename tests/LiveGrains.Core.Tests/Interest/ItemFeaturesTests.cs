using System.Buffers.Binary;
using System.Text;

namespace LiveGrains.Core.Tests;

/// <summary>Tokens, their frequencies, and the vectors made of them.</summary>
public sealed class ItemFeaturesTests : IDisposable
{
    private readonly NativeArena _arena = new();
    private readonly ItemFeatures _features;

    public ItemFeaturesTests() => _features = new ItemFeatures(_arena, new BlobArena(_arena));

    public void Dispose() => _arena.Dispose();

    [Fact]
    public void Case_width_and_punctuation_of_words_do_not_matter()
    {
        var expected = Hashes(title: "new iphone 15 pro");
        Assert.Equal(expected, Hashes(title: "NEW iPhone-15, (Pro)!!"));
        Assert.Equal(expected, Hashes(title: "  ＮＥＷ　ｉＰｈｏｎｅ　１５　Ｐｒｏ🔥 "));
        Assert.Equal(expected, Hashes(title: "pro 15 new new iphone"));
        Assert.Equal(Hashes(title: "über straße"), Hashes(title: "ÜBER STRAßE"));
        Assert.NotEqual(expected, Hashes(title: "new iphone 14 pro"));
        Assert.Equal(4, expected.Length);
    }

    [Fact]
    public void Chinese_counts_by_pairs_of_characters_and_lone_ones_by_themselves()
    {
        Assert.Equal(3, Hashes(title: "降噪耳机").Length);
        Assert.Equal(Hashes(title: "降噪 噪耳 耳机"), Hashes(title: "降噪耳机"));
        // 纯棉, t, 恤.
        Assert.Equal(3, Hashes(title: "纯棉T恤").Length);
        Assert.Equal(Hashes(title: "恤 t 纯棉"), Hashes(title: "纯棉T恤"));
        Assert.Equal(2, Hashes(title: "ありが").Length);
        Assert.Single(Hashes(title: "안녕"));
        // Two characters of a tag are the same token as the same two in a title.
        Assert.Subset(Hashes(title: "降噪耳机").ToHashSet(), Hashes(tags: ["耳机"]).ToHashSet());
        Assert.Subset(Hashes(title: "降噪耳机").ToHashSet(), Hashes(tags: ["降噪耳机"]).Except(Whole("降噪耳机")).ToHashSet());
    }

    [Fact]
    public void Fields_have_their_own_meaning()
    {
        Assert.NotEqual(Hashes(title: "luna"), Hashes(host: "luna"));
        Assert.Equal(Hashes(title: "luna"), Hashes(category: "luna"));
        var token = Tokenise(title: "luna", category: "Luna", tags: ["LUNA"]);
        Assert.Equal(1, new TokenList(token).Count);
        Assert.Equal(TokenField.Category, new TokenList(token)[0].Field);
        Assert.Equal(Hashes(host: "小鹿 的直播间"), Hashes(host: "  小鹿　的直播间！"));
    }

    [Fact]
    public void Near_prices_share_bands()
    {
        var at100 = Hashes(price: 10_000);
        Assert.Equal(2, at100.Length);
        Assert.Equal(at100, Hashes(price: 10_500));
        Assert.Single(at100.Intersect(Hashes(price: 13_000)));
        Assert.Empty(at100.Intersect(Hashes(price: 40_000)));
        Assert.Empty(Hashes(price: 0));
        Assert.Empty(Hashes(price: -5));
        Assert.Equal(2, Hashes(price: long.MaxValue).Length);
        Assert.InRange(Hashes(price: 1).Length, 1, 2);
        for (long price = 1; price < 1L << 61; price += price / 10 + 1) Assert.NotEmpty(Hashes(price: price).Intersect(Hashes(price: price + price / 10)));
    }

    [Fact]
    public void The_same_tokens_give_the_same_vector_and_length_is_one()
    {
        var one = Describe("数码 digital", ["耳机", "gadgets"], "百元耳机横评 best earbuds", "Luna Live", 29_900);
        for (var i = 0; i < 50; i++) Describe($"category {i}", [$"tag{i}", "gadgets"], $"title number {i} of many", $"host{i}", 100 * i);
        var other = Describe("数码 Digital", ["GADGETS", "耳机"], "Best Earbuds 百元耳机横评", "luna live", 29_900);
        Assert.Equal(Vector(one), Vector(other));
        Assert.Equal(1, FeatureVector.Dot(Vector(one), Vector(one)), 1e-5);
        Assert.Equal(new float[64], Vector(Describe("", [], "🔥🔥 !!", "", 0)));
    }

    [Fact]
    public void Similar_items_are_nearer_than_dissimilar_ones()
    {
        (string Category, string[] Tags, string[] Titles)[] catalogue =
        [
            ("美妆 beauty", ["口红", "护肤", "底妆", "skincare"], ["今晚大牌护肤5折起", "学生党平价彩妆合集", "换季敏感肌怎么选护肤", "口红试色专场", "Glow up: skincare under 100"]),
            ("服饰 fashion", ["女装", "男装", "汉服", "streetwear"], ["春装上新 全场包邮", "微胖女孩显瘦穿搭", "通勤穿搭一周不重样", "汉服新款首发", "Street style drops tonight"]),
            ("数码 digital", ["手机", "耳机", "电脑", "keyboards"], ["新品手机首发测评", "百元耳机横评", "装机答疑 在线配单", "Best earbuds under 50", "Build my PC, live"]),
            ("教育课程 courses", ["英语", "编程", "考研", "python"], ["零基础学Python 第1课", "考研英语长难句", "30天口语打卡", "手机摄影入门", "Data science from zero"]),
            ("游戏 gaming", ["王者", "吃鸡", "主机", "fps"], ["巅峰赛冲榜 带粉上分", "新版本开荒", "深夜单排不下播", "Ranked grind to the top", "Speedrun any percent"]),
        ];
        var random = new Random(1);
        var items = new List<(int Category, int Tag, uint Blob)>();
        for (var i = 0; i < 400; i++)
        {
            var c = i % catalogue.Length;
            var (category, tags, titles) = catalogue[c];
            var tag = random.Next(tags.Length);
            items.Add((c, tag, Describe(category, [tags[tag]], titles[random.Next(titles.Length)], $"host {random.Next(100)}", 1000 << random.Next(6))));
        }

        var vectors = items.ConvertAll(i => Vector(i.Blob));
        double sameTag = 0, sameCategory = 0, different = 0;
        int tagPairs = 0, categoryPairs = 0, differentPairs = 0, right = 0;
        for (var i = 0; i < items.Count; i++)
        {
            var nearest = -1;
            var highest = float.MinValue;
            for (var j = 0; j < items.Count; j++)
            {
                if (i == j) continue;
                var cosine = FeatureVector.Dot(vectors[i], vectors[j]);
                if (cosine > highest) (highest, nearest) = (cosine, j);
                if (items[i].Category != items[j].Category) (different, differentPairs) = (different + cosine, differentPairs + 1);
                else if (items[i].Tag != items[j].Tag) (sameCategory, categoryPairs) = (sameCategory + cosine, categoryPairs + 1);
                else (sameTag, tagPairs) = (sameTag + cosine, tagPairs + 1);
            }

            if (items[nearest].Category == items[i].Category) right++;
        }

        Assert.InRange(different / differentPairs, -0.15, 0.2);
        Assert.InRange(sameCategory / categoryPairs - different / differentPairs, 0.2, 1);
        Assert.InRange(sameTag / tagPairs - sameCategory / categoryPairs, 0.1, 1);
        Assert.InRange(right, 395, 400);
    }

    [Fact]
    public void Common_tokens_say_less_than_rare_ones()
    {
        for (var i = 0; i < 200; i++) Describe("", [], i % 50 == 0 ? "live rare" : "live", "", 0);
        var live = _features.Frequencies.Weight(Hashes(title: "live")[0]);
        var rare = _features.Frequencies.Weight(Hashes(title: "rare")[0]);
        var unseen = _features.Frequencies.Weight(Hashes(title: "unseen")[0]);
        Assert.True(0 < live && live < rare && rare < unseen && unseen == 1);
        Assert.Equal(200u, _features.Frequencies.Count(Hashes(title: "live")[0]));
        Assert.Equal(4u, _features.Frequencies.Count(Hashes(title: "rare")[0]));
    }

    [Fact]
    public void Updates_and_removals_leave_what_the_remaining_items_alone_would()
    {
        using var arena = new NativeArena();
        var other = new ItemFeatures(arena, new BlobArena(arena));
        var random = new Random(2);
        var items = new Dictionary<int, (uint Blob, string Title)>();
        for (var i = 0; i < 3000; i++)
        {
            var id = random.Next(200);
            if (random.Next(4) == 0 && items.Remove(id, out var removed)) _features.Remove(removed.Blob);
            else
            {
                var title = string.Join(' ', Enumerable.Range(0, random.Next(6)).Select(_ => $"word{random.Next(300)}"));
                items[id] = (Describe("", [], title, "", 0, items.GetValueOrDefault(id).Blob), title);
            }
        }

        foreach (var (_, title) in items.Values) other.Describe(0, new ItemText { Title = Encoding.UTF8.GetBytes(title) });
        Assert.Equal((uint)items.Count, _features.Frequencies.Items);
        var one = new StateMemory();
        var two = new StateMemory();
        _features.Frequencies.Save(one);
        other.Frequencies.Save(two);
        Assert.True(one.Bytes.AsSpan().SequenceEqual(two.Bytes));
        var loaded = new Idf(arena);
        loaded.Load(one);
        Assert.True(one.IsAtEnd);
        Assert.Equal(_features.Frequencies.Weight(Hashes(title: "word7")[0]), loaded.Weight(Hashes(title: "word7")[0]));
        Assert.Throws<InvalidOperationException>(() => new Idf(arena).Remove(default));
    }

    [Fact]
    public void Any_bytes_are_harmless()
    {
        var random = new Random(3);
        var list = new byte[TokenList.MaxBytes];
        var vector = new float[64];
        for (var i = 0; i < 8000; i++)
        {
            var item = new ItemText { Category = Noise(random, i), Tags = Noise(random, i), Title = Noise(random, i), Host = Noise(random, i), Price = random.NextInt64() };
            var used = Tokens.Write(item, list);
            var tokens = new TokenList(list.AsSpan(0, used));
            Assert.InRange(tokens.Count, 0, TokenList.MaxTokens);
            for (var t = 1; t < tokens.Count; t++) Assert.True(tokens[t - 1].Hash < tokens[t].Hash && tokens[t].Field <= TokenField.Price);
            _features.Vector(tokens, vector);
            Assert.DoesNotContain(vector, x => !(x is >= -1 and <= 1));
        }

        // What is cut in the middle of a character is the text without that character.
        var cut = Encoding.UTF8.GetBytes("降噪耳机");
        Assert.Equal(Hashes(title: "降噪耳"), Hashes(cut.AsSpan(0, cut.Length - 1)));
        // A text beyond all limits.
        Assert.Equal(TokenList.MaxTokens, Hashes(title: string.Join(' ', Enumerable.Range(0, 1000))).Length);
        Assert.Single(Hashes(title: new string('x', 5000)));
    }

    private static byte[] Noise(Random random, int i)
    {
        var bytes = new byte[random.Next(i % 20 == 0 ? 1200 : 60)];
        if (random.Next(2) == 0) random.NextBytes(bytes);
        // Much of it near to valid text.
        else for (var b = 0; b < bytes.Length; b++) bytes[b] = (byte)(random.Next(4) switch { 0 => 0xE4 + random.Next(6), 1 => 0x80 + random.Next(64), 2 => random.Next(128), _ => 0xF0 + random.Next(8) });
        return bytes;
    }

    private static byte[] Tokenise(string category = "", string[]? tags = null, string title = "", string host = "", long price = 0) =>
        Tokenise(Item(category, tags ?? [], title, host, price, out var buffer), buffer);

    private static byte[] Tokenise(ItemText item, byte[] _)
    {
        var list = new byte[TokenList.MaxBytes];
        return list[..Tokens.Write(item, list)];
    }

    private static ItemText Item(string category, string[] tags, string title, string host, long price, out byte[] tagBytes)
    {
        tagBytes = tags.SelectMany(t =>
        {
            var text = Encoding.UTF8.GetBytes(t);
            var length = new byte[2];
            BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)text.Length);
            return length.Concat(text);
        }).ToArray();
        return new ItemText { Category = Encoding.UTF8.GetBytes(category), Tags = tagBytes, Title = Encoding.UTF8.GetBytes(title), Host = Encoding.UTF8.GetBytes(host), Price = price };
    }

    private static uint[] Hashes(string category = "", string[]? tags = null, string title = "", string host = "", long price = 0) =>
        Hashes(new TokenList(Tokenise(category, tags, title, host, price)));

    private static uint[] Hashes(ReadOnlySpan<byte> title)
    {
        var list = new byte[TokenList.MaxBytes];
        return Hashes(new TokenList(list.AsSpan(0, Tokens.Write(new ItemText { Title = title }, list))));
    }

    private static uint[] Hashes(TokenList tokens)
    {
        var hashes = new uint[tokens.Count];
        for (var i = 0; i < hashes.Length; i++) hashes[i] = tokens[i].Hash;
        return hashes;
    }

    // The token of a tag as a whole: what the tag has beyond its parts.
    private static IEnumerable<uint> Whole(string tag) => Hashes(tags: [tag]).Except(Hashes(title: tag));

    private uint Describe(string category, string[] tags, string title, string host, long price, uint stored = 0) =>
        _features.Describe(stored, Item(category, tags, title, host, price, out _));

    private float[] Vector(uint blob)
    {
        var vector = new float[64];
        _features.Vector(blob, vector);
        return vector;
    }
}
