using System.Buffers.Binary;

namespace LiveGrains.Core;

/// <summary>
/// The tokens of an item as they are stored: five bytes each, the hash and the field, in the order of the hashes, no hash
/// twice. Equal sets of tokens are equal bytes.
/// </summary>
/// <param name="bytes">What <see cref="Tokens.Write"/> gave.</param>
internal readonly ref struct TokenList(ReadOnlySpan<byte> bytes)
{
    /// <summary>Bytes of a token.</summary>
    public const int TokenBytes = 5;

    /// <summary>Most tokens of an item.</summary>
    public const int MaxTokens = 256;

    /// <summary>Most bytes of a list.</summary>
    public const int MaxBytes = MaxTokens * TokenBytes;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Number of tokens.</summary>
    public int Count => _bytes.Length / TokenBytes;

    /// <summary>A token.</summary>
    public (uint Hash, TokenField Field) this[int index]
    {
        get
        {
            var token = _bytes.Slice(index * TokenBytes, TokenBytes);
            return (BinaryPrimitives.ReadUInt32LittleEndian(token), (TokenField)token[4]);
        }
    }
}
