using System.Net;
using System.Net.Sockets;

namespace Lima.Cli.Tests.Templates;

/// <summary>A real HTTP server on a port of its own.</summary>
internal sealed class LocalWeb : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Func<HttpListenerRequest, HttpListenerResponse, Task> _answer;
    private readonly Task _serving;

    public LocalWeb(Func<HttpListenerRequest, HttpListenerResponse, Task> answer)
    {
        _answer = answer;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
        }

        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Address { get; }

    public List<(string Path, string? Token)> Requests { get; } = [];

    public static LocalWeb Files(params (string Path, string Content)[] files) => new(async (request, response) =>
    {
        var file = files.FirstOrDefault(file => file.Path == request.Url!.AbsolutePath);
        if (file.Path is null) response.StatusCode = 404;
        else await response.OutputStream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(file.Content));
    });

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                lock (Requests) Requests.Add((context.Request.Url!.AbsolutePath, context.Request.Headers["Authorization"]));
                _ = AnswerAsync(context);
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            await _answer(context.Request, context.Response);
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            // The client has had enough, which is what some tests are about.
        }
    }

    public void Dispose()
    {
        _listener.Close();
        Assert.NotNull(_serving);
    }
}
