using LiveGrains.Simulator.Randomness;

namespace LiveGrains.Simulator.World;

/// <summary>Everything there is: rooms, users, products, videos, and the queue of what happens next. One thread.</summary>
internal sealed class Platform
{
    /// <param name="options">Sizes and seed.</param>
    /// <param name="isExogenous">True: nothing that viewers do changes the platform, see <see cref="IsExogenous"/>.</param>
    public Platform(SimulatorOptions options, bool isExogenous = false)
    {
        IsExogenous = isExogenous;
        Options = options;
        Random = new Xoshiro256(options.Seed);
        Rooms = new RoomBoard(options, Random);
        Products = new ProductCatalog(options) { IsEndless = isExogenous };
        Videos = new VideoLibrary(options);
        Users = new UserPopulation(options, Rooms, Random) { HasFixedFavourites = isExogenous };
        Queue = new DueQueue(options.Rooms + 1024);
        Viewers = new ViewerPool(Users, Queue);
        StartMs = options.Start.ToUnixTimeMilliseconds();
    }

    private Platform(Platform other, ulong seed)
    {
        Options = other.Options;
        IsExogenous = other.IsExogenous;
        Random = new Xoshiro256(seed);
        Rooms = other.Rooms;
        Products = other.Products;
        Videos = other.Videos;
        Users = other.Users;
        Queue = new DueQueue(1024);
        Viewers = new ViewerPool(Users, Queue, isCrowded: true);
        StartMs = other.StartMs;
    }

    /// <summary>The same rooms, users and products with viewers, a chance and a queue of its own: what is drawn and what is due there changes nothing here.</summary>
    public Platform Beside(ulong seed) => new(this, seed);

    public SimulatorOptions Options { get; }

    /// <summary>True: rooms call nobody, stocks do not run out and favourites stay as they are, so that the platform is the same whatever viewers are shown.</summary>
    public bool IsExogenous { get; }

    public Xoshiro256 Random { get; }

    public RoomBoard Rooms { get; }

    public UserPopulation Users { get; }

    public ProductCatalog Products { get; }

    public VideoLibrary Videos { get; }

    public DueQueue Queue { get; }

    public ViewerPool Viewers { get; }

    /// <summary>Milliseconds since 1970 of the start.</summary>
    public long StartMs { get; }

    /// <summary>Viewers in a room now.</summary>
    public int Watching { get; set; }

    /// <summary>The exponential distribution of mean 1: gaps of everything that happens at random.</summary>
    public QuantileTable Gaps { get; } = QuantileTable.Exponential();

    /// <summary>A random gap in milliseconds of the given mean in seconds, at least 1 ms.</summary>
    public long GapMs(double meanSeconds) => 1 + (long)(Gaps.Draw(Random) * meanSeconds * 1000);
}
