using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace LiveGrains.Reports.Tests;

public sealed partial class ReportHtmlTests
{
    private static string Html(RoomBroadcast broadcast, ReportLanguage language = ReportLanguage.En, ReportOptions? options = null) =>
        ReportHtml.Write(ReportBuilder.Build(broadcast, options ?? new ReportOptions()), language, TimeSpan.FromHours(8));

    [Theory]
    [InlineData(ReportLanguage.En)]
    [InlineData(ReportLanguage.Zh)]
    public void Every_part_is_there_and_every_curve_has_its_table(ReportLanguage language)
    {
        var page = Parse(Html(Broadcasts.Full(), language));
        Assert.Equal(language == ReportLanguage.Zh ? "zh-CN" : "en", (string)page.Attribute("lang")!);
        var parts = page.Descendants("section").Select(s => (string)s.Attribute("data-part")!).ToArray();
        Assert.Equal(["online", "views", "interactions", "comments", "likes", "follows", "gifts.amount", "products.clicks", "gmv", "best", "effects", "funnel", "rates", "products", "gifts", "channels", "words"], parts);
        foreach (var chart in page.Descendants("figure"))
        {
            Assert.NotNull(chart.Descendants("svg").Single().Attribute("aria-label"));
            Assert.Equal(61, chart.Descendants("tbody").Single().Elements("tr").Count());
        }

        Assert.Single(page.Descendants("h1"));
        Assert.All(page.Descendants("section"), s => Assert.Single(s.Elements("h2")));
        Assert.All(page.Descendants("table"), t => Assert.All(t.Descendants("th"), h => Assert.Equal("col", (string)h.Attribute("scope")!)));
    }

    [Fact]
    public void Figures_and_tables_show_the_numbers_of_the_report()
    {
        var report = ReportBuilder.Build(Broadcasts.Full(), new ReportOptions());
        var page = Parse(ReportHtml.Write(report, ReportLanguage.En, TimeSpan.FromHours(8)));
        string Figure(string name) => (string)page.Descendants("dd").Single(d => (string?)d.Attribute("data-figure") == name).Attribute("title")!;
        Assert.Equal("1,080", Figure("views"));
        Assert.Equal("¥1,234.56", Figure("giftAmount"));
        Assert.Equal("¥999.00", Figure("gmv"));
        foreach (var chart in page.Descendants("figure"))
        {
            var metric = (string)chart.Attribute("data-metric")!;
            var shown = chart.Descendants("tbody").Single().Elements("tr").Select(r => Number(r.Elements("td").Last().Value)).ToArray();
            var scale = metric is "gmv" or "gifts.amount" ? 100 : 1;
            Assert.Equal(report.Curves.Values[metric], shown.Select(v => Math.Round(v * scale, 6)));
        }

        // 12:00 UTC is 20:00 in the time that is shown.
        Assert.Equal("20:00", page.Descendants("tbody").First().Element("tr")!.Element("td")!.Value);
        Assert.Contains("UTC+08:00", page.Descendants("footer").Single().Value);
        Assert.Contains("¥1,200", page.Value); // yen have no minor unit
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("\"><img src=x onerror=alert(1)>")]
    [InlineData("'; background:url(https://example.com); x='")]
    [InlineData("</title></style><svg onload=alert(1)>")]
    [InlineData("{0} {1} & &lt; \u0000 \u202E")]
    public void Hostile_texts_stay_texts(string text)
    {
        foreach (var language in Enum.GetValues<ReportLanguage>())
        {
            var html = Html(Broadcasts.Full(text), language);
            var page = Parse(html);
            Assert.Empty(page.Descendants("script"));
            Assert.Empty(page.Descendants("img"));
            Assert.Equal(Html(Broadcasts.Full("plain"), language).Split("<svg").Length, html.Split("<svg").Length);
            Assert.DoesNotContain(page.DescendantsAndSelf().Attributes(), a => a.Name.LocalName.StartsWith("on", StringComparison.OrdinalIgnoreCase));
            Assert.Equal(text.Replace("\0", "\uFFFD"), page.Descendants("h1").Single().Value.Replace("\0", "\uFFFD"));
        }
    }

    [Fact]
    public void The_file_needs_nothing_from_elsewhere()
    {
        var html = Html(Broadcasts.Full());
        Assert.Contains("Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'", html);
        Assert.DoesNotContain("http:", html);
        Assert.DoesNotContain("https:", html);
        Assert.DoesNotContain("url(", html);
        Assert.DoesNotContain("@import", html);
        Assert.DoesNotContain("src=", html);
        Assert.DoesNotContain("href=", html);
    }

