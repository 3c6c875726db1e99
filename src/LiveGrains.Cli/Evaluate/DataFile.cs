using System.Text;
using LiveGrains.Cli.Replay;

namespace LiveGrains.Cli.Evaluate;

/// <summary>A file of a data set: plain or gzip, told apart by content. What is wrong in it is refused with its line.</summary>
internal static class DataFile
{
    /// <summary>The lines that are not blank, with their numbers from 1.</summary>
    public static IEnumerable<(int Number, string Text)> Lines(string path, ToolEnvironment environment)
    {
        using var input = EventInput.Open(path, environment.OpenInput);
        using var reader = new StreamReader(input.Stream, new UTF8Encoding(false, true));
        for (var number = 1; ; number++)
        {
            var line = Next(reader, path, number);
            if (line is null) yield break;
            if (!string.IsNullOrWhiteSpace(line)) yield return (number, line);
        }
    }

    /// <summary>The whole text.</summary>
    public static byte[] Bytes(string path, ToolEnvironment environment)
    {
        using var input = EventInput.Open(path, environment.OpenInput);
        using var memory = new MemoryStream();
        try
        {
            input.Stream.CopyTo(memory);
        }
        catch (InvalidDataException exception)
        {
            throw new LiveGrainsException(ErrorCode.InputNotReadable, $"{path}: {exception.Message}", exception);
        }
        return memory.ToArray();
    }

    /// <summary>What to throw at a bad line.</summary>
    public static LiveGrainsException Refuse(string path, int line, string why) => new(ErrorCode.InputNotReadable, $"{path}:{line}: {why}");

    private static string? Next(StreamReader reader, string path, int number)
    {
        try
        {
            return reader.ReadLine();
        }
        catch (Exception exception) when (exception is InvalidDataException or DecoderFallbackException)
        {
            var why = exception is DecoderFallbackException ? "not UTF-8 text" : exception.Message;
            throw new LiveGrainsException(ErrorCode.InputNotReadable, $"{path}:{number}: {why}", exception);
        }
    }
}
