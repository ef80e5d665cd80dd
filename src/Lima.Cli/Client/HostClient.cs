using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Lima.Contracts;

namespace Lima.Cli.Client;

/// <summary>The API as methods. A request that breaks off is sent again; command ids make that harmless.</summary>
internal sealed partial class HostClient : IDisposable
{
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RestartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);
    private const string HostRestarting = "host-restarting";
    private const int ConnectionsMax = 3;
    private readonly HttpClient _http;

    /// <summary>Connects when first used, through <paramref name="connect"/>.</summary>
    public HostClient(Func<CancellationToken, Task<Socket>> connect)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) => new NetworkStream(await connect(cancel), ownsSocket: true),
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
        };
        _http = new HttpClient(handler) { BaseAddress = new Uri("http://lima/v1/"), Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>All instances.</summary>
    public Task<InstanceList> ListAsync(CancellationToken cancel) =>
        SendAsync(HttpMethod.Get, "instances", null, ContractsJson.Default.InstanceList, cancel);

    /// <summary>All instances as the host wrote them.</summary>
    public Task<byte[]> ListBytesAsync(bool config, CancellationToken cancel) =>
        SendAsync(HttpMethod.Get, config ? "instances?config=true" : "instances", null, cancel);

    /// <summary>One instance; null when there is none of that name.</summary>
    public async Task<InstanceView?> FindAsync(string name, CancellationToken cancel)
    {
        try
        {
            return await SendAsync(HttpMethod.Get, InstancePath(name), null, ContractsJson.Default.InstanceView, cancel);
        }
        catch (CliException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>Creates an instance.</summary>
    public Task<Accepted> CreateAsync(CreateRequest request, CancellationToken cancel) =>
        SendAsync(HttpMethod.Post, "instances", Body(request, ContractsJson.Default.CreateRequest), ContractsJson.Default.Accepted, cancel);

    /// <summary>Sends <c>start</c>, <c>stop</c>, <c>restart</c>, <c>pause</c> or <c>resume</c>.</summary>
    public Task<Accepted> CommandAsync(string name, string verb, CommandRequest request, CancellationToken cancel) =>
        SendAsync(HttpMethod.Post, $"{InstancePath(name)}/{verb}", Body(request, ContractsJson.Default.CommandRequest), ContractsJson.Default.Accepted, cancel);

    /// <summary>Deletes an instance.</summary>
    public Task<Accepted> DeleteAsync(string name, CommandRequest request, CancellationToken cancel) =>
        CommandAsync(name, "delete", request, cancel);

    /// <summary>Every stored event of an instance.</summary>
    public Task<EventList> HistoryAsync(string name, CancellationToken cancel) =>
        SendAsync(HttpMethod.Get, $"{InstancePath(name)}/history", null, ContractsJson.Default.EventList, cancel);

    /// <summary>The host itself.</summary>
    public Task<HostView> HostAsync(CancellationToken cancel) =>
        SendAsync(HttpMethod.Get, "host", null, ContractsJson.Default.HostView, cancel);

    /// <summary>Place of the newest event (<c>HostView.NewestEvent</c>), without what the host would have to find out first.</summary>
    public async Task<long> NewestEventAsync(CancellationToken cancel) =>
        (await SendAsync(HttpMethod.Get, "host?brief=true", null, ContractsJson.Default.HostView, cancel)).NewestEvent;

    /// <summary>Asks the host to end; VMs go on.</summary>
    public Task ShutdownAsync(CancellationToken cancel) => SendAsync(HttpMethod.Post, "host/shutdown", null, cancel);

    /// <summary>The image store.</summary>
    public Task<ImageList> ImagesAsync(CancellationToken cancel) =>
        SendAsync(HttpMethod.Get, "images", null, ContractsJson.Default.ImageList, cancel);

    /// <summary>Removes an image from the store.</summary>
    public Task RemoveImageAsync(string location, CancellationToken cancel) =>
        SendAsync(HttpMethod.Post, "images/remove", Body(new PullRequest(location), ContractsJson.Default.PullRequest), cancel);

    /// <summary>News of an instance until nothing is pending.</summary>
    public IAsyncEnumerable<ServerEvent> FollowAsync(string name, long after, CancellationToken cancel) =>
        StreamAsync(HttpMethod.Get, $"{InstancePath(name)}/follow?after={after}", null, cancel);

    /// <summary>Stored events of all instances or of one.</summary>
    public IAsyncEnumerable<ServerEvent> EventsAsync(long after, bool follow, string? instance, CancellationToken cancel) => EventsAsync(after, follow, instance, false, cancel);

    /// <summary>The same, with passing news in between.</summary>
    public IAsyncEnumerable<ServerEvent> EventsAsync(long after, bool follow, string? instance, bool progress, CancellationToken cancel) =>
        StreamAsync(
            HttpMethod.Get,
            $"events?after={after}&follow={(follow ? "true" : "false")}{(instance is null ? "" : $"&instance={Uri.EscapeDataString(instance)}")}{(progress ? "&progress=true" : "")}",
            null,
            cancel);

    /// <summary>Downloads or builds an image.</summary>
    public IAsyncEnumerable<ServerEvent> PullAsync(PullRequest request, CancellationToken cancel) =>
        StreamAsync(HttpMethod.Post, "images/pull", Body(request, ContractsJson.Default.PullRequest), cancel);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static string InstancePath(string name) => $"instances/{Uri.EscapeDataString(name)}";

    private static byte[] Body<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(value, type);

    private async Task<T> SendAsync<T>(HttpMethod method, string path, byte[]? body, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        var bytes = await SendAsync(method, path, body, cancel);
        try
        {
            return JsonSerializer.Deserialize(bytes, type) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new CliException($"the host's answer to `{path}` is not understood", "the host is of another version; run `limactl host stop` and try again");
        }
    }

    private async Task<byte[]> SendAsync(HttpMethod method, string path, byte[]? body, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(RequestLimit);
        try
        {
            using var answer = await OnceMoreAsync(method, path, body, HttpCompletionOption.ResponseContentRead, limit.Token);
            await CheckAsync(answer, limit.Token);
            return await answer.Content.ReadAsByteArrayAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new CliException($"the host did not answer within {RequestLimit.TotalSeconds:0} seconds", "see `limactl host logs`");
        }
    }

    private async IAsyncEnumerable<ServerEvent> StreamAsync(
        HttpMethod method, string path, byte[]? body, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var answer = await OnceMoreAsync(method, path, body, HttpCompletionOption.ResponseHeadersRead, cancel);
        await CheckAsync(answer, cancel);
        await using var stream = await answer.Content.ReadAsStreamAsync(cancel);
        await foreach (var item in ServerEvents.ReadAsync(stream, cancel)) yield return item;
    }

    /// <summary>
    /// Sends until it gets through: a connection that breaks is tried again, and so is a host that says that it is about to
    /// start anew. The connect callback brings up a new host when none is there.
    /// </summary>
    private async Task<HttpResponseMessage> OnceMoreAsync(
        HttpMethod method, string path, byte[]? body, HttpCompletionOption until, CancellationToken cancel)
    {
        var began = Stopwatch.GetTimestamp();
        for (var broken = 0; ; await Task.Delay(RetryPause, cancel))
        {
            try
            {
                var answer = await _http.SendAsync(Request(method, path, body), until, cancel);
                if (answer.StatusCode != HttpStatusCode.ServiceUnavailable || Stopwatch.GetElapsedTime(began) > RestartLimit) return answer;
                var problem = ToException(answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(cancel));
                answer.Dispose();
                if (problem.Code != HostRestarting) throw problem;
            }
            catch (HttpRequestException e)
            {
                if (Unwrap(e) is { } told) throw told;
                if (++broken == ConnectionsMax) throw new CliException($"the connection to the host broke {broken} times", "see `limactl host logs`");
            }
        }
    }

    // What the connect callback throws arrives wrapped.
    private static CliException? Unwrap(Exception e)
    {
        for (Exception? at = e; at is not null; at = at.InnerException)
            if (at is CliException told) return told;
        return null;
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, byte[]? body)
    {
        var request = new HttpRequestMessage(method, path);
        if (body is null) return request;
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return request;
    }

    private static async Task CheckAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        if (answer.IsSuccessStatusCode) return;
        var bytes = await answer.Content.ReadAsByteArrayAsync(cancel);
        throw ToException(answer.StatusCode, bytes);
    }

    private static CliException ToException(HttpStatusCode status, byte[] body)
    {
        try
        {
            if (JsonSerializer.Deserialize(body, ContractsJson.Default.ErrorReply)?.Error is { } error) return FromError(error);
        }
        catch (JsonException)
        {
            // Not ours: told below by its number.
        }

        return new CliException($"the host answered with HTTP status {(int)status}", "see `limactl host logs`") { Code = $"http-{(int)status}" };
    }

    /// <summary>The host's refusal as an exception.</summary>
    public static CliException FromError(ErrorView error) =>
        new(error.Message, error.Hint, problems: error.Problems) { Code = error.Code };
}
