using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Lima.Contracts;

namespace Lima.Cli.Tests.Support;

/// <summary>A request that the fake host got.</summary>
public sealed record FakeRequest(string Method, string Path, string Body);

/// <summary>What it answers; events may be followed by silence or by a broken connection.</summary>
public sealed record FakeReply(int Status, string ContentType, string Body)
{
    /// <summary>Keep the connection open after the body until the client goes away.</summary>
    public bool Hold { get; init; }

    /// <summary>Close the connection without any answer.</summary>
    public bool Break { get; init; }

    public static FakeReply Json<T>(T value, JsonTypeInfo<T> type, int status = 200) => new(status, "application/json", JsonSerializer.Serialize(value, type));

    public static FakeReply Error(int status, string code, string message, string? hint = null) =>
        Json(new ErrorReply(new ErrorView(code, message, hint)), ContractsJson.Default.ErrorReply, status);

    public static FakeReply Events(params string[] events) => new(200, "text/event-stream", string.Concat(events));

    public static string Event<T>(string name, T value, JsonTypeInfo<T> type, long? id = null) =>
        $"event: {name}\n{(id is null ? "" : $"id: {id}\n")}data: {JsonSerializer.Serialize(value, type)}\n\n";

    public static string Settled(InstanceView view) => Event(StreamNames.Settled, view, ContractsJson.Default.InstanceView);

    public static string Progress(string step, string detail = "", long? done = null, long? total = null) =>
        Event(StreamNames.Progress, new ProgressView { Step = step, Detail = detail, Done = done, Total = total }, ContractsJson.Default.ProgressView);
}

/// <summary>A small HTTP server on a Unix socket where the real host would listen.</summary>
public sealed class FakeHost : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<FakeRequest, FakeReply> _answer;

    public FakeHost(string home, Func<FakeRequest, FakeReply> answer)
    {
        _answer = answer;
        var directory = Directory.CreateDirectory(Path.Combine(home, "_host")).FullName;
        _listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(directory, "api.sock")));
        _listener.Listen(64);
        _ = Task.Run(AcceptAsync);
    }

    /// <summary>Everything asked so far.</summary>
    public ConcurrentQueue<FakeRequest> Requests { get; } = new();

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptAsync(_stop.Token);
                _ = Task.Run(() => ServeAsync(client));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        try
        {
            await using var stream = new NetworkStream(client, ownsSocket: true);
            if (await ReadAsync(stream) is not { } request) return;
            Requests.Enqueue(request);
            var reply = _answer(request);
            if (reply.Break) return;
            var body = Encoding.UTF8.GetBytes(reply.Body);
            var length = reply.ContentType == "text/event-stream" ? "" : $"Content-Length: {body.Length}\r\n";
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {reply.Status} X\r\nContent-Type: {reply.ContentType}\r\n{length}Connection: close\r\n\r\n"));
            await stream.WriteAsync(body);
            if (reply.Hold) await stream.CopyToAsync(Stream.Null, _stop.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client has what it wanted.
        }
    }

    private static async Task<FakeRequest?> ReadAsync(NetworkStream stream)
    {
        var bytes = new List<byte>();
        var one = new byte[1];
        while (!Encoding.ASCII.GetString([.. bytes.TakeLast(4)]).Equals("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one) == 0) return null;
            bytes.Add(one[0]);
        }

        var lines = Encoding.ASCII.GetString([.. bytes]).Split("\r\n");
        var length = lines.Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Select(line => int.Parse(line.Split(':')[1])).FirstOrDefault();
        var body = new byte[length];
        await stream.ReadExactlyAsync(body);
        var words = lines[0].Split(' ');
        return new FakeRequest(words[0], words[1], Encoding.UTF8.GetString(body));
    }
}
