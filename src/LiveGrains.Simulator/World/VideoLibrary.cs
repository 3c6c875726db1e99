using LiveGrains.Simulator.Lines;
using LiveGrains.Simulator.Randomness;

namespace LiveGrains.Simulator.World;

/// <summary>Short videos: one for every two rooms, listed in the order of their numbers.</summary>
internal sealed class VideoLibrary(SimulatorOptions options)
{
    private readonly ulong _seed = options.Seed ^ 0x56494445UL;
    private readonly WeightedTable _categories = new(Array.ConvertAll(Categories.All, c => c.Share));

    public int Count { get; } = Math.Max(20, options.Rooms / 2);

    /// <summary>Videos 0 to this − 1 are listed.</summary>
    public int Listed { get; private set; }

    /// <summary>A listed video, of the category if a few tries find one; low numbers more often; −1 when none is listed.</summary>
    public int Draw(int category, Xoshiro256 random)
    {
        if (Listed == 0)
            return -1;
        var video = 0;
        for (var tries = 0; tries < 6; tries++)
        {
            var u = random.Unit();
            video = (int)(u * u * Listed);
            if (Category(video) == category)
                break;
        }

        return video;
    }

    public int Category(int video) => _categories.At(Hash(video));

    /// <summary>Length in milliseconds: 8 to 128 seconds.</summary>
    public int LengthMs(int video) => 8_000 + (int)(Hash(video) >> 20 & 0x7F) * 945;

    /// <summary>Lists the next video.</summary>
    public void WriteNext(ref LineWriter line, long nowMs)
    {
        var video = Listed++;
        var hash = Hash(video);
        var category = Categories.All[Category(video)];
        var tag = (int)(hash >> 32 & 7);
        line.Begin(EventKind.VideoUpsert, nowMs);
        line.Video(video);
        line.Raw(",\"title\":\""u8);
        line.Raw(Lexicon.VideoPrefix[(int)(hash >> 40) & 7]);
        line.Raw(category.Goods[(int)(hash >> 44) & 7]);
        line.Text("\",\"category\":"u8, category.Name);
        line.Text(",\"tags\":["u8, category.TagWords[tag]);
        line.Text(","u8, category.TagWords[(tag + 3) % CategoryProfile.Tags]);
        line.Raw("],\"status\":\"on\""u8);
        line.End();
    }

    private ulong Hash(int video) => Xoshiro256.Hash(_seed, (ulong)video);
}
