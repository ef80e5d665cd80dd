using Lima.Drivers.Processes;
using Lima.Drivers.Qemu.Qmp;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.Qemu.Qmp;

/// <summary>The same client with the real QEMU, without a machine.</summary>
public sealed class RealQmpTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Talks_to_the_real_thing()
    {
        if (!Need.Programs(output, "qemu-system-x86_64")) return;
        using var directory = new TemporaryDirectory();
        var launched = new DetachedLauncher(new ProcessTable()).Launch(
            new ProcessSpec("qemu-system-x86_64",
                ["-machine", "none", "-nodefaults", "-display", "none", "-qmp", $"unix:{directory["qmp.sock"]},server=on,wait=off"]),
            directory["log"]);
        await using var client = await ConnectAsync(directory["qmp.sock"]);
        Assert.True(client.Version.Major >= 4);
        Assert.Equal("running", (await client.ExecuteAsync("query-status", null, null, CancellationToken.None)).GetProperty("status").GetString());
        Assert.True((await client.ExecuteAsync("query-qmp-schema", null, null, CancellationToken.None)).GetArrayLength() > 100); // A long line.
        var unknown = await Assert.ThrowsAsync<DriverException>(() => client.ExecuteAsync("no-such-command", null, null, CancellationToken.None));
        Assert.Contains("no-such-command", unknown.Message, StringComparison.Ordinal);
        await client.ExecuteAsync("quit", null, null, CancellationToken.None);

        Assert.Equal(0, await launched.Exited.WaitAsync(Generous));
        await client.Closed.WaitAsync(Generous);
        Assert.True(client.Events.TryRead(out var shutdown));
        Assert.Equal(("SHUTDOWN", "host-qmp-quit"), (shutdown.Name, shutdown.Text("reason")));
    }

    /// <summary>The socket is there a moment before QEMU listens on it.</summary>
    private static async Task<QmpClient> ConnectAsync(string socket)
    {
        var began = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return await QmpClient.ConnectAsync(socket, new QmpOptions(), TimeProvider.System, CancellationToken.None);
            }
            catch (DriverException) when (began.Elapsed < Generous)
            {
                await Task.Delay(50);
            }
        }
    }
}
