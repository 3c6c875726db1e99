using System.Text;

namespace LiveGrains.Simulator.World;

/// <summary>How the rooms of a category behave.</summary>
internal enum RoomMode : byte
{
    /// <summary>Sells products; viewers see cards and buy.</summary>
    Commerce,

    /// <summary>Sells courses: long visits, many comments, few dear products.</summary>
    Course,

    /// <summary>Entertains: gifts, likes, subscriptions.</summary>
    Show,
}

/// <summary>A category of rooms, products and videos: its words as UTF-8, its share, its prices.</summary>
internal sealed class CategoryProfile(
    string name,
    RoomMode mode,
    double share,
    double medianPrice,
    string[] tags,
    string[] chineseTitles,
    string[] englishTitles,
    string[] goods,
    string[] comments)
{
    /// <summary>Tags of a category. A taste covers <see cref="LikedTags"/> of them.</summary>
    public const int Tags = 8;

    /// <summary>Tags of its categories that one user likes.</summary>
    public const int LikedTags = 3;

    public byte[] Name { get; } = Encoding.UTF8.GetBytes(name);

    public RoomMode Mode { get; } = mode;

    /// <summary>Weight among the categories, of rooms and of users' tastes.</summary>
    public double Share { get; } = share;

    /// <summary>Median price of a product in minor units; 0 when the category sells nothing.</summary>
    public double MedianPrice { get; } = medianPrice;

    public byte[][] TagWords { get; } = Lexicon.Utf8(tags);

    public byte[][] ChineseTitles { get; } = Lexicon.Utf8(chineseTitles);

    public byte[][] EnglishTitles { get; } = Lexicon.Utf8(englishTitles);

    /// <summary>Names of products (commerce, course) and subjects of videos.</summary>
    public byte[][] Goods { get; } = Lexicon.Utf8(goods);

    public byte[][] Comments { get; } = Lexicon.Utf8(comments);
}
