using System.Text;

namespace LiveGrains.Core;

/// <summary>
/// Finds the words that many people used in comments. A word is what stands between spaces; where a script has none (Chinese,
/// Japanese, Korean) it is a row of two to four characters that does not begin or end with a particle and that is not most
/// often part of a longer one. A word counts once in a comment, and words that a single person used are left out: they may be a
/// name or a number. Any thread.
/// </summary>
internal static class CommentWordFinder
{
    /// <summary>Most words of an answer.</summary>
    public const int MaxWords = 40;

    private const int LeastUsers = 2;
    private const int ShortestGram = 2;
    private const int LongestGram = 4;
    private const int LongestWord = 24;

    // A shorter word is left out when this part of its comments have a longer one around it.
    private const double MostlyInside = 0.6;

    // Characters that carry grammar and no subject: a word of a Chinese comment neither begins nor ends with one.
    private const string Particles = "的了着过是我你他她它们这那也都就还又在有和与吗吧啊呀呢嘛哦噢么个不没很太被把给让跟对从到要会能可去来说上下一什怎为之其";

    private static readonly HashSet<string> _stopWords = new(
        ("a an and are as at be been but by can could did do does for from get go going got had has have he her here him his how i if im in is it its "
        + "just know let like me my no not now of off oh ok on one or our out she so some that the their them then there these they this those to too up "
        + "us was we were what when where which who why will with would yes you your are all am any because being both don dont s t re ll ve u").Split(' '), StringComparer.Ordinal);

    /// <summary>The words, most users first.</summary>
    public static CommentWords Find(CommentSample sample)
    {
        var found = new Dictionary<string, Count>(StringComparer.Ordinal);
        for (var i = 0; i < sample.Comments.Count; i++) Read(sample.Comments[i], i, found);
        foreach (var rare in found.Where(f => f.Value.Users.Count < LeastUsers).Select(f => f.Key).ToList()) found.Remove(rare);
        LeaveOutParts(found);
        var n = sample.Comments.Count;
        // Of a sample without replacement from all comments.
        var unseen = sample.Offered <= 1 ? 0 : (double)(sample.Offered - n) / (sample.Offered - 1);
        var words = found.Where(f => !f.Value.IsPart)
            .OrderByDescending(f => f.Value.Users.Count).ThenByDescending(f => f.Value.Comments).ThenBy(f => f.Key, StringComparer.Ordinal)
            .Take(MaxWords)
            .Select(f =>
            {
                var share = (double)f.Value.Comments / n;
                return new CommentWord(f.Key, f.Value.Comments, f.Value.Users.Count, share, Math.Sqrt(share * (1 - share) / n * unseen));
            });
        return new CommentWords(sample.Offered, n, [.. words]);
    }

    private static void Read(SampledComment comment, int number, Dictionary<string, Count> found)
    {
        var word = new StringBuilder();
        var run = new List<Rune>();
        ReadOnlySpan<byte> text = comment.Text;
        while (true)
        {
            var rune = default(Rune);
            var kind = text.IsEmpty ? Tokens.Kind.Separator : Tokens.Next(ref text, out rune);
            if (kind != Tokens.Kind.Letter && word.Length > 0)
            {
                if (IsWord(word)) Add(word.ToString());
                word.Clear();
            }

            if (kind != Tokens.Kind.Ideograph && run.Count > 0)
            {
                Grams(run);
                run.Clear();
            }

            // Of 哈哈哈哈哈 two characters are enough, of 66666 three.
            if (kind == Tokens.Kind.Letter) AppendOnceMore(word, rune);
            else if (kind == Tokens.Kind.Ideograph) AppendOnceMore(run, rune);
            if (text.IsEmpty && kind == Tokens.Kind.Separator) return;
        }

        void Grams(List<Rune> characters)
        {
            Span<char> gram = stackalloc char[2 * LongestGram];
            for (var start = 0; start < characters.Count; start++)
            {
                if (IsParticle(characters[start])) continue;
                var used = 0;
                for (var length = 1; length <= LongestGram && start + length <= characters.Count; length++)
                {
                    var last = characters[start + length - 1];
                    used += last.EncodeToUtf16(gram[used..]);
                    if (length >= ShortestGram && !IsParticle(last)) Add(new string(gram[..used]));
                }
            }
        }

        void Add(string token)
        {
            if (!found.TryGetValue(token, out var count)) found[token] = count = new Count();
            if (count.LastComment == number) return;
            count.LastComment = number;
            count.Comments++;
            count.Users.Add(comment.User);
        }
    }

    private static void AppendOnceMore(StringBuilder word, Rune rune)
    {
        if (word.Length >= LongestWord) return;
        Span<char> characters = stackalloc char[2];
        var used = rune.EncodeToUtf16(characters);
        if (used == 1 && word.Length >= 3 && word[^1] == characters[0] && word[^2] == characters[0] && word[^3] == characters[0]) return;
        word.Append(characters[..used]);
    }

    private static bool IsWord(StringBuilder word)
    {
        if (word.Length < 2) return false;
        return !_stopWords.Contains(word.ToString());
    }

    private static void AppendOnceMore(List<Rune> run, Rune rune)
    {
        if (run.Count >= 2 && run[^1] == rune && run[^2] == rune) return;
        run.Add(rune);
        // 老婆老婆 is 老婆 once more.
        if (run.Count >= 4 && run[^1] == run[^3] && run[^2] == run[^4] && run[^1] != run[^2]) run.RemoveRange(run.Count - 2, 2);
    }

    private static bool IsParticle(Rune rune) => rune.IsBmp && Particles.Contains((char)rune.Value, StringComparison.Ordinal);

    private static void LeaveOutParts(Dictionary<string, Count> found)
    {
        foreach (var (word, count) in found)
        {
            if (word[0] < 0x80 || word.Length <= ShortestGram) continue;
            Mark(word[1..], count.Comments);
            Mark(word[..^1], count.Comments);
        }

        void Mark(string part, int comments)
        {
            if (found.TryGetValue(part, out var shorter) && comments >= MostlyInside * shorter.Comments) shorter.IsPart = true;
        }
    }

    private sealed class Count
    {
        public int Comments;
        public int LastComment = -1;
        public bool IsPart;
        public readonly HashSet<uint> Users = [];
    }
}
