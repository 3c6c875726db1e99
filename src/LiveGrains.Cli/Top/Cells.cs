using System.Globalization;
using System.Text;
using Spectre.Console.Rendering;

namespace LiveGrains.Cli.Top;

/// <summary>Text in terminal cells: a Chinese character takes two.</summary>
public static class Cells
{
    private const string Blocks = "▁▂▃▄▅▆▇█";

    /// <summary>Cells of a text.</summary>
    public static int Width(string text) => new Segment(text).CellCount();

    /// <summary>Exactly so many cells, cut with an ellipsis or filled on the right.</summary>
    public static string Left(string text, int cells)
    {
        var cut = Cut(text, cells);
        return cut + new string(' ', Math.Max(cells - Width(cut), 0));
    }

    /// <summary>Exactly so many cells, cut with an ellipsis or filled on the left.</summary>
    public static string Right(string text, int cells)
    {
        var cut = Cut(text, cells);
        return new string(' ', Math.Max(cells - Width(cut), 0)) + cut;
    }

    /// <summary>At most so many cells. Control characters, which could move the cursor, become spaces.</summary>
    public static string Cut(string text, int cells)
    {
        if (text.Any(char.IsControl)) text = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        if (Width(text) <= cells) return text;
        if (cells <= 0) return "";
        var kept = new StringBuilder();
        var used = 0;
        var elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext())
        {
            var element = elements.GetTextElement();
            var width = Width(element);
            if (used + width > cells - 1) break;
            kept.Append(element);
            used += width;
        }
        return kept.Append('…').ToString();
    }

    /// <summary>A line of blocks, the last values on the right; the highest value fills a cell. Nothing where there is nothing.</summary>
    public static string Sparkline(IReadOnlyList<double> values, int cells)
    {
        var first = Math.Max(values.Count - cells, 0);
        var highest = 0.0;
        for (var i = first; i < values.Count; i++) highest = Math.Max(highest, values[i]);
        var line = new StringBuilder(new string(' ', Math.Max(cells - values.Count, 0)));
        for (var i = first; i < values.Count; i++)
        {
            var level = highest <= 0 || values[i] <= 0 ? 0 : (int)Math.Ceiling(values[i] / highest * Blocks.Length);
            line.Append(level == 0 ? ' ' : Blocks[Math.Min(level, Blocks.Length) - 1]);
        }
        return line.ToString();
    }
}
