using Lima.Actors.Tests.Support;
using Lima.Domain.Vms;
using Xunit.Abstractions;

namespace Lima.Actors.Tests.Names;

public sealed class NamesTests(ITestOutputHelper output) : ActorSpec(output)
{
    [Fact]
    public async Task A_vm_that_runs_has_a_name_server_and_one_that_does_not_has_none()
    {
        var (id, _) = await RunningAsync();
        await EventuallyAsync(() => Assert.True(World.Names.Open.ContainsKey(id)));
        await DoAsync("web", c => new Domain.Vms.Messages.VmCommands.Stop(c, Force: true));
        await UntilAsync("web", s => s.Phase == VmPhase.Stopped);
        await EventuallyAsync(() => Assert.False(World.Names.Open.ContainsKey(id)));
    }

    [Fact]
    public async Task A_host_that_finds_a_vm_running_serves_its_names_again_and_says_while_it_cannot()
    {
        var (id, _) = await RunningAsync();
        await EventuallyAsync(() => Assert.True(World.Names.Open.ContainsKey(id)));
        await World.StopAsync();
        World.Names.Open.Clear();
        World.Names.Taken = "port 20000 on 127.0.0.1 is taken by another program";
        await World.RestartedAsync();
        var state = await UntilAsync("web", s => s.Degradations.ContainsKey(VmCauses.HostResolver));
        Assert.Contains("port 20000", state.Degradations[VmCauses.HostResolver].Message, StringComparison.Ordinal);
        Assert.Equal(VmPhase.Running, state.Phase);
        World.Names.Taken = "";
        await UntilAsync("web", s => !s.Degradations.ContainsKey(VmCauses.HostResolver));
        Assert.True(World.Names.Open.ContainsKey(id));
    }
}
