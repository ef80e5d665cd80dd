using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lima.Drivers.Tests.Images;

/// <summary>An HTTP/1.1 server on 127.0.0.1 that serves byte arrays and misbehaves as told.</summary>
internal sealed class FileServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    internal FileServer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>What is served, by path.</summary>
    internal ConcurrentDictionary<string, ServedFile> Files { get; } = new();

    /// <summary>Every request: method, path, and the Range header or an empty text.</summary>
    internal ConcurrentQueue<(string Method, string Path, string Range, string IfRange)> Requests { get; } = new();

    internal int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    internal string Url(string path) => $"http://127.0.0.1:{Port}{path}";

    internal int Count(string method) => Requests.Count(request => request.Method == method);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = ServeAsync(client);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await using var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
                while (await ReadRequestAsync(reader) is { } request && await AnswerAsync(stream, request))
                {
                }
            }
            catch (Exception error) when (error is IOException or OperationCanceledException or SocketException)
            {
            }
        }
    }

    private async Task<Dictionary<string, string>?> ReadRequestAsync(StreamReader reader)
    {
        if (await reader.ReadLineAsync(_stop.Token) is not { Length: > 0 } first) return null;
        var parts = first.Split(' ');
        var request = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["_method"] = parts[0], ["_path"] = parts[1] };
        while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            request[line[..colon]] = line[(colon + 1)..].Trim();
        }

        Requests.Enqueue((parts[0], parts[1], request.GetValueOrDefault("Range", ""), request.GetValueOrDefault("If-Range", "")));
        return request;
    }

    private async Task<bool> AnswerAsync(NetworkStream stream, Dictionary<string, string> request)
    {
        if (!Files.TryGetValue(request["_path"], out var file)) return await HeadAsync(stream, "404 Not Found", "Content-Length: 0");
        if (file.FailWith.TryDequeue(out var status)) return await HeadAsync(stream, status, "Content-Length: 0");
        if (file.RedirectTo is { } target) return await HeadAsync(stream, "302 Found", $"Location: {target}", "Content-Length: 0");
        if (file.Gate is { } gate) await gate.Task.WaitAsync(_stop.Token);

        var offset = OffsetOf(request, file);
        var length = file.Content.Length - offset;
        List<string> headers = ["Content-Type: application/octet-stream"];
        headers.Add(file.AnnouncesLength ? $"Content-Length: {file.AnnouncedLength ?? length}" : "Connection: close");
        if (file.ETag.Length > 0) headers.Add($"ETag: {file.ETag}");
        if (file.LastModified.Length > 0) headers.Add($"Last-Modified: {file.LastModified}");
        if (offset > 0) headers.Add($"Content-Range: bytes {offset}-{file.Content.Length - 1}/{file.Content.Length}");
        await HeadAsync(stream, offset > 0 ? "206 Partial Content" : "200 OK", [.. headers]);
        if (request["_method"] == "HEAD") return true;
        return await BodyAsync(stream, file, offset);
    }

    private static int OffsetOf(Dictionary<string, string> request, ServedFile file)
    {
        if (!file.HasRanges || !request.TryGetValue("Range", out var range)) return 0;
        var validator = request.GetValueOrDefault("If-Range", "");
        var isSame = validator.Length == 0 || validator == file.ETag || validator == file.LastModified;
        return isSame ? int.Parse(range["bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture) : 0;
    }

    private async Task<bool> BodyAsync(NetworkStream stream, ServedFile file, int offset)
    {
        var end = file.Content.Length;
        var drops = file.DropAfter.TryDequeue(out var bytes);
        if (drops) end = Math.Min(end, offset + bytes);
        while (offset < end)
        {
            var count = Math.Min(file.ChunkBytes, end - offset);
            await stream.WriteAsync(file.Content.AsMemory(offset, count), _stop.Token);
            offset += count;
            if (file.Pause > TimeSpan.Zero) await Task.Delay(file.Pause, _stop.Token);
        }

        if (drops) stream.Socket.LingerState = new LingerOption(false, 0);
        if (drops && file.StallInsteadOfDrop) await Task.Delay(Timeout.Infinite, _stop.Token);
        return !drops && file.AnnouncesLength;
    }

    private async Task<bool> HeadAsync(NetworkStream stream, string status, params string[] headers)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\n{string.Join("\r\n", headers)}\r\n\r\n"), _stop.Token);
        return true;
    }
}

/// <summary>A file and how it is served.</summary>
internal sealed class ServedFile(byte[] content)
{
    internal byte[] Content { get; set; } = content;
    internal string ETag { get; set; } = "\"v1\"";
    internal string LastModified { get; set; } = "Tue, 01 Jul 2025 10:00:00 GMT";
    internal bool HasRanges { get; set; } = true;
    internal int ChunkBytes { get; set; } = 1 << 16;
    internal TimeSpan Pause { get; set; }
    internal long? AnnouncedLength { get; set; }
    internal bool AnnouncesLength { get; set; } = true;
    internal string? RedirectTo { get; set; }
    internal bool StallInsteadOfDrop { get; set; }

    /// <summary>Answers wait for this.</summary>
    internal TaskCompletionSource? Gate { get; set; }

    /// <summary>Statuses of the next answers.</summary>
    internal ConcurrentQueue<string> FailWith { get; } = new();

    /// <summary>After how many bytes the next answers break off.</summary>
    internal ConcurrentQueue<int> DropAfter { get; } = new();
}
