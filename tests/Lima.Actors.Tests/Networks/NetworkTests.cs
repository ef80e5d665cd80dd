using Akka.Actor;
using Lima.Actors.Networks;
using Lima.Actors.Tests.Support;
using Lima.Domain.Networks;
using Lima.Domain.Vms;
using Lima.Drivers;
using Lima.Drivers.Hypervisors;
using Lima.Drivers.Networks;
using Xunit.Abstractions;

namespace Lima.Actors.Tests.Networks;

/// <summary>Cards of VMs on networks between them: attached before the machine lives, attached again whatever has died, detached with it.</summary>
public sealed class NetworkTests : ActorSpec, INetworkPlans, IGatewayNames
{
    private readonly NetworkModel _model = new();
    private readonly Dictionary<string, byte> _cards = new() { ["a"] = 1, ["b"] = 2 };
    private string _gateway = "10.0.0.1";

    public NetworkTests(ITestOutputHelper output) : base(output)
    {
        World.Networks = new NetworkServices(World.Home, this, this, _model);
        World.Hypervisor.CardsOf = name => [new MachineCard("dev", new Mac(0x525555000000ul + _cards[name]), Path.Combine(World.Home.Path, name, "net0.sock"))];
    }

    NetworkPlan INetworkPlans.Of(string network) => NetworkPlan.Of(network, _gateway, null, null, out var problem)
        ?? throw new DriverException(VmCauses.LaunchFailed, "reading", problem);

    Task<byte[]?> IGatewayNames.AnswerAsync(string network, ReadOnlyMemory<byte> question, CancellationToken cancel) => Task.FromResult<byte[]?>(null);

    private string Members => string.Join(' ', _model.Networks.SelectMany(network => network.Value.Members.Select(m => $"{network.Key}/{m.Member.Name}={m.Address}")));

    [Fact]
    public async Task A_machine_is_attached_before_it_lives_and_detached_when_it_has_ended()
    {
        var before = "";
        World.Hypervisor.BeforeLaunch = _ =>
        {
            before = Members;
            return Task.CompletedTask;
        };
        var (id, guest) = await RunningAsync("a");
        Assert.Equal("dev/a=10.0.0.3", before);
        Assert.Equal("10.0.0.3", Assert.Single(_model.Of("A")).Address.ToString());
        Assert.Equal("10.0.0.3", Assert.Single(_model.Of(id)).Address.ToString());
        await RunningAsync("b");
        Assert.Equal("dev/a=10.0.0.3 dev/b=10.0.0.4", Members);
        guest.PressPower();
        await EventuallyAsync(() => Assert.Equal("dev/b=10.0.0.4", Members));
        await UntilAsync("a", s => s.Phase != VmPhase.Running);
        await DoAsync("a", Say.Start);
        await UntilAsync("a", s => s.Phase == VmPhase.Running);
        Assert.Equal("dev/a=10.0.0.3 dev/b=10.0.0.4", Members);
    }

    [Fact]
    public async Task A_card_that_another_machine_has_is_refused_with_a_reason_and_the_other_stays()
    {
        await RunningAsync("a");
        _cards["b"] = _cards["a"];
        await CreateAsync("b");
        await DoAsync("b", Say.Start);
        var state = await UntilAsync("b", s => s.Phase == VmPhase.Error);
        Assert.Equal(VmCauses.LaunchFailed, state.Cause!.Code);
        Assert.Contains("instance `a` has a card with the address 52:55:55:00:00:01 on network `dev` already", state.Cause.Message, StringComparison.Ordinal);
        Assert.Equal(("dev/a=10.0.0.3", 1), (Members, World.Hypervisor.Launches));
        // It is not forgotten either when the network is made anew.
        await KillNetworkAsync("network-1");
        await EventuallyAsync(() => Assert.Equal("dev/a=10.0.0.3", Members));
    }

    [Fact]
    public async Task After_the_hosts_death_the_machines_that_live_are_attached_again()
    {
        await RunningAsync("a");
        await RunningAsync("b");
        await World.StopAsync();
        await EventuallyAsync(() => Assert.Equal("", Members));
        await World.RestartedAsync();
        await EventuallyAsync(() => Assert.Equal("dev/a=10.0.0.3 dev/b=10.0.0.4", Members));
        Assert.Equal(2, World.Hypervisor.Launches);
    }

    [Fact]
    public async Task A_network_that_has_failed_is_made_again_with_all_that_were_attached()
    {
        await RunningAsync("a");
        await RunningAsync("b");
        await KillNetworkAsync("network-1");
        await EventuallyAsync(() => Assert.Equal("dev/a=10.0.0.3 dev/b=10.0.0.4", Members));
        await KillNetworkAsync("network-2");
        await EventuallyAsync(() => Assert.Equal("dev/a=10.0.0.3 dev/b=10.0.0.4", Members));
        Assert.Equal(VmPhase.Running, (await UntilAsync("a", _ => true)).Phase);
    }

    [Fact]
    public async Task A_launch_that_fails_leaves_nobody_attached_and_a_new_definition_counts_from_then_on()
    {
        World.Hypervisor.BeforeLaunch = _ => throw new DriverException(VmCauses.LaunchFailed, "launching", "no");
        await CreateAsync("a");
        await DoAsync("a", Say.Start);
        await UntilAsync("a", s => s.Phase == VmPhase.Error);
        await EventuallyAsync(() => Assert.Equal("", Members));
        _gateway = "10.7.0.1";
        World.Hypervisor.BeforeLaunch = _ => Task.CompletedTask;
        await DoAsync("a", Say.Start);
        await UntilAsync("a", s => s.Phase == VmPhase.Running);
        Assert.Equal("dev/a=10.7.0.3", Members);
    }

    [Fact]
    public async Task A_definition_that_is_wrong_is_the_reason_why_the_machine_does_not_start()
    {
        _gateway = "nowhere";
        await CreateAsync("a");
        await DoAsync("a", Say.Start);
        var state = await UntilAsync("a", s => s.Phase == VmPhase.Error);
        Assert.Equal("network `dev` needs a gateway, an IPv4 address, got `nowhere`", state.Cause!.Message);
        Assert.Equal(0, World.Hypervisor.Launches);
    }

    private async Task KillNetworkAsync(string name)
    {
        var network = await Sys.ActorSelection("/user/networks/" + name).ResolveOne(Patience);
        var gone = network.WatchAsync();
        network.Tell(Kill.Instance);
        await gone.WaitAsync(Patience);
    }
}
