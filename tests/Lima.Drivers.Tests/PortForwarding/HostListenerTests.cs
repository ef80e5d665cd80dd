using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;
using Lima.Drivers.PortForwarding;
using Lima.Testing;

namespace Lima.Drivers.Tests.PortForwarding;

public sealed class HostListenerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly HostEnds _ends = new();

    [Fact]
    public async Task A_client_that_has_said_all_still_hears_the_whole_answer()
    {
        // Answers only when it has read to the end: a half-close that is not passed on would wait for ever.
        await using var path = new LoopbackPath(async guest =>
        {
            var all = new MemoryStream();
            await guest.CopyToAsync(all);
            await guest.WriteAsync(all.GetBuffer().AsMemory(0, (int)all.Length));
        });
        var (listener, port) = Listen(path);
        await using var ended = listener;
        var data = RandomNumberGenerator.GetBytes(16 << 20);
        Assert.Equal(data, await ExchangeAsync(port, data));
    }

    [Fact]
    public async Task Many_clients_at_once_are_all_served()
    {
        await using var path = new LoopbackPath(guest => guest.CopyToAsync(guest));
        var (listener, port) = Listen(path);
        await using var ended = listener;
        var all = await Task.WhenAll(Enumerable.Range(0, 300).Select(async n =>
        {
            var said = BitConverter.GetBytes(n);
            var back = await ExchangeAsync(port, said);
            return back.SequenceEqual(said);
        }));
        Assert.DoesNotContain(false, all);
    }

    [Fact]
    public async Task Connections_outlive_the_forward_and_end_with_the_guest()
    {
        await using var path = new LoopbackPath(guest => guest.CopyToAsync(guest));
        using var end = new CancellationTokenSource();
        var (listener, port) = Listen(path, end.Token);
        using var client = await ConnectAsync(port);
        await client.SendAsync(new byte[] { 1 });
        Assert.Equal(1, await client.ReceiveAsync(new byte[1]).WaitAsync(Limit));
        await listener.DisposeAsync();
        await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(port));
        await client.SendAsync(new byte[] { 2 });
        Assert.Equal(1, await client.ReceiveAsync(new byte[1]).WaitAsync(Limit));
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<SocketException>(() => client.ReceiveAsync(new byte[1]).WaitAsync(Limit));
    }

    [Fact]
    public async Task A_redirected_forward_leads_new_connections_elsewhere()
    {
        await using var path = new LoopbackPath(guest => guest.CopyToAsync(guest));
        var (listener, port) = Listen(path);
        await using var ended = listener;
        await ExchangeAsync(port, [1]);
        listener.Redirect(new ForwardEnd("::1", 81));
        await ExchangeAsync(port, [1]);
        Assert.Equal(["127.0.0.1:80", "[::1]:81"], path.Asked.Select(a => a.ToString()));
    }

    [Fact]
    public void Loopback_is_listened_on_in_both_families()
    {
        var (sockets, warning) = HostSockets.Listen(PortProtocol.Tcp, new ForwardEnd("127.0.0.1", FreePort()), _ends, "web");
        try
        {
            Assert.Equal("", warning);
            Assert.Equal(Socket.OSSupportsIPv6 ? ["127.0.0.1", "::1"] : ["127.0.0.1"], sockets.Select(s => ((IPEndPoint)s.LocalEndPoint!).Address.ToString()));
        }
        finally
        {
            sockets.ForEach(s => s.Dispose());
        }
    }

    [Fact]
    public void A_conflict_names_the_other_instance()
    {
        var end = new ForwardEnd("127.0.0.1", FreePort());
        var (sockets, _) = HostSockets.Listen(PortProtocol.Tcp, end, _ends, "web");
        try
        {
            _ends.Take(PortProtocol.Tcp, end, "web");
            var taken = Assert.Throws<DriverException>(() => HostSockets.Listen(PortProtocol.Tcp, end, _ends, "other"));
            Assert.Equal(("port-in-use", $"{end} of the host is in use by instance `web`"), (taken.Cause.Code, taken.Message));
            taken = Assert.Throws<DriverException>(() => HostSockets.Listen(PortProtocol.Tcp, end with { Ip = "0.0.0.0" }, _ends, "other"));
            Assert.Contains("instance `web`", taken.Message, StringComparison.Ordinal);
            _ends.Free(PortProtocol.Tcp, end);
            taken = Assert.Throws<DriverException>(() => HostSockets.Listen(PortProtocol.Tcp, end, _ends, "other"));
            Assert.Contains("another program", taken.Message, StringComparison.Ordinal);
        }
        finally
        {
            sockets.ForEach(s => s.Dispose());
        }
    }

    [Fact]
    public void An_address_that_the_host_does_not_have_is_named() =>
        Assert.Contains("no address 192.0.2.77", Assert.Throws<DriverException>(
            () => HostSockets.Listen(PortProtocol.Tcp, new ForwardEnd("192.0.2.77", FreePort()), _ends, "web")).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_socket_is_its_owners_alone_and_one_left_behind_is_replaced()
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, "d", "s.sock");
        for (var round = 0; round < 2; round++)
        {
            // Disposing it as the kernel does at the death of a process: the file stays.
            using var socket = await HostSockets.ListenUnixAsync(path, _ends, "web", CancellationToken.None);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(Path.GetDirectoryName(path)!) & (UnixFileMode.OtherRead | UnixFileMode.OtherExecute | UnixFileMode.GroupWrite));
            var taken = await Assert.ThrowsAsync<DriverException>(() => HostSockets.ListenUnixAsync(path, _ends, "other", CancellationToken.None));
            Assert.Equal("port-in-use", taken.Cause.Code);
        }

        Assert.True(File.Exists(path));
        await HostSockets.RemoveUnixAsync(path);
        Assert.Empty(Directory.GetFileSystemEntries(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public async Task A_file_that_is_no_socket_is_left_alone()
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, "precious");
        await File.WriteAllTextAsync(path, "text");
        var refused = await Assert.ThrowsAsync<DriverException>(() => HostSockets.ListenUnixAsync(path, _ends, "web", CancellationToken.None));
        Assert.Contains("no socket", refused.Message, StringComparison.Ordinal);
        await HostSockets.RemoveUnixAsync(path);
        Assert.Equal("text", await File.ReadAllTextAsync(path));
    }

    [Fact]
    public async Task A_path_that_is_too_long_is_refused_with_its_limit() =>
        Assert.Contains("107 bytes", (await Assert.ThrowsAsync<DriverException>(
            () => HostSockets.ListenUnixAsync("/tmp/" + new string('x', 120), _ends, "web", CancellationToken.None))).Message, StringComparison.Ordinal);

    private (HostListener Listener, int Port) Listen(IGuestPath path, CancellationToken end = default)
    {
        var port = FreePort();
        var (sockets, _) = HostSockets.Listen(PortProtocol.Tcp, new ForwardEnd("127.0.0.1", port), _ends, "web");
        var paths = new GuestPaths([path], Limit, TimeProvider.System);
        return (new HostListener(sockets, new ForwardEnd("127.0.0.1", 80), paths, "", () => ValueTask.CompletedTask, TimeProvider.System, end), port);
    }

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    private static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port).WaitAsync(Limit);
        return socket;
    }

    /// <summary>Says all, closes that direction, and returns what comes back until the other side ends.</summary>
    private static async Task<byte[]> ExchangeAsync(int port, byte[] data)
    {
        using var socket = await ConnectAsync(port);
        await using var stream = new NetworkStream(socket);
        var back = new MemoryStream();
        var reading = stream.CopyToAsync(back);
        await stream.WriteAsync(data);
        socket.Shutdown(SocketShutdown.Send);
        await reading.WaitAsync(Limit);
        return back.ToArray();
    }
}
