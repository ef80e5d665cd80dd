using Lima.Actors.PortForwarding;
using Lima.Actors.Tests.Fakes;
using Lima.Actors.Tests.Support;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Xunit.Abstractions;

namespace Lima.Actors.Tests.PortForwarding;

public sealed class PortForwardWatcherTests(ITestOutputHelper output) : ActorSpec(output)
{
    private static readonly PortForwardSpec Web = new() { GuestPorts = new PortRange(80, 80), HostPorts = new PortRange(8080, 8080), Static = true };
    private static readonly PortForwardSpec Agent = new()
    {
        GuestSocket = "/g.sock", HostSocket = "/h.sock", GuestPorts = default, HostPorts = default, Reverse = true,
    };

    private FakePorts.FakeGuestPorts Guest => World.Ports.Of("web")!;

    private IEnumerable<string> Open => Guest.Open.Keys.Select(f => f.ToString()).Order(StringComparer.Ordinal);

    [Fact]
    public async Task A_static_forward_is_there_once_the_vm_runs_and_gone_when_it_does_not()
    {
        World.Specs.PortForwards = [Web];
        var (id, _) = await RunningAsync();
        await EventuallyAsync(() => Assert.Equal(["TCP from 127.0.0.1:80 to 127.0.0.1:8080"], Open));
        await EventuallyAsync(() => Assert.True(Assert.Single(World.Forwards.Of(id).Forwards).IsForwarding));
        var guest = Guest;
        await DoAsync("web", c => new Domain.Vms.Messages.VmCommands.Stop(c, Force: true));
        await UntilAsync("web", s => s.Phase == VmPhase.Stopped);
        await EventuallyAsync(() => Assert.True(guest.IsDisposed));
        await EventuallyAsync(() => Assert.Empty(World.Forwards.Of(id).Forwards));
    }

    [Fact]
    public async Task What_listens_is_forwarded_and_followed_as_it_comes_and_goes()
    {
        await RunningAsync();
        await EventuallyAsync(() => Assert.NotNull(World.Ports.Of("web")));
        Guest.Says(1, true, Tcp("127.0.0.1", 80), Tcp("::1", 80), Tcp("0.0.0.0", 90));
        await EventuallyAsync(() => Assert.Equal(["TCP from 0.0.0.0:90 to 127.0.0.1:90", "TCP from 127.0.0.1:80 to 127.0.0.1:80"], Open));
        Guest.Says(1, true, Tcp("::1", 80));
        await EventuallyAsync(() => Assert.Equal(["TCP from [::1]:80 to 127.0.0.1:80"], Open));
        Assert.Equal(2, Guest.Begun);
    }

    [Fact]
    public async Task What_an_earlier_host_has_left_is_ended_once_all_that_listens_is_known()
    {
        await RunningAsync();
        await EventuallyAsync(() => Assert.NotNull(World.Ports.Of("web")));
        Guest.SaysNothing(1);
        await EventuallyAsync(() => Assert.Equal(0, Guest.Unread));
        Assert.Equal(0, Guest.Sweeps);
        Guest.Says(1, true, Tcp("127.0.0.1", 80));
        await EventuallyAsync(() => Assert.Equal(1, Guest.Sweeps));
        Assert.Single(Open);
        Guest.Says(1, true);
        await EventuallyAsync(() => Assert.Empty(Open));
        Assert.Equal(1, Guest.Sweeps);
    }

    [Fact]
    public async Task While_the_guest_cannot_be_reached_the_hosts_ends_stay_and_what_listened_in_it_is_made_again()
    {
        World.Specs.PortForwards = [Web, Agent];
        await RunningAsync();
        await EventuallyAsync(() => Assert.Equal(["TCP from 127.0.0.1:80 to 127.0.0.1:8080"], Open));
        Guest.Says(1, true);
        await EventuallyAsync(() => Assert.Equal(2, Guest.Begun));
        Guest.Says(1, false);
        Guest.Says(2, true);
        await EventuallyAsync(() => Assert.Equal(3, Guest.Begun));
        Assert.Equal(["TCP from /h.sock to /g.sock (reverse)", "TCP from 127.0.0.1:80 to 127.0.0.1:8080"], Open);
    }

