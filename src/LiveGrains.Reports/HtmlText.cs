using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace LiveGrains.Reports;

/// <summary>Builds HTML: markup is written as it is, everything else is encoded.</summary>
internal sealed class HtmlText
{
    private static readonly HtmlEncoder _encoder = HtmlEncoder.Create(UnicodeRanges.All);
    private readonly StringBuilder _text = new(64 << 10);

    /// <summary>Markup of the program's own; never data.</summary>
    public HtmlText Raw(string markup)
    {
        _text.Append(markup);
        return this;
    }

    /// <summary>Data, encoded for text and quoted attributes.</summary>
    public HtmlText Text(string? data)
    {
        if (!string.IsNullOrEmpty(data)) _text.Append(_encoder.Encode(data));
        return this;
    }

    /// <summary>A number of a coordinate or a size, at most two digits behind the point.</summary>
    public HtmlText Number(double value)
    {
        _text.Append(value.ToString("0.##", CultureInfo.InvariantCulture));
        return this;
    }

    /// <summary>An element with a text.</summary>
    public HtmlText Element(string name, string? data, string attributes = "")
    {
        _text.Append('<').Append(name);
        if (attributes.Length > 0) _text.Append(' ').Append(attributes);
        _text.Append('>');
        return Text(data).Raw("</").Raw(name).Raw(">");
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();
}
