using LiveGrains.Simulator.Lines;
using LiveGrains.Simulator.Randomness;

namespace LiveGrains.Simulator.World;

/// <summary>All products. Price and words come from a hash; stock and status change and are kept.</summary>
internal sealed class ProductCatalog
{
    private const byte ListedFlag = 1;
    private const byte OffFlag = 2;

    private readonly ulong _seed;
    private readonly int[] _prices;
    private readonly int[] _stocks;
    private readonly byte[] _flags;
    private readonly byte[] _categories;
    private readonly int[][] _byCategory;
    private int _cursor;

    public ProductCatalog(SimulatorOptions options)
    {
        _seed = options.Seed ^ 0x50524F44UL;
        var count = options.ProductCount;
        _prices = new int[count];
        _stocks = new int[count];
        _flags = new byte[count];
        _categories = new byte[count];
        var all = Categories.All;
        var draw = new WeightedTable(Array.ConvertAll(all, c => c.MedianPrice > 0 ? c.Share : 0));
        var prices = QuantileTable.LogNormal(1, 0.9);
        var sizes = new int[all.Length];
        for (var i = 0; i < count; i++)
        {
            var hash = Hash(i);
            var category = draw.At(hash);
            _categories[i] = (byte)category;
            sizes[category]++;
            var price = all[category].MedianPrice * prices.At((hash >> 12 & 0xFFFFFF) / (double)0x1000000);

            // Prices end in 90 (0.90), as in shops.
            _prices[i] = Math.Max(190, (int)(price / 100) * 100 - 10);
            _stocks[i] = FullStock(i);
        }

        _byCategory = Array.ConvertAll(sizes, size => new int[size]);
        Array.Clear(sizes);
        for (var i = 0; i < count; i++)
            _byCategory[_categories[i]][sizes[_categories[i]]++] = i;
    }

    /// <summary>True: what is bought is not taken off the stock.</summary>
    public bool IsEndless { get; init; }

    public int Count => _prices.Length;

    public int Price(int product) => _prices[product];

    public int Category(int product) => _categories[product];

    /// <summary>The tag of the category that the product is about.</summary>
    public int Tag(int product) => (int)((Hash(product) >> 40) % CategoryProfile.Tags);

    public bool IsListed(int product) => (_flags[product] & ListedFlag) != 0;

    /// <summary>Listed, on sale, in stock.</summary>
    public bool IsAvailable(int product) => _flags[product] == ListedFlag && _stocks[product] > 0;

    /// <summary>A product of the category, low numbers far more often; −1 when it has none.</summary>
    public int Draw(int category, Xoshiro256 random)
    {
        var products = _byCategory[category];
        if (products.Length == 0)
            return -1;
        var u = random.Unit();
        return products[(int)(u * u * products.Length)];
    }

    /// <summary>The next product that no event has named yet, or −1 when all are listed.</summary>
    public int NextUnlisted()
    {
        while (_cursor < Count && IsListed(_cursor))
            _cursor++;
        return _cursor < Count ? _cursor : -1;
    }

    /// <summary>Takes pieces off the stock; false when there are too few.</summary>
    public bool Take(int product, int pieces)
    {
        if (!IsAvailable(product) || _stocks[product] < pieces)
            return false;
        if (!IsEndless)
            _stocks[product] -= pieces;
        return true;
    }

    /// <summary>Changes stock or status as a seller does: refills what is sold out, brings back what is off, seldom takes off.</summary>
    public void Manage(int product, Xoshiro256 random)
    {
        if ((_flags[product] & OffFlag) != 0)
            _flags[product] = ListedFlag;
        else if (_stocks[product] < FullStock(product) / 4)
            _stocks[product] = FullStock(product);
        else if (random.Chance(0.15))
            _flags[product] |= OffFlag;
        else
            _stocks[product] += random.Between(1, 50);
    }

    public void WriteUpsert(ref LineWriter line, int product, long nowMs)
    {
        _flags[product] |= ListedFlag;
        var category = Categories.All[_categories[product]];
        var hash = Hash(product);
        line.Begin(EventKind.ProductUpsert, nowMs);
        line.Product(product);
        line.Raw(",\"title\":\""u8);
        line.Raw(Lexicon.ProductPrefix[(int)(hash >> 48 & 0xFF) % Lexicon.ProductPrefix.Length]);
        line.Raw(category.Goods[(int)(hash >> 40) % CategoryProfile.Tags]);
        line.Raw(Lexicon.ProductSuffix[(int)(hash >> 56) % Lexicon.ProductSuffix.Length]);
        line.Text("\",\"category\":"u8, category.Name);
        line.Text(",\"tags\":["u8, category.TagWords[Tag(product)]);
        line.Text(","u8, category.TagWords[(Tag(product) + 1 + (int)(hash >> 36 & 3)) % CategoryProfile.Tags]);
        line.Number("],\"price\":"u8, _prices[product]);
        line.Number(",\"stock\":"u8, _stocks[product]);
        line.Raw((_flags[product] & OffFlag) != 0 ? ",\"status\":\"off\""u8 : ",\"status\":\"on\""u8);
        line.End();
    }

    private int FullStock(int product) => 20 + (int)(Hash(product) >> 20 & 0x3FF) * 2;

    private ulong Hash(int product) => Xoshiro256.Hash(_seed, (ulong)product);
}
