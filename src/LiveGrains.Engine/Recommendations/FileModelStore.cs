using LiveGrains.Engine.Storage;

namespace LiveGrains.Engine.Recommendations;

/// <summary>Keeps models in a file of a shard's directory. It takes its name when it is whole and durable.</summary>
internal sealed class FileModelStore(IStorage storage) : IModelStore
{
    public const string FileName = "models.lgm";
    public const string PartialName = "models.partial";

    /// <inheritdoc/>
    public string Name => FileName;

    /// <inheritdoc/>
    public byte[]? Read()
    {
        if (!storage.List().Contains(FileName)) return null;
        using var file = storage.Open(FileName);
        var bytes = new byte[Math.Min(file.Length, ModelFile.MaxBytes + 1)];
        return bytes[..file.Read(bytes, 0)];
    }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            // What a crash left of it is written over.
            using (var file = storage.Create(PartialName, 0))
            {
                file.Write(bytes, 0);
                file.Sync();
            }

            storage.Rename(PartialName, FileName);
            storage.SyncDirectory();
        }
        catch (StorageFullException)
        {
            storage.Delete(PartialName);
            throw;
        }
    }
}
