using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>What is kept of a room's comments; a row of a pool.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct CommentSampleRow
{
    /// <summary>The first and the last chunk of comments, 0: none.</summary>
    public uint Head;
    public uint Tail;
    /// <summary>Comments that are kept.</summary>
    public uint Count;
    /// <summary>A comment is kept with probability 2^−<see cref="Level"/>.</summary>
    public uint Level;
    /// <summary>Comments with a text that came.</summary>
    public long Offered;
}

/// <summary>
/// A uniform sample of each room's comments, at most <see cref="MaxComments"/> a room: adaptive sampling (Flajolet, "On adaptive
/// sampling", 1990). Each comment has a number by its hash; all are kept while there is room, then half of the numbers, then a
/// quarter, and so on. A comment that is not kept costs one comparison, so a room may be as busy as it likes, and the finding of
/// words is left to whoever asks for a report. Same comments in the same order, same sample. One thread.
/// </summary>
internal sealed unsafe class CommentSamples
{
    /// <summary>Most comments that are kept of a room.</summary>
    public const int MaxComments = 2048;

    /// <summary>Of a comment's text the first bytes are kept, whole characters.</summary>
    public const int MaxTextBytes = 200;

    private const int ChunkBytes = 256;
    private const int ChunkHead = 8;
    private const int ChunkRoom = ChunkBytes - ChunkHead;
    private const int MaxLevel = 32;

    [StructLayout(LayoutKind.Sequential, Size = ChunkHead)]
    private struct Chunk // then entries
    {
        public uint Next;
        public uint Used;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Entry // then the text
    {
        public uint Number;
        public uint User;
        public byte TextBytes;

        public readonly int Length => sizeof(Entry) + TextBytes;
    }

    private readonly Pool _rows;
    private readonly Pool _chunks;

    /// <summary>Makes a store without samples.</summary>
    public CommentSamples(NativeArena arena)
    {
        _rows = new Pool(arena, sizeof(CommentSampleRow), 7);
        _chunks = new Pool(arena, ChunkBytes, 8);
    }

    /// <summary>Bytes of memory.</summary>
    public long Bytes => _rows.Bytes + _chunks.Bytes;

    /// <summary>Offers a comment to the sample of its room.</summary>
    /// <param name="sample">The room's sample, made with its first comment.</param>
    /// <param name="hash">Of the event: what decides whether it is kept.</param>
    /// <param name="user">The user's row.</param>
    /// <param name="text">UTF-8, not empty.</param>
    public void Offer(ref uint sample, ulong hash, uint user, ReadOnlySpan<byte> text)
    {
        if (sample == 0) sample = _rows.Allocate();
        var row = (CommentSampleRow*)_rows[sample];
        row->Offered++;
        var number = (uint)hash;
        if (!IsIn(number, row->Level)) return;
        while (row->Count == MaxComments && row->Level < MaxLevel) Halve(row);
        if (row->Count == MaxComments || !IsIn(number, row->Level)) return;
        text = Whole(text);
        var entry = (Entry*)Append(row, sizeof(Entry) + text.Length);
        entry->Number = number;
        entry->User = user;
        entry->TextBytes = (byte)text.Length;
        text.CopyTo(new Span<byte>(entry + 1, text.Length));
        row->Count++;
    }

    /// <summary>Forgets a room's sample.</summary>
    public void Clear(ref uint sample)
    {
        if (sample == 0) return;
        FreeFrom(((CommentSampleRow*)_rows[sample])->Head);
        _rows.Free(sample);
        sample = 0;
    }

    /// <summary>A copy of a room's sample.</summary>
    public CommentSample Read(uint sample)
    {
        if (sample == 0) return new CommentSample(0, []);
        var row = (CommentSampleRow*)_rows[sample];
        var comments = new List<SampledComment>((int)row->Count);
        for (var number = row->Head; number != 0;)
        {
            var chunk = (Chunk*)_chunks[number];
            var p = Entries(chunk);
            for (var end = p + chunk->Used; p < end; p += ((Entry*)p)->Length)
                comments.Add(new SampledComment(((Entry*)p)->User, new ReadOnlySpan<byte>(p + sizeof(Entry), ((Entry*)p)->TextBytes).ToArray()));
            number = chunk->Next;
        }

        return new CommentSample(row->Offered, comments);
    }

    public void Save(IStateSink sink)
    {
        _rows.Save(sink);
        _chunks.Save(sink);
    }

    public void Load(IStateSource source)
    {
        _rows.Load(source);
        _chunks.Load(source);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsIn(uint number, uint level) => (ulong)number << (int)level >> 32 == 0;

    private static ReadOnlySpan<byte> Whole(ReadOnlySpan<byte> text)
    {
        if (text.Length <= MaxTextBytes) return text;
        var length = MaxTextBytes;
        while (length > 0 && (text[length] & 0xC0) == 0x80) length--;
        return text[..length];
    }

    private byte* Append(CommentSampleRow* row, int bytes)
    {
        var chunk = row->Tail == 0 ? null : (Chunk*)_chunks[row->Tail];
        if (chunk == null || chunk->Used + bytes > ChunkRoom)
        {
            var added = _chunks.Allocate();
            if (chunk != null) chunk->Next = added;
            else row->Head = added;
            row->Tail = added;
            chunk = (Chunk*)_chunks[added];
        }

        var place = Entries(chunk) + chunk->Used;
        chunk->Used += (uint)bytes;
        return place;
    }

    // Packs what stays towards the front, in its order: an entry never moves behind where it was.
    private void Halve(CommentSampleRow* row)
    {
        row->Level++;
        var source = row->Head;
        row->Tail = row->Head;
        row->Count = 0;
        uint filled = 0;
        while (source != 0)
        {
            var chunk = (Chunk*)_chunks[source];
            source = chunk->Next;
            var p = Entries(chunk);
            for (var end = p + chunk->Used; p < end;)
            {
                var length = ((Entry*)p)->Length;
                if (IsIn(((Entry*)p)->Number, row->Level))
                {
                    var target = (Chunk*)_chunks[row->Tail];
                    if (filled + length > ChunkRoom)
                    {
                        target->Used = filled;
                        row->Tail = target->Next;
                        target = (Chunk*)_chunks[row->Tail];
                        filled = 0;
                    }

                    Buffer.MemoryCopy(p, Entries(target) + filled, length, length);
                    filled += (uint)length;
                    row->Count++;
                }

                p += length;
            }
        }

        var last = (Chunk*)_chunks[row->Tail];
        last->Used = filled;
        FreeFrom(last->Next);
        last->Next = 0;
    }

    private void FreeFrom(uint number)
    {
        while (number != 0)
        {
            var next = ((Chunk*)_chunks[number])->Next;
            _chunks.Free(number);
            number = next;
        }
    }

    private static byte* Entries(Chunk* chunk) => (byte*)(chunk + 1);
}

/// <summary>A copy of a room's sample of comments.</summary>
/// <param name="Offered">Comments with a text, all of them.</param>
/// <param name="Comments">Those that were kept, in the order in which they came.</param>
internal sealed record CommentSample(long Offered, IReadOnlyList<SampledComment> Comments);

/// <summary>One of them.</summary>
/// <param name="User">The user's row.</param>
/// <param name="Text">UTF-8.</param>
internal readonly record struct SampledComment(uint User, byte[] Text);
