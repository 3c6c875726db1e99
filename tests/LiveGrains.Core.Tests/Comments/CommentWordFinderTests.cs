using System.Text;

namespace LiveGrains.Core.Tests.Comments;

public sealed class CommentWordFinderTests
{
    private static CommentWords Find(params (uint User, string Text)[] comments) =>
        CommentWordFinder.Find(new CommentSample(comments.Length, [.. comments.Select(c => new SampledComment(c.User, Encoding.UTF8.GetBytes(c.Text)))]));

    private static string[] Words(params (uint User, string Text)[] comments) => [.. Find(comments).Words.Select(w => w.Word)];

    [Fact]
    public void English_words_count_once_in_a_comment_and_by_people()
    {
        var words = Find((1, "Love the LIPSTICK, love it!"), (2, "lipstick??"), (2, "the lipstick again"), (3, "love you"));
        Assert.Equal([("lipstick", 3, 2), ("love", 2, 2)], words.Words.Select(w => (w.Word, w.Comments, w.Users)));
        Assert.Equal(0.75, words.Words[0].Share);
        Assert.Equal(0, words.Words[0].StandardError);
    }

    [Fact]
    public void Chinese_words_are_rows_of_characters_without_particles_at_their_ends()
    {
        Assert.Equal(["好看"], Words((1, "真的好看"), (2, "好看的"), (3, "这个好看吗")));
        Assert.Equal(["口红"], Words((1, "口红"), (2, "我要口红"), (3, "口红吧")));
    }

    [Fact]
    public void Of_a_longer_word_and_its_parts_the_longer_one_stays()
    {
        Assert.Equal(["防晒霜"], Words((1, "防晒霜"), (2, "防晒霜!"), (3, "要防晒霜")));
        Assert.Equal(["防晒", "防晒霜"], Words((1, "防晒霜"), (2, "防晒霜!"), (3, "防晒"), (4, "防晒好"), (5, "讲防晒")));
    }

    [Fact]
    public void Laughter_is_one_word_however_long()
    {
        Assert.Equal(["哈哈"], Words((1, "哈哈"), (2, "哈哈哈哈哈哈哈哈")));
        Assert.Equal(["666"], Words((1, "666"), (2, "66666666")));
        Assert.Equal(["老婆"], Words((1, "老婆老婆老婆"), (2, "老婆")));
    }

    [Fact]
    public void What_one_person_wrote_alone_is_no_key_word()
    {
        Assert.Empty(Words((1, "13800138000 张三丰"), (1, "13800138000 张三丰"), (1, "13800138000")));
    }

    [Fact]
    public void Strange_bytes_and_empty_texts_do_no_harm()
    {
        var sample = new CommentSample(9, [new(1, []), new(1, [0xFF, 0xFE, 0x80]), new(2, [0xE5, 0xA5]), new(3, Encoding.UTF8.GetBytes("👍🏽👍🏽 <b>\0")), new(4, Encoding.UTF8.GetBytes("👍🏽 <b>"))]);
        Assert.Empty(CommentWordFinder.Find(sample).Words);
        Assert.Empty(CommentWordFinder.Find(new CommentSample(0, [])).Words);
    }

    [Fact]
    public void The_answer_is_bounded_and_a_sample_s_error_is_told()
    {
        var comments = Enumerable.Range(0, 200).SelectMany(i => new[] { new SampledComment(1, Encoding.UTF8.GetBytes($"word{i}x")), new SampledComment(2, Encoding.UTF8.GetBytes($"word{i}x")) }).ToArray();
        var words = CommentWordFinder.Find(new CommentSample(40_001, comments));
        Assert.Equal(CommentWordFinder.MaxWords, words.Words.Count);
        Assert.Equal((40_001L, 400), (words.Comments, words.Sampled));
        var share = 2 / 400.0;
        Assert.Equal(Math.Sqrt(share * (1 - share) / 400 * (40_001 - 400) / 40_000), words.Words[0].StandardError, 12);
    }
}
