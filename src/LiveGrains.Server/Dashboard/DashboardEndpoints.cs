using LiveGrains.Server.Json;
using LiveGrains.Server.Metrics;
using LiveGrains.Server.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LiveGrains.Server.Dashboard;

/// <summary>
/// `GET /`: the operations dashboard. Its files are built from `dashboard/` by npm into `wwwroot/`, committed there and embedded in
/// this assembly: a checkout needs no npm, and one process serves all. Everything comes from here; the policy allows nothing else.
/// </summary>
internal static class DashboardEndpoints
{
    private const string Policy = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";
    private const string Index = "index.html";

    private static readonly CallDescription _call = new("getDashboard", "operations", "The operations dashboard.", 200, null)
    {
        MediaType = "text/html",
        AnswerMeans = "The page.",
    };

    private static readonly Dictionary<string, DashboardFile> _files = Read();

    /// <summary>Maps the page and its files.</summary>
    internal static void Map(IEndpointRouteBuilder routes, RequestMetrics metrics)
    {
        routes.MapRead("/", context => AnswerAsync(context, _files[Index]), _call, metrics);
        var counters = metrics.Route("/assets/{file}");
        foreach (var (path, file) in _files.Where(file => file.Key != Index))
        {
            routes.MapMethods("/" + path, [HttpMethods.Get, HttpMethods.Head], (RequestDelegate)(context => AnswerAsync(context, file)))
                .WithMetadata(counters).ExcludeFromDescription();
        }
    }

    private static Dictionary<string, DashboardFile> Read()
    {
        const string Root = "wwwroot/";
        var assembly = typeof(DashboardEndpoints).Assembly;
        var files = new Dictionary<string, DashboardFile>(StringComparer.Ordinal);
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Root, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            var path = name[Root.Length..];
            files.Add(path, new DashboardFile(path, bytes));
        }
        return files;
    }

    private static Task AnswerAsync(HttpContext context, DashboardFile file)
    {
        var (bytes, tag, encoding) = file.For(context.Request.Headers.AcceptEncoding);
        var headers = context.Response.Headers;
        headers.CacheControl = file.CacheControl;
        headers.ETag = tag;
        headers.Vary = "Accept-Encoding";
        headers.ContentSecurityPolicy = Policy;
        headers["Referrer-Policy"] = "no-referrer";
        if (context.Request.Headers.IfNoneMatch.ToString().Split(',', StringSplitOptions.TrimEntries).Contains(tag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }
        if (encoding is not null) headers.ContentEncoding = encoding;
        return context.SendBytesAsync(file.MediaType, bytes);
    }
}
