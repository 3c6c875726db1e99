namespace LiveGrains.Engine.Recommendations;

/// <summary>Where the bytes of models are kept, one after the other in the same place. One writer at a time; members throw <see cref="IOException"/>.</summary>
internal interface IModelStore
{
    /// <summary>The name of the place, for people.</summary>
    string Name { get; }

    /// <summary>What is kept, as long as it is, or the beginning of it when it is longer than models ever are; null: nothing. Changes nothing.</summary>
    byte[]? Read();

    /// <summary>Puts bytes in place of those that are there. When it throws, those are still there.</summary>
    void Write(ReadOnlySpan<byte> bytes);
}
