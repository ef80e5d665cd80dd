using System.Text.Json;
using Lima.Contracts;

namespace Lima.Host.Api;

/// <summary>Writes a stream of server-sent events.</summary>
internal sealed class ServerSentEvents(HttpResponse response)
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    /// <summary>Sends the headers.</summary>
    public async Task BeginAsync(CancellationToken cancel)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        await response.StartAsync(cancel);
        await response.Body.FlushAsync(cancel);
    }

    /// <summary>Sends one event.</summary>
    public async Task SendAsync<T>(string name, T data, CancellationToken cancel, long? id = null)
    {
        var json = JsonSerializer.Serialize(data, typeof(T), ContractsJson.Default);
        await response.WriteAsync((id is null ? "" : $"id: {id}\n") + $"event: {name}\ndata: {json}\n\n", cancel);
        await response.Body.FlushAsync(cancel);
    }

    /// <summary>
    /// Waits for news. Null when none came for a while: then this end has shown that it lives, so that a dead client is
    /// noticed, and the caller may look for itself whether it missed something.
    /// </summary>
    public async Task<object?> NextAsync(System.Threading.Channels.ChannelReader<object> news, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(KeepAlive);
        try
        {
            return await news.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            await response.WriteAsync(": alive\n\n", cancel);
            await response.Body.FlushAsync(cancel);
            return null;
        }
    }
}
