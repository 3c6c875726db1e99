namespace LiveGrains.Engine.Storage;

/// <summary>
/// One directory of files, as little as a log needs, so that a test can be the disk: tear, lose, misdirect or fail writes.
/// Failures are <see cref="IOException"/>; a full disk is one with <see cref="StorageFullException"/>. Any thread.
/// </summary>
internal interface IStorage
{
    /// <summary>The names of all files.</summary>
    IReadOnlyList<string> List();

    /// <summary>Opens a file for reading and writing.</summary>
    IStorageFile Open(string name);

    /// <summary>Makes a file of so many bytes whose space is reserved; durable after <see cref="SyncDirectory"/>. Throws <see cref="StorageFullException"/>.</summary>
    IStorageFile Create(string name, long bytes);

    /// <summary>Gives a file another name, in place of a file that has it.</summary>
    void Rename(string from, string to);

    /// <summary>Removes a file.</summary>
    void Delete(string name);

    /// <summary>Makes creations, renames and deletions durable.</summary>
    void SyncDirectory();
}

/// <summary>An open file. One writer; any number of readers.</summary>
internal interface IStorageFile : IDisposable
{
    /// <summary>Bytes of the file.</summary>
    long Length { get; }

    /// <summary>Reads up to the end of the file; returns the bytes read.</summary>
    int Read(Span<byte> bytes, long offset);

    /// <summary>Writes all bytes; they are durable after <see cref="Sync"/>.</summary>
    void Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Makes the data written before durable (fdatasync). After a failure nothing is known of that data.</summary>
    void Sync();
}

/// <summary>There is no room on the disk; nothing was changed.</summary>
internal sealed class StorageFullException(string message, Exception? inner = null) : IOException(message, inner);
