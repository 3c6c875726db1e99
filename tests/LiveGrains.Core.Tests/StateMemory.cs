namespace LiveGrains.Core.Tests;

/// <summary>Keeps saved bytes for loading.</summary>
internal sealed class StateMemory : IStateSink, IStateSource
{
    private readonly MemoryStream _bytes = new();
    private int _at;

    public bool IsAtEnd => _at == _bytes.Length;

    public byte[] Bytes => _bytes.ToArray();

    public void Write(ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);

    public void Read(Span<byte> bytes)
    {
        _bytes.GetBuffer().AsSpan(_at, bytes.Length).CopyTo(bytes);
        _at += bytes.Length;
    }
}
