using Lima.Actors.Tests.Support;
using Lima.Domain.Vms;
using Lima.Drivers.Progress;
using Xunit.Abstractions;

namespace Lima.Actors.Tests.Vms;

/// <summary>A guest that says when its SSH server can be reached is logged in to at that moment, and is not asked before.</summary>
public sealed class SshReachableTests(ITestOutputHelper output) : ActorSpec(output)
{
    [Fact]
    public async Task A_guest_with_network_and_server_is_logged_in_to_without_being_asked()
    {
        World.Settings = World.Settings with { ProgressSilence = TimeSpan.FromMinutes(10) };
        World.Progress.ByItself = [new(1, GuestReportKind.Phase, "network"), new(2, GuestReportKind.Ssh, ""), new(3, GuestReportKind.Ready, "iid-1")];
        await RunningAsync();
        Assert.Equal(0, World.Ssh.Asked);
        Assert.Equal(1, World.Ssh.Sessions);
    }

    [Fact]
    public async Task A_server_without_network_is_asked_first()
    {
        World.Settings = World.Settings with { ProgressSilence = TimeSpan.FromMinutes(10) };
        World.Progress.ByItself = [new(1, GuestReportKind.Ssh, ""), new(2, GuestReportKind.Ready, "iid-1")];
        await RunningAsync();
        Assert.True(World.Ssh.Asked > 0);
    }

    [Fact]
    public async Task A_question_that_hangs_is_given_up_when_the_guest_says_that_it_can_be_reached()
    {
        World.Ssh.AskingHangs = true;
        World.Progress.ByItself = [];
        await CreateAsync("web");
        await DoAsync("web", Say.Start);
        await EventuallyAsync(() => Assert.Equal(1, World.Ssh.Asked));
        World.Progress.Say(GuestReportKind.Ssh);
        World.Progress.Say(GuestReportKind.Phase, "network");
        World.Progress.Say(GuestReportKind.Ready, "iid-1");
        await UntilAsync("web", s => s.Phase == VmPhase.Running);
        Assert.Equal(1, World.Ssh.Asked);
    }

    [Fact]
    public async Task A_login_that_fails_although_the_guest_said_so_is_tried_again_by_asking()
    {
        World.Settings = World.Settings with { ProgressSilence = TimeSpan.FromMinutes(10) };
        World.Ssh.IsUp = false;
        World.Progress.ByItself = [new(1, GuestReportKind.Phase, "network"), new(2, GuestReportKind.Ssh, ""), new(3, GuestReportKind.Ready, "iid-1")];
        await CreateAsync("web");
        await DoAsync("web", Say.Start);
        await EventuallyAsync(() => Assert.True(World.Ssh.Asked > 0));
        World.Ssh.IsUp = true;
        await UntilAsync("web", s => s.Phase == VmPhase.Running);
        Assert.Equal(1, World.Ssh.Sessions);
    }
}
