using LiveGrains.Core;
using LiveGrains.Engine.Ingest;

namespace LiveGrains.Engine.Shards;

/// <summary>Which shard owns what, and the cutting of blocks into parts for several shards.</summary>
internal static class ShardRouter
{
    /// <summary>The shard that owns a key. Part of the format of a data directory with several shards.</summary>
    public static int ShardOf(ulong keyHash, int shards) => shards == 1 ? 0 : (int)(KeyHash.Mix(keyHash ^ 0x5DEECE66D) % (uint)shards);

    /// <summary>
    /// Submits each event to the shards of its room, user, product and video; catalog events and policies to all, and impressions to the first as well
    /// when there is a policy. The block completes when all parts did.
    /// </summary>
    public static void Route(IngestBlock block, ShardRunner[] shards, KeyHash hash, bool hasTraffic)
    {
        var parts = Cut(block, shards.Length, hash, hasTraffic);
        for (var s = 0; s < shards.Length; s++)
        {
            if (parts[s] is { } part) shards[s].Submit(part);
        }
    }

    /// <summary>Cuts a block into the parts of the shards; null: nothing is for that one. The block completes when all parts did.</summary>
    public static unsafe IngestBlock?[] Cut(IngestBlock block, int shards, KeyHash hash, bool hasTraffic)
    {
        var parts = new IngestBlock?[shards];
        Span<Owns> owns = stackalloc Owns[shards];
        // An event that no shard has judged yet is a duplicate; the first shard that took it makes it accepted.
        block.Verdicts.Fill((byte)Verdict.Duplicate);
        fixed (byte* start = block.Records)
        {
            var p = start;
            for (var i = 0; i < block.Count; i++)
            {
                var record = (EventRecord*)p;
                Assign(record, hash, owns);
                if (record->Type == RecordTypes.TrafficPolicy || (hasTraffic && record->Type == EventType.Impression)) owns[0] |= Owns.Traffic;
                for (var s = 0; s < shards; s++)
                {
                    if (owns[s] == Owns.None && !record->Type.IsCatalog() && record->Type != RecordTypes.TrafficPolicy) continue;
                    var part = parts[s] ??= new IngestBlock { Whole = block };
                    record->Owns = owns[s];
                    new ReadOnlySpan<byte>(p, record->Length).CopyTo(part.Reserve(record->Length));
                    part.Append(record->Length, i);
                }

                p += record->Length;
            }
        }

        block.PartsLeft = parts.Count(p => p != null);
        return parts;
    }

    private static unsafe void Assign(EventRecord* record, KeyHash hash, Span<Owns> owns)
    {
        owns.Clear();
        var n = owns.Length;
        var members = record->Members;
        if ((members & Members.User) != 0) owns[ShardOf(record->UserHash, n)] |= Owns.User;
        if ((members & Members.Room) != 0) owns[ShardOf(record->RoomHash, n)] |= Owns.Room;
        if ((members & Members.Product) != 0) owns[ShardOf(record->ItemHash, n)] |= Owns.Product;
        if ((members & Members.Video) != 0)
        {
            var video = (members & Members.Product) != 0 ? hash.Of(EventRecords.Get(record, Members.Video)) : record->ItemHash;
            owns[ShardOf(video, n)] |= Owns.Video;
        }

        // The shard of the room counts for the platform, without a room that of the item, then of the user.
        var first = (members & Members.Room) != 0 ? Owns.Room : (members & Members.Product) != 0 ? Owns.Product
            : (members & Members.Video) != 0 ? Owns.Video : Owns.User;
        foreach (ref var shard in owns)
        {
            if ((shard & first) != 0) shard |= Owns.Primary;
        }
    }
}
