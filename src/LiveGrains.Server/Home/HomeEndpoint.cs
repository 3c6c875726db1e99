using System.Text;
using LiveGrains.Server.Json;
using LiveGrains.Server.Metrics;
using LiveGrains.Server.OpenApi;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LiveGrains.Server.Home;

/// <summary>`GET /`: says what this is and where to look.</summary>
internal static class HomeEndpoint
{
    private const string MediaType = "text/html; charset=utf-8";

    private static readonly CallDescription _call = new("getHome", "operations", "A page that links to the calls.", 200, null)
    {
        MediaType = "text/html",
        AnswerMeans = "The page.",
    };

    private static readonly byte[] _page = Encoding.UTF8.GetBytes("""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>LiveGrains</title>
        <style>
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem }
        code { font-size: .95em } li { margin: .25rem 0 }
        </style>
        </head>
        <body>
        <main>
        <h1>LiveGrains</h1>
        <p>This server takes the event stream of a live platform at <code>POST /v1/events</code> and answers questions about its
        rooms, users, products and videos. There is no dashboard on this page yet; this is what there is:</p>
        <ul>
        <li><a href="/v1/overview">/v1/overview</a>: the platform</li>
        <li><a href="/v1/rooms?live=true">/v1/rooms?live=true</a>: the rooms on air, hottest first</li>
        <li><code>/v1/rooms/{room}</code>, <code>/v1/rooms/{room}/series?metric=comments&amp;step=60</code>,
        <code>/v1/rooms/{room}/products</code></li>
        <li><code>/v1/products/{product}</code>, <code>/v1/videos/{video}</code>, <code>/v1/users/{user}</code></li>
        <li><code>/v1/users/{user}/recommendations?kind=all&amp;explain=true</code>, <code>/v1/rooms/{room}/similar</code>,
        <a href="/v1/model">/v1/model</a>: what is worth watching, and why</li>
        <li><a href="/openapi/v1.json">/openapi/v1.json</a>: the description of every call</li>
        <li><a href="/metrics">/metrics</a>: counters for Prometheus</li>
        <li><a href="/healthz/live">/healthz/live</a>, <a href="/healthz/ready">/healthz/ready</a>: health</li>
        </ul>
        </main>
        </body>
        </html>

        """);

    /// <summary>Maps the call.</summary>
    internal static void Map(IEndpointRouteBuilder routes, RequestMetrics metrics) => routes.MapRead("/", AnswerAsync, _call, metrics);

    private static Task AnswerAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers["Referrer-Policy"] = "no-referrer";
        return context.SendBytesAsync(MediaType, _page);
    }
}
