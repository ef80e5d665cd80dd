using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Lima.Domain.Names;

namespace Lima.Drivers.Names;

/// <summary>
/// The servers of this machine's <c>resolv.conf</c>. It is read for each question, so that a change of the network or a VPN counts at once.
/// A server that did not answer comes last for a while.
/// </summary>
/// <param name="resolvConf">Path of the file.</param>
/// <param name="time">The clock.</param>
/// <param name="port">Port of the servers; another one is of use to tests.</param>
public sealed class UpstreamServers(string resolvConf, TimeProvider time, int port = 53) : IUpstream
{
    /// <summary>The file that programs of this machine use.</summary>
    public const string UsualFile = "/etc/resolv.conf";

    private const string BehindStub = "/run/systemd/resolve/resolv.conf";
    private const int FileCharactersMax = 16 * 1024;
    private const int UdpBytesMax = 4096;
    private static readonly TimeSpan UdpLimit = TimeSpan.FromSeconds(2), TcpLimit = TimeSpan.FromSeconds(4), Avoided = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<IPAddress, DateTimeOffset> _mute = new();

    /// <summary>The file that names the servers.</summary>
    public string File => resolvConf;

    /// <summary>The servers, as they are asked now.</summary>
    public ImmutableArray<IPAddress> Servers => ResolvConf.Upstream(Read(resolvConf), Read(BehindStub));

    /// <inheritdoc/>
    public async Task<byte[]?> AskAsync(ReadOnlyMemory<byte> message, int questionEnd, CancellationToken cancel)
    {
        byte[]? refusal = null;
        var question = message.ToArray();
        foreach (var server in Servers.OrderBy(server => _mute.TryGetValue(server, out var until) && until > time.GetUtcNow()))
        {
            // A number that nobody can guess, as whoever asks may have a poor one.
            RandomNumberGenerator.Fill(question.AsSpan(0, 2));
            var reply = await AskAsync(server, question, questionEnd, cancel);
            if (reply is null)
            {
                if (_mute.Count > ResolvConf.ServersMax * 8) _mute.Clear();
                _mute[server] = time.GetUtcNow() + Avoided;
                continue;
            }

            message.Span[..2].CopyTo(reply);
            if (!DnsForwarded.IsFailure(reply)) return reply;
            refusal ??= reply;
        }

        return refusal;
    }

    private async Task<byte[]?> AskAsync(IPAddress server, byte[] question, int questionEnd, CancellationToken cancel)
    {
        var end = new IPEndPoint(server, port);
        var reply = await LimitedAsync(token => OverUdpAsync(end, question, questionEnd, token), UdpLimit, cancel);
        if (reply is null || !DnsForwarded.IsTruncated(reply)) return reply;
        return await LimitedAsync(token => OverTcpAsync(end, question, questionEnd, token), TcpLimit, cancel) ?? reply;
    }

    private static async Task<byte[]?> OverUdpAsync(IPEndPoint server, byte[] question, int questionEnd, CancellationToken cancel)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, cancel);
        await socket.SendAsync(question, cancel);
        var buffer = new byte[UdpBytesMax];
        while (true)
        {
            var length = await socket.ReceiveAsync(buffer, cancel);
            if (DnsForwarded.IsReplyTo(buffer.AsSpan(0, length), question, questionEnd)) return buffer[..length];
        }
    }

    private static async Task<byte[]?> OverTcpAsync(IPEndPoint server, byte[] question, int questionEnd, CancellationToken cancel)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, cancel);
        await using var stream = new NetworkStream(socket);
        await TcpMessage.WriteAsync(stream, question, cancel);
        var reply = await TcpMessage.ReadAsync(stream, ushort.MaxValue, cancel);
        return reply is not null && DnsForwarded.IsReplyTo(reply, question, questionEnd) ? reply : null;
    }

    private static async Task<byte[]?> LimitedAsync(Func<CancellationToken, Task<byte[]?>> ask, TimeSpan limit, CancellationToken cancel)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(limit);
        try
        {
            return await ask(deadline.Token);
        }
        catch (Exception e) when (e is SocketException or IOException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return null;
        }
    }

    private static string? Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            using var reader = new StreamReader(file);
            var text = new char[FileCharactersMax];
            return new string(text, 0, reader.ReadBlock(text));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
