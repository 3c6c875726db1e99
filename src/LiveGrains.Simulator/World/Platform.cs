using LiveGrains.Simulator.Randomness;

namespace LiveGrains.Simulator.World;

/// <summary>Everything there is: rooms, users, products, videos, and the queue of what happens next. One thread.</summary>
internal sealed class Platform
{
    public Platform(SimulatorOptions options)
    {
        Options = options;
        Random = new Xoshiro256(options.Seed);
        Rooms = new RoomBoard(options, Random);
        Products = new ProductCatalog(options);
        Videos = new VideoLibrary(options);
        Users = new UserPopulation(options, Rooms, Random);
        Queue = new DueQueue(options.Rooms + 1024);
        Viewers = new ViewerPool(Users, Queue);
        StartMs = options.Start.ToUnixTimeMilliseconds();
    }

    public SimulatorOptions Options { get; }

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
