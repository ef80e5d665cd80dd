using System.Net.Sockets;
using Lima.Domain.Vms;
using Lima.Drivers.Instances;
using Lima.Drivers.Processes;
using Lima.Drivers.Qemu;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.Qemu;

public sealed class SwtpmTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryDirectory _home = new();
    private readonly ProcessTable _table = new();

    private InstanceDirectory Machine => new(VmName.Parse("web"), _home.Path);

    public void Dispose() => _home.Dispose();

    [Fact]
    public void It_is_told_where_its_state_and_its_socket_are() => Assert.Equal<string>(
        ["socket", "--tpmstate", "dir=/d/swtpm", "--ctrl", "type=unixio,path=/d/swtpm.sock", "--tpm2", "--terminate", "--log", "level=1"],
        Swtpm.Command("/usr/bin/swtpm", new InstanceDirectory(VmName.Parse("web"), "/d")).Arguments);

    [Fact]
    public async Task It_listens_also_where_an_earlier_one_has_left_its_socket_and_is_ended_when_QEMU_never_comes()
    {
        if (!Need.Programs(output, "swtpm")) return;
        File.WriteAllText(Machine.TpmSocket, "stale");
        var swtpm = new Swtpm(_table, TimeProvider.System);
        await swtpm.StartAsync(Machine, CancellationToken.None);
        var process = Assert.Single(_table.FindByArguments("socket", "--tpmstate", $"dir={Machine.TpmState}"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Machine.TpmState));
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(Machine.TpmSocket));
        swtpm.End(Machine);
        await _table.WaitExitAsync(process, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task What_it_cannot_use_is_said()
    {
        if (!Need.Programs(output, "swtpm")) return;
        var swtpm = new Swtpm(_table, TimeProvider.System);
        var comma = new InstanceDirectory(VmName.Parse("web"), _home["a,b"]);
        var refused = await Assert.ThrowsAsync<DriverException>(() => swtpm.StartAsync(comma, CancellationToken.None));
        Assert.Contains("a,b", refused.Message, StringComparison.Ordinal);
        File.WriteAllText(Machine.TpmState, "no directory");
        await Assert.ThrowsAnyAsync<Exception>(() => swtpm.StartAsync(Machine, CancellationToken.None));
    }
}
