using System.Runtime.InteropServices;

namespace LiveGrains.Cli;

/// <summary>
/// Standard output through write(2). <see cref="Console.OpenStandardOutput()"/> swallows a broken pipe, so a generator
/// behind `| head` would run for ever; a <see cref="FileStream"/> writes by position, which shell redirections share.
/// </summary>
public sealed partial class StandardOutputStream : Stream
{
    private const int StandardOutput = 1;
    private const int InterruptedError = 4;
    private const int TryAgainError = 11;

    private StandardOutputStream()
    {
    }

    /// <summary>Opens it; on Windows the framework's stream.</summary>
    public static Stream Open() => OperatingSystem.IsWindows() ? Console.OpenStandardOutput() : new StandardOutputStream();

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override unsafe void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            nint written;
            fixed (byte* start = buffer)
            {
                written = WriteBytes(StandardOutput, start, (nuint)buffer.Length);
            }
            if (written < 0)
            {
                var error = Marshal.GetLastPInvokeError();
                if (error == InterruptedError) continue;
                if (error == TryAgainError)
                {
                    Thread.Sleep(1);
                    continue;
                }
                throw new IOException($"Standard output cannot be written: {Marshal.GetPInvokeErrorMessage(error)}.");
            }
            buffer = buffer[(int)written..];
        }
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static unsafe partial nint WriteBytes(int descriptor, byte* buffer, nuint count);
}
