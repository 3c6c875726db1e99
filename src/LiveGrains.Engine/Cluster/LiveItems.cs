using System.Runtime.InteropServices;
using LiveGrains.Core;
using LiveGrains.Engine.Recommendations;

namespace LiveGrains.Engine.Cluster;

/// <summary>Some items of a shard as they are now, and where the next page begins.</summary>
/// <param name="Items">Of each its kind, whether it is available, the length of its key, the key and its numbers.</param>
/// <param name="Next">By kind the row of the next page; 1 behind the last.</param>
internal sealed record LiveItemsPage(byte[] Items, uint[] Next);

/// <summary>
/// What rankings elsewhere need of a shard's own items: whether they are available, and their numbers. Read in pages that go round, so
/// that each is small and nobody has to remember what was read before.
/// </summary>
internal static class LiveItems
{
    /// <summary>Where the first page begins.</summary>
    public static readonly uint[] Start = [1, 1, 1];

    private const int RowsOfPage = 2_000;

    /// <summary>The next rows of each kind; those that were never available and never seen are left out.</summary>
    public static unsafe LiveItemsPage Read(ShardState state, uint[] from)
    {
        var bytes = new MemoryStream();
        var next = new uint[InterestItem.Kinds];
        Span<byte> head = stackalloc byte[3];
        for (var kind = InterestKind.Room; kind <= InterestKind.Video; kind++)
        {
            var table = kind switch { InterestKind.Room => state.Rooms, InterestKind.Product => state.Products, _ => state.Videos };
            var row = Math.Max(1, from[(int)kind]);
            for (var left = RowsOfPage; left > 0 && row <= table.Count; left--, row++)
            {
                var isOwned = kind == InterestKind.Room ? (state.RoomAt(row)->Flags & RoomFlags.Owned) != 0 : state.ItemAt(kind == InterestKind.Video, row)->Owned != 0;
                if (!isOwned) continue;
                var isAvailable = ItemState.IsAvailable(state, kind, row);
                var numbers = ItemState.Numbers(state, kind, row, ShardState.BucketOf(state.ClockMs));
                if (!isAvailable && numbers == default) continue;
                var key = table.Key(row);
                head[0] = (byte)kind;
                head[1] = isAvailable ? (byte)1 : (byte)0;
                head[2] = (byte)key.Length;
                bytes.Write(head);
                bytes.Write(key);
                bytes.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<ItemNumbers>(in numbers)));
            }

            next[(int)kind] = row > table.Count ? 1 : row;
        }

        return new LiveItemsPage(bytes.ToArray(), next);
    }

    /// <summary>Notes a page. On the recommender's thread.</summary>
    public static unsafe void Note(LiveItemsPage page, ItemDirectory directory)
    {
        ReadOnlySpan<byte> bytes = page.Items;
        while (!bytes.IsEmpty)
        {
            var key = bytes.Slice(3, bytes[2]);
            var numbers = MemoryMarshal.Read<ItemNumbers>(bytes[(3 + key.Length)..]);
            directory.Note((InterestKind)bytes[0], key, bytes[1] != 0, numbers);
            bytes = bytes[(3 + key.Length + sizeof(ItemNumbers))..];
        }
    }
}
