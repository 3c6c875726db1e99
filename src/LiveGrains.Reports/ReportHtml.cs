using System.Globalization;

namespace LiveGrains.Reports;

/// <summary>
/// Writes a report as one HTML file that needs nothing else: no script, no font, no picture from elsewhere; curves are inline SVG, each with
/// its table. Light or dark as the reader's system is, in light on paper. Titles, names and words are encoded wherever they stand.
/// </summary>
public sealed class ReportHtml
{
    private const int ShownWords = 30;

    private static readonly string[] _moneyMetrics = ["gmv", "gifts.amount", "subscribes.amount"];
    private static readonly string[] _curves = ["views", "interactions", "comments", "likes", "follows", "gifts.amount", "products.clicks", "gmv"];

    // What is told of a minute, in this order.
    private static readonly string[] _told = ["views", "comments", "likes", "shares", "follows", "gifts", "gifts.amount", "subscribes", "products.clicks", "products.orders", "products.pays", "gmv"];

    private readonly HtmlText _html = new();
    private readonly RoomReport _report;
    private readonly ReportWords _words;
    private readonly ReportNumbers _numbers;
    private readonly DateTimeOffset _startedAt;

    private ReportHtml(RoomReport report, ReportLanguage language, TimeSpan offset)
    {
        _report = report;
        _words = ReportWords.Of(language);
        _numbers = new ReportNumbers(_words, report.Currency, offset);
        _startedAt = report.Summary.StartedAt ?? report.Curves.Start;
    }

    /// <summary>The file.</summary>
    /// <param name="report">The report.</param>
    /// <param name="language">Its language.</param>
    /// <param name="offset">Of the times shown from UTC, whole minutes, at most 14 hours.</param>
    public static string Write(RoomReport report, ReportLanguage language, TimeSpan offset) => new ReportHtml(report, language, offset).Page();

