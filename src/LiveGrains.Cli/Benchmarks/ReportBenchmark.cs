using System.Globalization;
using System.Text;
using LiveGrains.Engine;
using LiveGrains.Reports;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>
/// The report of a four-hour broadcast with something in every bucket, 100 products and more comments than are sampled: from the question
/// to the finished HTML file, the median of several. The engine is in this process; a server adds the way over HTTP.
/// </summary>
internal sealed class ReportBenchmark : IBenchmark
{
    private const string Room = "bench";
    private const int Buckets = 4 * 360;
    private const int Reports = 15;
    private const long StartMs = 1_800_000_000_000;

    /// <inheritdoc/>
    public string Name => "report";

    /// <inheritdoc/>
    public string What => "report of a 4-hour broadcast as HTML, from the question to the file";

    /// <inheritdoc/>
    public BenchmarkResult Run(BenchmarkContext context)
    {
        var engine = LiveGrainsEngine.OpenAsync(new EngineOptions { Clock = ClockMode.Event }).AsTask().GetAwaiter().GetResult();
        try
        {
            var events = Feed(engine, context.CancellationToken);
            var times = new List<double>();
            var bytes = 0;
            for (var i = 0; i < Reports; i++)
            {
                var started = TimeProvider.System.GetTimestamp();
                var broadcast = engine.GetBroadcastAsync(Room, context.CancellationToken).AsTask().GetAwaiter().GetResult()!;
                bytes = Encoding.UTF8.GetByteCount(ReportHtml.Write(ReportBuilder.Build(broadcast, new ReportOptions()), ReportLanguage.Zh, TimeSpan.FromHours(8)));
                times.Add(TimeProvider.System.GetElapsedTime(started).TotalMilliseconds);
            }

            return new BenchmarkResult(Bench.BenchCommand.Median(times), "ms")
            {
                Must = 2_000,
                Goal = 300,
                LowerIsBetter = true,
                Note = string.Create(CultureInfo.InvariantCulture, $"the first {times[0]:0} ms, {events} events, {bytes / 1024} KiB"),
            };
        }
        finally
        {
            engine.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private static long Feed(LiveGrainsEngine engine, CancellationToken cancellationToken)
    {
        string[] types = ["impression", "enter", "heartbeat", "like", "comment", "share", "follow", "gift", "click", "cart", "order", "pay"];
        string[] words = ["好看", "主播 加油", "love it", "价格 多少", "哈哈哈哈", "求 链接", "666", "口红 色号", "已经 下单", "nice"];
        var lines = new StringBuilder();
        var id = 0L;
        for (var bucket = 0; bucket < Buckets; bucket++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var i = 0; i < 48; i++)
            {
                var type = types[i % types.Length];
                lines.Append(CultureInfo.InvariantCulture, $"{{\"id\":\"{++id}\",\"type\":\"{type}\",\"time\":{StartMs + bucket * 10_000L + i * 200},\"room\":\"{Room}\",\"user\":\"u{id * 7919 % 20_000}\"");
                if (type is "click" or "cart" or "order" or "pay") lines.Append(CultureInfo.InvariantCulture, $",\"product\":\"p{id % 100}\"");
                if (type is "gift" or "order" or "pay") lines.Append(CultureInfo.InvariantCulture, $",\"amount\":{id % 9_000}");
                if (type == "comment") lines.Append(CultureInfo.InvariantCulture, $",\"text\":\"{words[id * 31 % words.Length]} {words[id * 17 / 10 % words.Length]}{id % 977}\"");
                if (type == "enter") lines.Append(CultureInfo.InvariantCulture, $",\"channel\":\"c{id % 8}\"");
                lines.Append("}\n");
            }

            if (bucket % 100 != 99 && bucket != Buckets - 1) continue;
            var answer = engine.IngestAsync(Encoding.UTF8.GetBytes(lines.ToString()), EventFormat.NdJson, cancellationToken: cancellationToken).AsTask().GetAwaiter().GetResult();
            if (answer.Rejected > 0) throw new InvalidOperationException(answer.Errors[0].Message);
            lines.Clear();
        }

        return id;
    }
}
