using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Lima.Contracts;

namespace Lima.Host.Tests.Support;

/// <summary>One server-sent event.</summary>
public sealed record Sent(string Name, string Data, string? Id)
{
    public EventView Event => JsonSerializer.Deserialize(Data, ContractsJson.Default.EventView)!;
}

/// <summary>Plain HTTP over the host's socket.</summary>
public sealed class ApiClient : IDisposable
{
    private readonly HttpClient _http;

    public ApiClient(string socketPath)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancel);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        _http = new HttpClient(handler) { BaseAddress = new Uri("http://lima"), Timeout = TimeSpan.FromSeconds(60) };
    }

    public async Task<(HttpStatusCode Status, string Body)> SendAsync(HttpMethod method, string path, string? json = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (json is not null) request.Content = new StringContent(json, Encoding.UTF8, type);
        // A host that refuses a body by its length does not read it.
        request.Headers.ExpectContinue = json?.Length > 1 << 20;
        using var answer = await _http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type)
    {
        var (status, body) = await SendAsync(HttpMethod.Get, path);
        Assert.True(status == HttpStatusCode.OK, $"{path}: {status} {body}");
        return JsonSerializer.Deserialize(body, type)!;
    }

    public Task<InstanceView> InstanceAsync(string name) => GetAsync($"/v1/instances/{name}", ContractsJson.Default.InstanceView);

    public async Task<IReadOnlyList<string>> NamesAsync() =>
        [.. (await GetAsync("/v1/instances", ContractsJson.Default.InstanceList)).Instances.Select(i => i.Name)];

    public Task<HostView> HostAsync() => GetAsync("/v1/host?brief=true", ContractsJson.Default.HostView);

    public async Task<Accepted> CreateAsync(string name, string? yaml = null, string? commandId = null)
    {
        var (status, body) = await TryCreateAsync(name, yaml, commandId);
        Assert.True(status == HttpStatusCode.Accepted, $"create {name}: {status} {body}");
        return JsonSerializer.Deserialize(body, ContractsJson.Default.Accepted)!;
    }

    public Task<(HttpStatusCode Status, string Body)> TryCreateAsync(string name, string? yaml = null, string? commandId = null) =>
        SendAsync(HttpMethod.Post, "/v1/instances", JsonSerializer.Serialize(
            new CreateRequest { CommandId = commandId ?? Guid.NewGuid().ToString(), Name = name, Yaml = yaml ?? Yaml, Source = "test" },
            ContractsJson.Default.CreateRequest));

    public Task<(HttpStatusCode Status, string Body)> CommandAsync(string name, string verb, bool force = false, string? commandId = null, double? timeout = null) =>
        SendAsync(HttpMethod.Post, $"/v1/instances/{name}/{verb}", JsonSerializer.Serialize(
            new CommandRequest { CommandId = commandId ?? Guid.NewGuid().ToString(), Force = force, TimeoutSeconds = timeout },
            ContractsJson.Default.CommandRequest));

    public async Task<Accepted> AcceptedAsync(string name, string verb, bool force = false, string? commandId = null)
    {
        var (status, body) = await CommandAsync(name, verb, force, commandId);
        Assert.True(status == HttpStatusCode.Accepted, $"{verb} {name}: {status} {body}");
        return JsonSerializer.Deserialize(body, ContractsJson.Default.Accepted)!;
    }

    public static ErrorView Error(string body) => JsonSerializer.Deserialize(body, ContractsJson.Default.ErrorReply)!.Error;

    /// <summary>The events of a stream until it ends or <paramref name="cancel"/> says so.</summary>
    public async IAsyncEnumerable<Sent> StreamAsync(string path, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        using var answer = await _http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(cancel));
        string name = "", data = "";
        string? id = null;
        while (await reader.ReadLineAsync(cancel) is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal)) name = line[7..];
            if (line.StartsWith("data: ", StringComparison.Ordinal)) data = line[6..];
            if (line.StartsWith("id: ", StringComparison.Ordinal)) id = line[4..];
            if (line.Length > 0 || name.Length == 0) continue;
            yield return new Sent(name, data, id);
            (name, data, id) = ("", "", null);
        }
    }

    /// <summary>A whole stream that ends by itself.</summary>
    public async Task<IReadOnlyList<Sent>> AllAsync(string path)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var all = new List<Sent>();
        await foreach (var sent in StreamAsync(path, limit.Token)) all.Add(sent);
        return all;
    }

    /// <summary>A configuration that names an image which nobody can have.</summary>
    public const string Yaml = "images:\n- location: /nowhere/image.qcow2\n  arch: x86_64\n- location: /nowhere/image.qcow2\n  arch: aarch64\ncpus: 1\nmemory: 256MiB\ndisk: 1GiB\nmounts: []\ncontainerd: {system: false, user: false}\n";

    public void Dispose() => _http.Dispose();
}
