using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace LiveGrains.Server.Json;

/// <summary>Sends answers: whole, with their length, never half of one.</summary>
internal static class JsonResponse
{
    /// <summary>The media type of answers.</summary>
    internal const string MediaType = "application/json";

    /// <summary>Sends a value as JSON with the status that is set.</summary>
    internal static async Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type)
    {
        using var buffer = new PooledBuffer();
        using (var json = buffer.BeginJson()) JsonSerializer.Serialize(json, value, type);
        context.Response.Headers.CacheControl = "no-store";
        await SendAsync(context, MediaType, buffer).ConfigureAwait(false);
    }

    /// <summary>Sends what a buffer holds; the buffer is free when the task is done.</summary>
    internal static Task SendAsync(HttpContext context, string mediaType, PooledBuffer buffer) =>
        context.SendBytesAsync(mediaType, buffer.Written);

    /// <summary>Sends bytes; they are free when the task is done.</summary>
    internal static async Task SendBytesAsync(this HttpContext context, string mediaType, ReadOnlyMemory<byte> bytes)
    {
        var response = context.Response;
        response.Headers.ContentType = mediaType;
        response.Headers.XContentTypeOptions = "nosniff";
        response.ContentLength = bytes.Length;
        if (HttpMethods.IsHead(context.Request.Method)) return;
        await response.BodyWriter.WriteAsync(bytes).ConfigureAwait(false);
    }
}