    [Fact]
    public async Task An_end_that_is_taken_makes_the_vm_degraded_is_told_once_and_heals_when_it_is_free()
    {
        var end = new ForwardEnd("127.0.0.1", 8080);
        World.Ports.Taken[end] = true;
        World.Specs.PortForwards = [Web];
        var news = CreateTestProbe();
        Sys.EventStream.Subscribe(news.Ref, typeof(PortForwardNews));
        var (id, _) = await RunningAsync();
        await EventuallyAsync(() => Assert.NotNull(World.Ports.Of("web")));
        Guest.Says(1, true);
        var state = await UntilAsync("web", s => s.Degradations.ContainsKey(VmCauses.PortForwards));
        Assert.Contains("127.0.0.1:8080 is in use", state.Degradations[VmCauses.PortForwards].Message, StringComparison.Ordinal);
        Assert.Equal(PortForwardEvents.Failed, (await news.ExpectMsgAsync<PortForwardNews>(Patience)).Type);
        Assert.False(Assert.Single(World.Forwards.Of(id).Forwards).IsForwarding);
        World.Ports.Taken.TryRemove(end, out _);
        await UntilAsync("web", s => !s.Degradations.ContainsKey(VmCauses.PortForwards));
        Assert.Equal(PortForwardEvents.Forwarding, (await news.ExpectMsgAsync<PortForwardNews>(Patience)).Type);
    }

    [Fact]
    public async Task What_one_way_could_not_do_is_tried_at_once_when_there_is_another()
    {
        var end = new ForwardEnd("127.0.0.1", 8080);
        World.Ports.Taken[end] = true;
        World.Specs.PortForwards = [Web];
        var (id, _) = await RunningAsync();
        await EventuallyAsync(() => Assert.NotNull(World.Ports.Of("web")));
        await EventuallyAsync(() => Assert.True(Guest.IsNeeded));
        await EventuallyAsync(() => Assert.False(Assert.Single(World.Forwards.Of(id).Forwards).IsForwarding));
        World.Ports.Taken.TryRemove(end, out _);
        Guest.Says(7, true);
        await EventuallyAsync(() => Assert.Equal(["TCP from 127.0.0.1:80 to 127.0.0.1:8080"], Open));
    }

    [Fact]
    public async Task After_a_pause_the_guests_clock_is_set()
    {
        await RunningAsync();
        await EventuallyAsync(() => Assert.NotNull(World.Ports.Of("web")));
        await DoAsync("web", c => new Domain.Vms.Messages.VmCommands.Pause(c));
        await UntilAsync("web", s => s.Phase == VmPhase.Paused);
        Assert.Equal(0, Guest.TimesSet);
        await DoAsync("web", c => new Domain.Vms.Messages.VmCommands.Resume(c));
        await EventuallyAsync(() => Assert.Equal(1, Guest.TimesSet));
    }

    [Fact]
    public async Task Rules_given_while_it_runs_hold_at_once_and_before_the_others()
    {
        World.Specs.PortForwards = [Web];
        var (id, _) = await RunningAsync();
        await EventuallyAsync(() => Assert.Single(Open));
        var other = Web with { GuestPorts = new PortRange(81, 81), HostPorts = new PortRange(8081, 8081) };
        await DoAsync("web", c => new Domain.Vms.Messages.VmCommands.ChangeForwards(c, new RuleChange([other], [Web]), null));
        await EventuallyAsync(() => Assert.Equal(["TCP from 127.0.0.1:81 to 127.0.0.1:8081"], Open));
        await EventuallyAsync(() => Assert.Equal((1, other), (World.Forwards.Of(id).Changes, Assert.Single(World.Forwards.Of(id).Rules))));
        // Also for whoever comes next.
        await World.RestartAsync();
        await EventuallyAsync(() => Assert.Equal(["TCP from 127.0.0.1:81 to 127.0.0.1:8081"], Open));
        await EventuallyAsync(() => Assert.Equal(other, Assert.Single(World.Forwards.Of(id).Rules)));
    }

