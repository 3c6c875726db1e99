namespace LiveGrains;

/// <summary>What people wrote about: the words that most of them used, from a uniform sample of a room's comments.</summary>
/// <param name="Comments">Comments with a text in the broadcast.</param>
/// <param name="Sampled">Those the words were found in: all of them up to 2,048, of more a half, a quarter, …</param>
/// <param name="Words">Most users first, at most 40. A word that only one person used is not among them.</param>
public sealed record CommentWords(long Comments, int Sampled, IReadOnlyList<CommentWord> Words);

/// <summary>A word of comments.</summary>
/// <param name="Word">In lower case; of a script without spaces two to four characters.</param>
/// <param name="Comments">Comments of the sample that have it.</param>
/// <param name="Users">Distinct users who wrote these.</param>
/// <param name="Share">Comments ÷ sampled.</param>
/// <param name="StandardError">Of the share as an estimate for all comments; 0 when all were in the sample.</param>
public sealed record CommentWord(string Word, int Comments, int Users, double Share, double StandardError);
