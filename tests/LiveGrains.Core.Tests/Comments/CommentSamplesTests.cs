using System.Text;

namespace LiveGrains.Core.Tests.Comments;

public sealed class CommentSamplesTests
{
    [Fact]
    public void All_comments_are_kept_in_their_order_up_to_the_limit()
    {
        using var arena = new NativeArena();
        var samples = new CommentSamples(arena);
        uint sample = 0;
        for (var i = 0; i < CommentSamples.MaxComments; i++) Offer(samples, ref sample, i);
        var read = samples.Read(sample);
        Assert.Equal(CommentSamples.MaxComments, read.Offered);
        Assert.Equal(Enumerable.Range(0, CommentSamples.MaxComments).Select(Text), read.Comments.Select(c => Encoding.UTF8.GetString(c.Text)));
        Assert.Equal(Enumerable.Range(0, CommentSamples.MaxComments).Select(i => (uint)i * 7 + 1), read.Comments.Select(c => c.User));
    }

    [Theory]
    [InlineData(2_049)]
    [InlineData(10_000)]
    [InlineData(200_000)]
    public void Beyond_the_limit_it_is_what_the_hashes_choose_and_uniform_over_time(int comments)
    {
        using var arena = new NativeArena();
        var samples = new CommentSamples(arena);
        uint sample = 0;
        for (var i = 0; i < comments; i++) Offer(samples, ref sample, i);
        var read = samples.Read(sample);
        Assert.Equal(comments, read.Offered);
        Assert.InRange(read.Comments.Count, CommentSamples.MaxComments * 2 / 5, CommentSamples.MaxComments);
        // The independent account: all comments whose number is below the highest power of two under which they fit.
        var level = 0;
        while (Enumerable.Range(0, comments).Count(i => (uint)Hash(i) < 1UL << (32 - level)) > CommentSamples.MaxComments) level++;
        var expected = Enumerable.Range(0, comments).Where(i => (uint)Hash(i) < 1UL << (32 - level)).Select(Text);
        Assert.Equal(expected, read.Comments.Select(c => Encoding.UTF8.GetString(c.Text)));
        var early = read.Comments.Count(c => (int)(c.User / 7) < comments / 2);
        Assert.InRange((double)early / read.Comments.Count, 0.43, 0.57);
    }

    [Fact]
    public void Rooms_are_apart_and_memory_comes_back_when_a_room_begins_anew()
    {
        using var arena = new NativeArena();
        var samples = new CommentSamples(arena);
        var rooms = new uint[4];
        for (var i = 0; i < 4_000; i++) Offer(samples, ref rooms[i % 4], i);
        Assert.Equal([1_000L, 1_000, 1_000, 1_000], rooms.Select(r => samples.Read(r).Offered));
        var bytes = samples.Bytes;
        for (var broadcast = 0; broadcast < 50; broadcast++)
        {
            samples.Clear(ref rooms[2]);
            Assert.Equal(0u, rooms[2]);
            Assert.Empty(samples.Read(rooms[2]).Comments);
            for (var i = 0; i < 1_000; i++) Offer(samples, ref rooms[2], i);
        }

        Assert.Equal(bytes, samples.Bytes);
        Assert.Equal(Enumerable.Range(0, 1_000).Select(i => Text(i * 4 + 1)), samples.Read(rooms[1]).Comments.Select(c => Encoding.UTF8.GetString(c.Text)));
    }

    [Fact]
    public void Texts_of_every_length_are_kept_whole_up_to_a_limit_and_cut_between_characters()
    {
        using var arena = new NativeArena();
        var samples = new CommentSamples(arena);
        uint sample = 0;
        for (var length = 1; length <= 300; length++) samples.Offer(ref sample, (ulong)length, 1, Encoding.UTF8.GetBytes(new string('x', length % 3) + new string('好', length)));
        var read = samples.Read(sample).Comments.Select(c => Encoding.UTF8.GetString(c.Text)).ToArray();
        for (var length = 1; length <= 300; length++)
        {
            var whole = new string('x', length % 3) + new string('好', length);
            Assert.StartsWith(read[length - 1], whole);
            Assert.True(read[length - 1] == whole || Encoding.UTF8.GetByteCount(read[length - 1]) > CommentSamples.MaxTextBytes - 3);
        }
    }

    [Fact]
    public void A_sample_that_is_saved_and_loaded_goes_on_as_if_it_were_not()
    {
        using var arena = new NativeArena();
        var (one, two) = (new CommentSamples(arena), new CommentSamples(arena));
        uint first = 0, second = 0;
        for (var i = 0; i < 9_000; i++)
        {
            Offer(one, ref first, i);
            Offer(two, ref second, i);
            if (i % 1_500 != 0) continue;
            var memory = new StateMemory();
            two.Save(memory);
            two = new CommentSamples(arena);
            two.Load(memory);
            Assert.True(memory.IsAtEnd);
        }

        var (a, b) = (new StateMemory(), new StateMemory());
        one.Save(a);
        two.Save(b);
        Assert.Equal(a.Bytes, b.Bytes);
    }

    [Fact]
    public void Numbers_that_are_all_alike_stay_within_the_limit()
    {
        using var arena = new NativeArena();
        var samples = new CommentSamples(arena);
        uint sample = 0;
        for (var i = 0; i < 10_000; i++) samples.Offer(ref sample, 0, 1, "a"u8);
        Assert.Equal((10_000L, CommentSamples.MaxComments), (samples.Read(sample).Offered, samples.Read(sample).Comments.Count));
    }

    private static string Text(int i) => $"comment {i} {new string('字', i % 60)}";

    private static ulong Hash(int i) => KeyHash.Mix((ulong)i + 12345);

    private static void Offer(CommentSamples samples, ref uint sample, int i) => samples.Offer(ref sample, Hash(i), (uint)i * 7 + 1, Encoding.UTF8.GetBytes(Text(i)).AsSpan(0, Math.Min(200, Encoding.UTF8.GetByteCount(Text(i)))));
}
