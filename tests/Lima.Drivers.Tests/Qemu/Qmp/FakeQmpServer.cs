using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Lima.Drivers.Tests.Qemu.Qmp;

/// <summary>Plays QEMU's side of a conversation over a real Unix socket, one client at a time, as QEMU does.</summary>
internal sealed class FakeQmpServer : IDisposable
{
    public const string Greeting =
        """{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": "Debian"}, "capabilities": ["oob"]}}""";

    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private Socket? _client;
    private StreamReader? _reader;

    public FakeQmpServer(string path)
    {
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen(1);
    }

    public async Task AcceptAsync()
    {
        _client = await _listener.AcceptAsync();
        _reader = new StreamReader(new NetworkStream(_client));
    }

    /// <summary>Accepts, greets and grants the capabilities.</summary>
    public async Task GreetAsync()
    {
        await AcceptAsync();
        await SayAsync(Greeting);
        await AnswerAsync("qmp_capabilities", "{}");
    }

    public async Task SayAsync(string line) => await _client!.SendAsync(Encoding.UTF8.GetBytes(line + "\r\n"));

    public async Task SayRawAsync(byte[] bytes) => await _client!.SendAsync(bytes);

    /// <summary>Reads the next command, checks its name and returns its id.</summary>
    public async Task<long> HearAsync(string command)
    {
        var line = await _reader!.ReadLineAsync() ?? throw new EndOfStreamException($"the client hung up before `{command}`");
        using var document = JsonDocument.Parse(line);
        Assert.Equal(command, document.RootElement.GetProperty("execute").GetString());
        return document.RootElement.GetProperty("id").GetInt64();
    }

    public async Task AnswerAsync(string command, string value)
    {
        var id = await HearAsync(command);
        await SayAsync($$"""{"return": {{value}}, "id": {{id}}}""");
    }

    /// <summary>
    /// Plays a recorded conversation: a line that begins with <c>&lt; </c> is QEMU's, with <c>&gt; </c> a command that the
    /// client must send now. Ids in the record are replaced by those that the client chose.
    /// </summary>
    public async Task PlayAsync(IEnumerable<string> transcript)
    {
        await AcceptAsync();
        long id = 0;
        foreach (var line in transcript.Where(line => line.Length > 2))
        {
            if (line[0] == '>') id = await HearAsync(line[2..].Trim());
            else await SayAsync(line[2..].Replace("\"id\": 0", $"\"id\": {id}", StringComparison.Ordinal));
        }
    }

    public void HangUp() => _client?.Dispose();

    public void Dispose()
    {
        _client?.Dispose();
        _listener.Dispose();
    }
}