    [Fact]
    public async Task On_its_own_address_a_port_is_there_though_another_has_the_usual_one_and_that_is_no_failure()
    {
        World.Settings = World.Settings with { VmLoopbackAddress = true };
        World.Ports.Taken[new ForwardEnd("127.0.0.1", 8080)] = true;
        World.Specs.PortForwards = [Web];
        var news = CreateTestProbe();
        Sys.EventStream.Subscribe(news.Ref, typeof(PortForwardNews));
        var (id, _) = await RunningAsync();
        await EventuallyAsync(() => Assert.NotNull(World.Ports.Of("web")));
        Guest.Says(1, true);
        var address = LoopbackAddresses.Of("web", []);
        await EventuallyAsync(() => Assert.Equal([$"TCP from 127.0.0.1:80 to {address}:80"], Open));
        await EventuallyAsync(() => Assert.Equal(2, World.Forwards.Of(id).Forwards.Length));
        var usual = World.Forwards.Of(id).Forwards[0];
        Assert.Equal((false, new ForwardEnd(address, 80)), (usual.IsForwarding, usual.Elsewhere));
        var told = new[] { await news.ExpectMsgAsync<PortForwardNews>(Patience), await news.ExpectMsgAsync<PortForwardNews>(Patience) };
        Assert.Equal([PortForwardEvents.NotForwarding, PortForwardEvents.Forwarding], told.Select(t => t.Type));
        Assert.EndsWith($"it is reached at {address}:80", told[0].Error, StringComparison.Ordinal);
        Assert.DoesNotContain(VmCauses.PortForwards, (await UntilAsync("web", s => s.Phase == VmPhase.Running)).Degradations.Keys);
        World.Ports.Taken.Clear();
        await EventuallyAsync(() => Assert.Equal(2, Open.Count()));
    }

    [Fact]
    public async Task An_own_address_that_may_not_have_a_port_troubles_nobody()
    {
        World.Settings = World.Settings with { VmLoopbackAddress = true };
        var own = new ForwardEnd(LoopbackAddresses.Of("web", []), 80);
        World.Ports.Taken[own] = true;
        World.Specs.PortForwards = [Web];
        var (id, _) = await RunningAsync();
        await EventuallyAsync(() => Assert.NotNull(World.Ports.Of("web")));
        Guest.Says(1, true);
        await EventuallyAsync(() => Assert.Contains(World.Forwards.Of(id).Forwards, f => f is { IsForwarding: false, Problem: not null, Forward.IsOwn: true }));
        Assert.Equal(["TCP from 127.0.0.1:80 to 127.0.0.1:8080"], Open);
        Assert.DoesNotContain(VmCauses.PortForwards, (await UntilAsync("web", s => s.Phase == VmPhase.Running)).Degradations.Keys);
    }

    [Fact]
    public async Task The_next_free_port_is_used_where_that_is_wished_and_kept_while_it_is_needed()
    {
        World.Settings = World.Settings with { TakesNextHostPort = true };
        World.Ports.Taken[new ForwardEnd("127.0.0.1", 8080)] = true;
        World.Specs.PortForwards = [Web, Web with { GuestPorts = new PortRange(81, 81), HostPorts = new PortRange(8081, 8081) }];
        var (id, _) = await RunningAsync();
        // 8081 is wanted by the other one.
        string[] expected = ["TCP from 127.0.0.1:80 to 127.0.0.1:8082", "TCP from 127.0.0.1:81 to 127.0.0.1:8081"];
        await EventuallyAsync(() => Assert.Equal(expected, Open));
        await EventuallyAsync(() => Assert.Equal(2, World.Forwards.Of(id).Forwards.Length));
        var moved = World.Forwards.Of(id).Forwards[0];
        Assert.Equal((true, new ForwardEnd("127.0.0.1", 8082)), (moved.IsForwarding, moved.Host));
        Assert.Contains("port 8082 is used instead", moved.Problem!.Message, StringComparison.Ordinal);
        World.Ports.Taken.Clear();
        Guest.Says(1, true, Tcp("127.0.0.1", 90));
        await EventuallyAsync(() => Assert.Equal([.. expected, "TCP from 127.0.0.1:90 to 127.0.0.1:90"], Open));
    }

    private static GuestListener Tcp(string ip, int port) => new(PortProtocol.Tcp, ip, port);
}