    [Theory]
    [InlineData(ReportLanguage.En)]
    [InlineData(ReportLanguage.Zh)]
    public void A_broadcast_without_anything_says_so(ReportLanguage language)
    {
        foreach (var steps in new[] { 1, 2, 400 })
        {
            var page = Parse(Html(Broadcasts.Of(steps, 10), language));
            Assert.Equal(["online", "best", "effects", "funnel", "rates", "products", "gifts", "channels", "words"], page.Descendants("section").Select(s => (string)s.Attribute("data-part")!));
            Assert.Equal(6, page.Descendants("p").Count(p => (string?)p.Attribute("class") == "empty"));
            Assert.DoesNotContain("NaN", page.ToString());
            Assert.DoesNotContain("∞", page.ToString());
        }
    }

    [Fact]
    public void Both_languages_have_all_words_and_metrics_and_the_contract_s_names_are_used()
    {
        Assert.Equal(ReportWords.KeysOf(ReportLanguage.En).Order(), ReportWords.KeysOf(ReportLanguage.Zh).Order());
        var text = Parse(Html(Broadcasts.Full(), ReportLanguage.Zh)).Value;
        foreach (var name in new[] { "曝光", "场观 PV", "UV", "人均观看时长", "互动", "打赏", "成交金额", "互动率", "加粉率", "点击率", "转化率", "GPM", "UV 价值", "客单价", "流量来源", "在线", "PCU", "ACU" })
            Assert.Contains(name, text);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    public void A_curve_is_filled_down_to_its_axis_from_edge_to_edge(int steps)
    {
        var broadcast = Broadcasts.Of(steps, 60, values => Array.Fill(values["online"], 4), new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));
        var fill = Parse(Html(broadcast)).Descendants("figure").First().Descendants("path").Single(p => (string?)p.Attribute("class") == "fill");
        Assert.Matches(steps == 1 ? "^M0 0H1000V100H0Z$" : "^M0 0L.* 0L1000 0V100H0Z$", (string)fill.Attribute("d")!);
    }

    [Fact]
    public void A_named_moment_shows_its_counts_and_interval()
    {
        var page = Parse(Html(Broadcasts.Full(), options: new ReportOptions { Moments = [new ReportMoment(null, TimeSpan.FromMinutes(30))] }));
        var part = page.Descendants("section").Single(s => (string)s.Attribute("data-part")! == "effects");
        Assert.StartsWith("20:30:30 · 0:30:00", part.Element("h3")!.Value);
        var rows = part.Descendants("tbody").Single().Elements("tr").Select(row => row.Elements("td").Select(cell => cell.Value).ToArray()).ToArray();
        Assert.All(rows, row => Assert.Equal(7, row.Length));
        // A sum of watched time beside this name would be read as a number of viewers.
        var viewers = rows.Single(row => row[0] == "Average viewers");
        Assert.Equal(["", ""], viewers[1..3]);
        Assert.All(viewers[3..5], rate => Assert.Matches(@"^\d+\.\d$", rate));
        Assert.All(rows.Where(row => row != viewers), row => Assert.All(row[1..3], sum => Assert.NotEmpty(sum)));
    }

    [Theory]
    [InlineData(ReportLanguage.En, 900_000, "¥10k", "¥5,000")]
    [InlineData(ReportLanguage.Zh, 900_000, "¥1万", "¥5,000")]
    [InlineData(ReportLanguage.En, 30_000_000, "¥400k", "¥200k")]
    [InlineData(ReportLanguage.Zh, 30_000_000, "¥40万", "¥20万")]
    [InlineData(ReportLanguage.En, 150, "¥2", "¥1")]
    public void Scales_of_amounts_are_round(ReportLanguage language, long minor, string top, string half)
    {
        var page = Parse(Html(Broadcasts.Of(30, 60, values => values["gmv"][3] = minor, new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero)), language));
        var chart = page.Descendants("figure").Single(f => (string)f.Attribute("data-metric")! == "gmv");
        var scale = chart.Descendants("div").Single(d => (string?)d.Attribute("class") == "scale");
        Assert.Equal([top, half, "0"], scale.Elements("span").Select(s => s.Value));
    }

    // Strict: what a reader of XML takes, every browser takes alike. Void elements and the doctype are all that HTML writes otherwise.
    private static XElement Parse(string html)
    {
        Assert.StartsWith("<!doctype html>\n", html);
        var xml = VoidElement().Replace(html["<!doctype html>\n".Length..], "$0/>").Replace(">/>", "/>");
        xml = Style().Replace(xml, "");
        return XElement.Parse(xml.Replace("&#x0;", "&#xFFFD;"));
    }

    private static double Number(string text) => double.Parse(text.Replace("¥", "").Replace("−", "-"), NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture);

    [GeneratedRegex("<meta [^>]*>")]
    private static partial Regex VoidElement();

    [GeneratedRegex("<style>.*?</style>", RegexOptions.Singleline)]
    private static partial Regex Style();
}
