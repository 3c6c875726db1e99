namespace LiveGrains.Reports;

/// <summary>
/// Draws one series as inline SVG, with its table behind it. The curve stretches with its place while labels are text of the page beside
/// it, so that they stay legible on a phone and on paper.
/// </summary>
internal sealed class ReportChart(HtmlText html, ReportWords words, ReportNumbers numbers, ReportCurves curves, DateTimeOffset startedAt)
{
    private const double Width = 1000;
    private const double Height = 100;

    // Steps between labels of the time axis, minutes; the first that gives at most eight is taken.
    private static readonly int[] _tickMinutes = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 10_080, 43_200];

    /// <summary>Draws a metric.</summary>
    /// <param name="metric">A series of the curves.</param>
    /// <param name="name">Its name.</param>
    /// <param name="isMoney">Values are minor units.</param>
    /// <param name="marks">Numbered marks by step.</param>
    public void Draw(string metric, string name, bool isMoney, IReadOnlyList<(int Step, int Number)> marks)
    {
        var values = curves.Values[metric];
        var top = NiceTop(values.Length == 0 ? 0 : values.Max());
        string Label(double value) => isMoney ? numbers.ShortMoney(value) : numbers.Short(value);
        html.Raw("<figure class=\"chart\" data-metric=\"").Text(metric).Raw("\"><div class=\"plot\"><div class=\"scale\" aria-hidden=\"true\"><span>").Text(numbers.Round(top, isMoney))
            .Raw("</span><span>").Text(numbers.Round(top / 2, isMoney)).Raw("</span><span>0</span></div><div class=\"area\"><svg viewBox=\"0 0 1000 100\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"")
            .Text(name + ", " + string.Format(null, words["highest"], Label(values.Length == 0 ? 0 : values.Max()))).Raw("\">");
        html.Raw("<path class=\"grid\" d=\"M0 0H1000M0 50H1000M0 100H1000\"/>");
        var line = Line(values, top);
        html.Raw("<path class=\"fill\" d=\"").Raw(line).Raw("V100H0Z\"/><path class=\"line\" d=\"").Raw(line).Raw("\"/></svg>");
        foreach (var (step, number) in marks)
        {
            html.Raw("<i class=\"mark\" style=\"left:").Number(X(step) / Width * 100).Raw("%;top:").Number((1 - values[step] / top) * 100).Raw("%\">").Number(number).Raw("</i>");
        }

        html.Raw("</div></div>");
        Axis();
        Table(metric, name, values, isMoney);
        html.Raw("</figure>");
    }

    private double X(int step) => curves.Count <= 1 ? Width / 2 : step * Width / (curves.Count - 1);

    private string Line(double[] values, double top)
    {
        var path = new HtmlText();
        for (var i = 0; i < values.Length; i++)
        {
            // A single step is a line across.
            if (values.Length == 1) path.Raw("M0 ").Number(Height - values[0] / top * Height).Raw("H1000");
            else path.Raw(i == 0 ? "M" : "L").Number(X(i)).Raw(" ").Number(Height - values[i] / top * Height);
        }

        return path.ToString();
    }

    private void Axis()
    {
        var span = TimeSpan.FromSeconds((double)curves.StepSeconds * Math.Max(1, curves.Count - 1));
        var every = TimeSpan.FromMinutes(Array.Find(_tickMinutes, m => span.TotalMinutes / m <= 8) is var fits and not 0 ? fits : _tickMinutes[^1]);
        html.Raw("<div class=\"axis\" aria-hidden=\"true\">");
        var first = numbers.CeilingOf(curves.Start, every);
        var number = 0;
        for (var at = first; at <= curves.Start + span; at += every)
        {
            var left = (at - curves.Start) / span * 100;
            // What would run out of the picture is left out.
            if (left is < 2 or > 98) continue;
            html.Raw(number++ % 2 == 1 ? "<span class=\"odd\" style=\"left:" : "<span style=\"left:").Number(left).Raw("%\">")
                .Text(every >= TimeSpan.FromDays(1) ? numbers.Day(at) : numbers.Clock(at)).Raw("</span>");
        }

        html.Raw("</div>");
    }

    private void Table(string metric, string name, double[] values, bool isMoney)
    {
        html.Raw("<details><summary>").Text(words["table"]).Raw("</summary><div class=\"scroll\"><table><caption>").Text(name)
            .Raw("</caption><thead><tr><th scope=\"col\">").Text(words["time"]).Raw("</th><th scope=\"col\">").Text(words["elapsed"])
            .Raw("</th><th scope=\"col\" class=\"right\">").Text(words.Metric(metric)).Raw("</th></tr></thead><tbody>");
        for (var i = 0; i < values.Length; i++)
        {
            var at = curves.At(i);
            html.Raw("<tr><td>").Text(curves.StepSeconds >= 3_600 ? numbers.Moment(at) : numbers.Clock(at)).Raw("</td><td>")
                .Text(ReportNumbers.Elapsed(at - startedAt)).Raw("</td><td class=\"right\">")
                .Text(isMoney ? numbers.Money(values[i]) : numbers.Exact(values[i])).Raw("</td></tr>");
        }

        html.Raw("</tbody></table></div></details>");
    }

    // 1, 2, 4, 6, 8 or 10 times a power of ten, so that half of it is a round number, too.
    private static double NiceTop(double highest)
    {
        if (highest < 2) return 2;
        var power = Math.Pow(10, Math.Floor(Math.Log10(highest)));
        return new[] { 1, 2, 4, 6, 8, 10 }.First(f => f * power >= highest * (1 - 1e-12)) * power;
    }
}