    private string Page()
    {
        var room = _report.Summary;
        var title = string.IsNullOrEmpty(room.Title) ? room.Room : room.Title;
        _html.Raw("<!doctype html>\n<html lang=\"").Raw(_words.IsChinese ? "zh-CN" : "en").Raw("\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">")
            .Raw("<meta name=\"color-scheme\" content=\"light dark\"><meta name=\"referrer\" content=\"no-referrer\">")
            .Raw("<meta http-equiv=\"Content-Security-Policy\" content=\"").Raw(ContentSecurityPolicy).Raw("\">")
            .Element("title", $"{title} · {_words["report"]}").Raw("<style>").Raw(ReportStyle.Css).Raw("</style></head><body><main>");
        Heading(title);
        Figures();
        Curves();
        BestMinutes();
        Effects();
        _html.Raw("<div class=\"columns\">");
        Funnel();
        Rates();
        _html.Raw("</div>");
        Products();
        _html.Raw("<div class=\"columns\">");
        Gifts();
        Channels();
        _html.Raw("</div>");
        Words();
        Foot();
        return _html.Raw("</main></body></html>\n").ToString();
    }

    /// <summary>What the page may do: show itself. For a header, too.</summary>
    public const string ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

    private void Heading(string title)
    {
        var room = _report.Summary;
        _html.Raw("<header>").Element("p", _words["report"], "class=\"kind\"").Element("h1", title);
        var about = new[] { room.Host, room.Category, room.Title is null or "" ? null : room.Room }.Where(t => !string.IsNullOrEmpty(t));
        _html.Raw("<p class=\"sub\">").Raw(room.Live ? "<span class=\"air\">" : "<span class=\"air off\">").Text(_words[room.Live ? "onAir" : "offAir"]).Raw("</span> ")
            .Text(string.Join(" · ", about)).Raw("</p><p class=\"sub\">");
        var facts = new List<string>();
        if (room.StartedAt is { } start) facts.Add($"{_words["since"]} {_numbers.Moment(start)}");
        if (room.EndedAt is { } end) facts.Add($"{_words["until"]} {_numbers.Moment(end)}");
        else facts.Add($"{_words["asOf"]} {_numbers.Moment(room.AsOf)}");
        facts.Add($"{_words["lasted"]} {_numbers.Duration(((room.EndedAt ?? room.AsOf) - _startedAt).TotalSeconds)}");
        _html.Text(string.Join(" · ", facts)).Raw("</p></header>");
    }

    private void Figures()
    {
        var room = _report.Summary;
        _html.Raw("<dl class=\"figures\">");
        void Figure(string name, string value, string? exact, string key, params string[] note)
        {
            _html.Raw("<div><dt>").Text(_words[name]).Raw("</dt><dd data-figure=\"").Text(key).Raw("\" title=\"").Text(exact ?? value).Raw("\">").Text(value)
                .Raw("</dd><dd class=\"note\">").Text(note.Length == 0 ? null : string.Format(CultureInfo.InvariantCulture, _words[note[0]], [.. note[1..]])).Raw("</dd></div>");
        }

        Figure("peakOnline", _numbers.Short(room.PeakOnline), _numbers.Exact(room.PeakOnline), "peakOnline", "averageOnline", _numbers.Short(room.AverageOnline is { } average ? Math.Round(average, 1) : null));
        Figure("views", _numbers.Short(room.Views), _numbers.Exact(room.Views), "views", "viewers", _numbers.Short(room.Viewers));
        Figure("watch", _numbers.Duration(room.WatchSecondsPerViewer), null, "watchSecondsPerViewer", "watchAll", _numbers.Duration(room.WatchSeconds));
        Figure("interactions", _numbers.Short(room.Interactions), _numbers.Exact(room.Interactions), "interactions", "interactionRate", _numbers.Percent(room.Rates.Interaction));
        Figure("follows", _numbers.Short(room.Follows.Count), _numbers.Exact(room.Follows.Count), "follows", "followRate", _numbers.Percent(room.Rates.Follow));
        Figure("giftAmount", _numbers.ShortMoney(room.Gifts.Amount), _numbers.Money(room.Gifts.Amount), "giftAmount", "giftsGiven", _numbers.Short(room.Gifts.Count), _numbers.Short(room.Gifts.Users));
        Figure("gmv", _numbers.ShortMoney(room.Gmv), _numbers.Money(room.Gmv), "gmv", "gpm", _numbers.ShortMoney(room.Gpm));
        _html.Raw("</dl>");
    }

    private void Curves()
    {
        var chart = new ReportChart(_html, _words, _numbers, _report.Curves, _startedAt);
        var per = _report.Curves.StepSeconds == 60 ? _words["perMinute"] : string.Format(CultureInfo.InvariantCulture, _words["perStep"], _numbers.Duration(_report.Curves.StepSeconds));
        Begin("online", _words["onlineCurve"]);
        var marks = _report.BestMinutes.Select((best, i) => (StepOf(best.Start), i + 1)).ToArray();
        chart.Draw("online", _words["onlineCurve"], isMoney: false, marks);
        End();
        var shown = _curves.Where(c => Array.Exists(_report.Curves.Values[c], v => v != 0)).ToArray();
        if (shown.Length == 0) return;
        _html.Raw("<div class=\"columns curves\">");
        foreach (var metric in shown)
        {
            Begin(metric, $"{_words.Metric(metric)}{(_words.IsChinese ? "，" : ", ")}{per}");
            chart.Draw(metric, _words.Metric(metric), IsMoney(metric), []);
            End();
        }

        _html.Raw("</div>");
    }

    private void BestMinutes()
    {
        Begin("best", _words[_report.Curves.StepSeconds == 60 ? "best" : "bestSteps"]);
        if (_report.BestMinutes.Count == 0)
        {
            Empty("noBest");
        }
        else
        {
            Hint(_words["bestHint"]);
            _html.Raw("<ol class=\"best\">");
            for (var i = 0; i < _report.BestMinutes.Count; i++) Best(_report.BestMinutes[i], i + 1);
            _html.Raw("</ol>");
        }

        End();
    }

    private void Best(BestMinute best, int number)
    {
        _html.Raw("<li><i class=\"number\">").Number(number).Raw("</i><div class=\"when\"><b>").Text(_numbers.Clock(best.Start)).Raw("</b><span>").Text(ReportNumbers.Elapsed(best.Start - _startedAt)).Raw("</span></div><div class=\"what\">");
        foreach (var highlight in best.Highlights)
        {
            _html.Raw("<p><b>").Text($"{_words.Metric(highlight.Metric)} {Value(highlight.Metric, highlight.Value)}").Raw("</b> <span>")
                .Text(string.Format(CultureInfo.InvariantCulture, _words["timesAverage"], _numbers.Exact(Math.Round(highlight.TimesAverage, 1)))).Raw("</span></p>");
        }

        var rest = _told.Where(m => best.Counts.ContainsKey(m) && !best.Highlights.Any(h => h.Metric == m)).Select(m => $"{_words.Metric(m)} {Value(m, best.Counts[m])}");
        _html.Raw("<p class=\"sub\">").Text(string.Join(" · ", rest)).Raw("</p></div></li>");
    }

    private void Effects()
    {
        Begin("effects", _words["effects"]);
        if (_report.Effects.Count == 0)
        {
            Empty("effectsNone");
            End();
            return;
        }

        Hint(_words["effectsHint"]);
        if (_report.Effects[0].Found) Hint(_words["effectsFound"]);
        foreach (var effect in _report.Effects)
        {
            var lengths = string.Format(CultureInfo.InvariantCulture, _words["minutesEach"], _numbers.Duration(effect.SecondsBefore), _numbers.Duration(effect.SecondsAfter));
            _html.Element("h3", $"{(effect.Found ? _numbers.Clock(effect.At) : _numbers.ClockSeconds(effect.At))} · {ReportNumbers.Elapsed(effect.At - _startedAt)} · {lengths}");
            Table(effect.Changes,
                ("metric", c => ChangeName(c), Kind.Head), ("before", c => Sum(c.Metric, c.Before), Kind.Minor), ("after", c => Sum(c.Metric, c.After), Kind.Minor),
                ("rateBefore", c => Rate(c, c.RateBefore), Kind.Number), ("rateAfter", c => Rate(c, c.RateAfter), Kind.Number),
                ("change", c => _numbers.Percent(c.Change, signed: true), Kind.Change),
                ("interval", c => c.Low is { } low ? $"{_numbers.Percent(low, signed: true)}\u00a0… {_numbers.Percent(c.High, signed: true)}" : "–", Kind.Interval));
        }

        End();
    }

    private string ChangeName(EffectChange change) => change.Metric == "watchSeconds" ? _words["averageViewers"] : _words.Metric(change.Metric);

    // What viewers watched together is told as how many there were; its sum would say nothing beside that name.
    private string Sum(string metric, double value) => metric == "watchSeconds" ? "" : Value(metric, value);

    private string Rate(EffectChange change, double? rate) => rate is not { } value ? "–"
        : change.Metric == "watchSeconds" ? (value / 60).ToString("#,0.0", CultureInfo.InvariantCulture)
        : IsMoney(change.Metric) ? _numbers.Money(value)
        : value.ToString(value >= 100 ? "#,0" : value >= 1 ? "0.0" : "0.000", CultureInfo.InvariantCulture);

    private void Funnel()
    {
        Begin("funnel", _words["funnel"]);
        var most = Math.Max(1, _report.Funnel.Max(s => s.Users));
        _html.Raw("<ol class=\"funnel\">");
        foreach (var stage in _report.Funnel)
        {
            _html.Raw("<li data-stage=\"").Text(stage.Stage).Raw("\"><span>").Text(_words[stage.Stage]).Raw("</span><b>").Text(_numbers.Exact(stage.Users)).Raw("</b><span class=\"rate\">")
                .Text(stage.OfPrevious is null && stage.Stage == "exposure" ? "" : _numbers.Percent(stage.OfPrevious)).Raw("</span>");
            Bar((double)stage.Users / most);
            _html.Raw("</li>");
        }

        _html.Raw("</ol>");
        _html.Raw("<details><summary>").Text(_words["table"]).Raw("</summary>");
        Table(_report.Funnel,
            ("stage", s => _words[s.Stage], Kind.Head), ("users", s => _numbers.Exact(s.Users), Kind.Number), ("times", s => _numbers.Exact(s.Count), Kind.Number),
            ("ofPrevious", s => _numbers.Percent(s.OfPrevious), Kind.Number), ("ofFirst", s => _numbers.Percent(s.OfFirst), Kind.Number));
        _html.Raw("</details>");
        End();
    }

    private void Rates()
    {
        Begin("rates", _words["rates"]);
        var (room, rates) = (_report.Summary, _report.Summary.Rates);
        (string Name, string Value)[] rows =
        [
            ("enter", _numbers.Percent(rates.Enter)), ("interaction", _numbers.Percent(rates.Interaction)), ("follow", _numbers.Percent(rates.Follow)),
            ("productClickRate", _numbers.Percent(rates.ProductClick)), ("clickToPay", _numbers.Percent(rates.ClickToPay)), ("orderToPay", _numbers.Percent(rates.OrderToPay)),
            ("viewToPay", _numbers.Percent(rates.ViewToPay)), ("conversion", _numbers.Percent(rates.Conversion)), ("negative", _numbers.Percent(rates.Negative)),
            ("uvValue", _numbers.Money(room.UvValue)), ("averageOrder", _numbers.Money(room.AverageOrder)), ("perBuyer", _numbers.Money(room.PerBuyer)),
            ("refunds", _numbers.Money(room.RefundAmount)), ("netGmv", _numbers.Money(room.NetGmv)),
            ("engagement", _numbers.Exact(room.Engagement * 60)),
        ];
        Pairs(rows);
        if (room.OtherCurrencies is { } others)
        {
            _html.Element("h3", _words["foreign"]);
            _html.Raw("<dl class=\"pairs\">");
            foreach (var (currency, sums) in others)
            {
                var money = new ReportNumbers(_words, currency, TimeSpan.Zero);
                _html.Raw("<div><dt>").Text(currency).Raw("</dt><dd>")
                    .Text($"{_words["gmv"]} {money.Money(sums.Gmv)} · {_words["gifts"]} {money.Money(sums.Gifts)}").Raw("</dd></div>");
            }

            _html.Raw("</dl>");
        }

        End();
    }

    private void Products()
    {
        Begin("products", _words["products"]);
        if (_report.Products.Count == 0)
        {
            Empty("noProducts");
        }
        else
        {
            Table(_report.Products,
                ("product", p => p.Title is { Length: > 0 } title ? title : p.Product ?? p.Video!, Kind.Title),
                ("impressions", p => _numbers.Exact(p.Impressions), Kind.Minor), ("clicks", p => _numbers.Exact(p.Clicks), Kind.Number),
                ("clickRate", p => _numbers.Percent(ReportBuilder.Ratio(p.Clicks, p.Impressions)), Kind.Minor), ("carts", p => _numbers.Exact(p.Carts), Kind.Minor),
                ("orders", p => _numbers.Exact(p.Orders.Count), Kind.Minor), ("pays", p => _numbers.Exact(p.Pays.Count), Kind.Number), ("gmv", p => _numbers.Money(p.Gmv), Kind.Number));
            if (_report.Products.Count == 100) Hint(string.Format(CultureInfo.InvariantCulture, _words["moreProducts"], _report.Summary.Room));
        }

        End();
    }

    private void Gifts()
    {
        Begin("gifts", _words["gifts"]);
        var gifts = _report.Gifts;
        if (gifts.Count == 0)
        {
            Empty("noGifts");
        }
        else
        {
            var best = gifts.BestStart is { } start ? $"{_numbers.Clock(start)} · {_numbers.Money(gifts.BestAmount)}" : "–";
            Pairs([("amount", _numbers.Money(gifts.Amount)), ("count", _numbers.Exact(gifts.Count)), ("givers", _numbers.Exact(gifts.Users)),
                ("perGiver", _numbers.Money(gifts.PerGiver)), ("giverRate", _numbers.Percent(gifts.GiverRate)), ("bestGift", best)]);
        }

        End();
    }

    private void Channels()
    {
        Begin("channels", _words["channels"]);
        if (_report.Channels.Count == 0)
        {
            Empty("noChannels");
        }
        else
        {
            Table(_report.Channels,
                ("channel", c => _words.Channel(c.Channel), Kind.Head), ("views", c => _numbers.Exact(c.Views), Kind.Number), ("share", c => _numbers.Percent(c.Share), Kind.Number),
                ("users", c => _numbers.Exact(c.Viewers), Kind.Minor), ("gmv", c => _numbers.Money(c.Gmv), Kind.Number));
        }

        End();
    }

    private void Words()
    {
        Begin("words", _words["words"]);
        var words = _report.Words;
        if (words.Words.Count == 0)
        {
            Empty("noWords");
            End();
            return;
        }

        Hint(string.Format(CultureInfo.InvariantCulture, _words[words.Sampled == words.Comments ? "wordsAll" : "wordsSample"], _numbers.Exact(words.Comments), _numbers.Exact(words.Sampled)));
        var most = words.Words.Max(w => w.Users);
        _html.Raw("<ol class=\"words\">");
        foreach (var word in words.Words.Take(ShownWords))
        {
            _html.Raw("<li><span class=\"word\">").Text(word.Word).Raw("</span>");
            Bar((double)word.Users / most);
            _html.Raw("<b>").Text(_numbers.Exact(word.Users)).Raw("</b><span class=\"rate\">").Text(_numbers.Percent(word.Share, 1.96 * word.StandardError)).Raw("</span></li>");
        }

        _html.Raw("</ol><details><summary>").Text(_words["table"]).Raw("</summary>");
        Table(words.Words,
            ("word", w => w.Word, Kind.Title), ("wordUsers", w => _numbers.Exact(w.Users), Kind.Number), ("times", w => _numbers.Exact(w.Comments), Kind.Number), ("wordComments", w => _numbers.Percent(w.Share), Kind.Number));
        _html.Raw("</details>");
        End();
    }

    private void Foot()
    {
        var room = _report.Summary;
        var notes = new List<string>();
        if (room.Late > 0) notes.Add(string.Format(CultureInfo.InvariantCulture, _words["late"], _numbers.Exact(room.Late)));
        if (room.Approximate) notes.Add(_words["approximate"]);
        notes.Add(string.Format(CultureInfo.InvariantCulture, _words["zone"], _numbers.Offset));
        notes.Add(_words["made"]);
        _html.Raw("<footer>").Text(string.Join(" ", notes)).Raw("</footer>");
    }

    private enum Kind { Head, Title, Number, Minor, Change, Interval }

    private void Table<T>(IReadOnlyList<T> rows, params ReadOnlySpan<(string Head, Func<T, string> Cell, Kind Kind)> columns)
    {
        _html.Raw("<div class=\"scroll\"><table><thead><tr>");
        foreach (var (head, _, kind) in columns) _html.Element("th", _words[head], $"scope=\"col\"{Class(kind, "")}");
        _html.Raw("</tr></thead><tbody>");
        foreach (var row in rows)
        {
            _html.Raw("<tr>");
            foreach (var (_, cell, kind) in columns) _html.Element("td", cell(row), Class(kind, row is EffectChange change && kind == Kind.Change ? Direction(change) : "").TrimStart());
            _html.Raw("</tr>");
        }

        _html.Raw("</tbody></table></div>");
    }

    private static string Class(Kind kind, string more)
    {
        var name = kind switch { Kind.Number => "right", Kind.Minor => "right minor", Kind.Interval => "right interval", Kind.Change => "right " + more, Kind.Title => "title", _ => "" };
        return name.Length == 0 ? "" : $" class=\"{name.TrimEnd()}\"";
    }

    // An interval with 0 in it, or none at all, says that it could be chance.
    private static string Direction(EffectChange change) => change is { Low: > 0 } ? "up" : change is { High: < 0 } ? "down" : "chance";

    private void Pairs(IEnumerable<(string Name, string Value)> rows)
    {
        _html.Raw("<dl class=\"pairs\">");
        foreach (var (name, value) in rows) _html.Raw("<div>").Element("dt", _words[name]).Element("dd", value).Raw("</div>");
        _html.Raw("</dl>");
    }

    private void Bar(double share) =>
        _html.Raw("<span class=\"bar\" aria-hidden=\"true\"><i style=\"width:").Number(Math.Clamp(share, 0, 1) * 100).Raw("%\"></i></span>");

    private void Begin(string name, string title) => _html.Raw("<section data-part=\"").Text(name).Raw("\">").Element("h2", title);

    private void End() => _html.Raw("</section>");

    private void Hint(string text) => _html.Element("p", text, "class=\"hint\"");

    private void Empty(string key) => _html.Element("p", _words[key], "class=\"empty\"");

    private int StepOf(DateTimeOffset time) =>
        Math.Clamp((int)Math.Floor((time - _report.Curves.Start).TotalSeconds / _report.Curves.StepSeconds), 0, _report.Curves.Count - 1);

    private string Value(string metric, double value) => IsMoney(metric) ? _numbers.Money(value) : _numbers.Exact(value);

    private static bool IsMoney(string metric) => _moneyMetrics.Contains(metric);
}
