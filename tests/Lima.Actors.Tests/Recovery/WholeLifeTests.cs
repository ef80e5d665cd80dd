using Lima.Actors.Tests.Support;
using Lima.Domain.Vms;
using Xunit.Abstractions;

namespace Lima.Actors.Tests.Recovery;

/// <summary>A whole life of a VM, cut short at each point between what is stored and what is done.</summary>
public sealed class WholeLifeTests(ITestOutputHelper output) : RecoverySpec(output)
{
    private static readonly string[] Points =
    [
        "received:Registered", "stored:Created", "received:Renamed",
        "stored:StartRequested", "before:ArmStartDeadline", "before:PrepareBoot", "received:Prepared", "stored:BootPrepared",
        "before:LaunchQemu", "received:Launched", "stored:QemuLaunched", "before:WatchQemu", "before:WatchReadiness",
        "received:RequirementMet", "stored:RequirementMet", "stored:Started", "before:CancelDeadlines", "before:OpenSsh",
        "before:VerifyQemu", "received:Adopted", "stored:QemuAdopted",
        "stored:PauseRequested", "before:PauseQemu", "received:Paused", "stored:Paused", "before:CloseSsh",
        "stored:ResumeRequested", "before:ResumeQemu", "received:Resumed", "stored:Resumed",
        "stored:RestartRequested", "before:PowerDown", "before:ArmStopDeadline", "received:Exited", "stored:Stopped", "before:CleanUp",
        "stored:StopRequested", "stored:DeleteRequested", "before:KillQemu", "before:RemoveInstance", "received:Removed", "stored:Deleted",
    ];

    public static TheoryData<string, bool> Cuts
    {
        get
        {
            var cuts = new TheoryData<string, bool>();
            foreach (var point in Points)
            {
                cuts.Add(point, false);
                cuts.Add(point, true);
            }

            return cuts;
        }
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task Nothing_is_lost_and_nothing_is_done_twice(string point, bool wholeHost)
    {
        Arm(point, wholeHost);
        var id = await InsistOnCreateAsync("web");
        await InsistAsync("web", Say.Start);
        await ReachAsync("web", s => s is { Phase: VmPhase.Running, Attempt: 1 });
        await World.RestartAsync();
        await ReachAsync("web", s => s.Phase == VmPhase.Running && World.EventsOf(id).Contains("QemuAdopted"));
        await InsistAsync("web", Say.Pause);
        await ReachAsync("web", s => s is { Phase: VmPhase.Paused, Intent: VmIntent.None });
        await InsistAsync("web", Say.Resume);
        await ReachAsync("web", s => s is { Phase: VmPhase.Running, Intent: VmIntent.None });
        await InsistAsync("web", Say.Restart);
        await ReachAsync("web", s => s is { Phase: VmPhase.Running, Attempt: 2 });
        await InsistAsync("web", Say.Stop);
        await ReachAsync("web", s => s.Phase == VmPhase.Stopped);
        Assert.Equal(0, World.Hypervisor.Living);
        await InsistAsync("web", Say.Start);
        await ReachAsync("web", s => s is { Phase: VmPhase.Running, Attempt: 3 });
        await InsistAsync("web", Say.ForceDelete);
        await ReachAsync(() => World.Views.Ready.IsCompleted && World.Views.Views.IsEmpty && World.Hypervisor.Living == 0);
        Assert.False(Directory.Exists(World.Home.Instance(VmName.Parse("web")).Path));
        Assert.Equal(3, World.Hypervisor.Launches);
        AssertNoHarm();

        // And it stays so.
        await World.RestartAsync();
        Assert.Empty(World.Views.Views);
    }
}
