using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;

namespace Lima.Domain.Tests.Vms;

/// <summary>Edit, clone, rename and factory reset, from the command to the end, through crashes and failures.</summary>
public sealed class ErrandTests
{
    public static TheoryData<string> Errands => ["edit", "clone", "rename", "factory-reset"];

    [Theory]
    [MemberData(nameof(Errands))]
    public void Is_kept_with_all_it_needs_and_begun_again_by_the_next_host(string command)
    {
        var story = VmStory.Created().After(Say.Command(command));
        var first = Assert.Single(story.Effects);
        Assert.Equal(Effect(command), first);
        Assert.Equal(first, Assert.Single(story.Recover()));
    }

    [Theory]
    [MemberData(nameof(Errands))]
    public void Is_over_when_it_is_done(string command)
    {
        var story = VmStory.Created().After(Say.Command(command), Done(command));
        Assert.Equal((VmPhase.Stopped, VmIntent.None), (story.State.Phase, story.State.Intent));
        Assert.Null(story.State.Errand);
        Assert.Null(story.State.Cause);
        Assert.Equal(command == "rename" ? "renamed" : "dev", story.State.Name);
        // What comes late changes nothing.
        Assert.IsType<VmDecision.NoChange>(story.Handle(Done(command)));
        Assert.IsType<VmDecision.NoChange>(story.Handle(Say.Failed(Intent(command))));
    }

    [Theory]
    [MemberData(nameof(Errands))]
    public void Is_over_when_it_has_failed_and_says_why(string command)
    {
        var story = VmStory.Created().After(Say.Command(command), Say.Failed(Intent(command)));
        Assert.Equal((VmPhase.Stopped, VmIntent.None, "dev"), (story.State.Phase, story.State.Intent, story.State.Name));
        Assert.Null(story.State.Errand);
        Assert.Equal(VmCauses.EditFailed, story.State.Cause!.Code);
        Assert.IsType<VmDecision.Accept>(story.Handle(Say.Start()));
    }

    [Fact]
    public void A_failure_of_other_work_ends_nothing()
    {
        var story = VmStory.Created().After(Say.Edit());
        Assert.IsType<VmDecision.NoChange>(story.Handle(Say.Failed(VmIntent.Cloning)));
        Assert.Equal(VmIntent.Editing, story.State.Intent);
    }

    [Fact]
    public void Another_copy_being_there_does_not_end_this_one()
    {
        var story = VmStory.Created().After(Say.Clone());
        Assert.IsType<VmDecision.NoChange>(story.Handle(new VmReports.Cloned("another")));
        Assert.Equal(VmIntent.Cloning, story.State.Intent);
    }

    [Fact]
    public void A_new_name_given_by_hand_meanwhile_does_not_end_the_renaming()
    {
        var story = VmStory.Created().After(Say.Rename(), new VmReports.Renamed("by-hand"));
        Assert.Equal(("by-hand", VmIntent.Renaming), (story.State.Name, story.State.Intent));
        Assert.Equal(new VmEffect.RenameInstance("renamed"), Assert.Single(VmMachine.EffectsAfterRecovery(story.State)));
    }

    [Theory]
    [InlineData("Starting", "CancelBoot")]
    [InlineData("Starting with QEMU", "KillQemu")]
    [InlineData("Running", "KillQemu")]
    [InlineData("Paused", "KillQemu")]
    public void A_reset_ends_QEMU_first(string place, string effect)
    {
        var state = VmPlaces.All[place];
        var accepted = Assert.IsType<VmDecision.Accept>(VmMachine.Decide(state, Say.FactoryReset(), VmStory.Epoch));
        var resetting = state.Apply(Assert.Single(accepted.Events));
        Assert.Equal(effect, Assert.Single(VmMachine.EffectsOf(resetting, accepted.Events[0])).GetType().Name);
        // Too early: QEMU still has the disk.
        Assert.IsType<VmDecision.NoChange>(VmMachine.Decide(resetting, new VmReports.FactoryReset(), VmStory.Epoch));
        var stopped = new VmEvents.Stopped(VmStory.Epoch, Say.Cause(VmCauses.Requested));
        var down = resetting.Apply(stopped);
        Assert.Equal(VmIntent.Resetting, down.Intent);
        Assert.Contains(new VmEffect.ResetInstance(), VmMachine.EffectsOf(down, stopped));
    }

    [Fact]
    public void A_reset_clears_an_error_and_forgets_the_port()
    {
        var story = VmStory.Created().After(
            Say.Start(), Say.Prepared(), new VmReports.LaunchFailed(1, Say.Cause(VmCauses.LaunchFailed)), Say.FactoryReset(), new VmReports.FactoryReset());
        Assert.Equal((VmPhase.Stopped, 0), (story.State.Phase, story.State.SshPort));
        Assert.Null(story.State.Cause);
    }

    [Theory]
    [InlineData("edit")]
    [InlineData("clone")]
    [InlineData("rename")]
    public void Nobody_works_on_the_files_of_a_VM_that_turns_out_to_live(string command)
    {
        var story = VmStory.Created().After(Say.Command(command), new VmReports.Adopted(Say.Qemu, Paused: false));
        Assert.Equal((VmPhase.Running, VmIntent.None), (story.State.Phase, story.State.Intent));
        Assert.Contains(story.Journal, e => e is VmEvents.RequestFailed { Cause.Code: VmCauses.EditFailed or VmCauses.CloneFailed or VmCauses.RenameFailed });
    }

    [Theory]
    [InlineData("clone")]
    [InlineData("rename")]
    public void Its_own_name_is_no_new_one(string command)
    {
        VmCommand asked = command == "clone" ? new VmCommands.Clone("c", Say.CloneId, "dev") : new VmCommands.Rename("c", "dev");
        var refused = Assert.IsType<VmDecision.Reject>(VmStory.Created().Handle(asked));
        Assert.Equal("new instance name `dev` must be different from `dev`", refused.Error.Message);
    }

    private static VmEffect Effect(string command) => command switch
    {
        "edit" => new VmEffect.WriteConfiguration("images: []\n"),
        "clone" => new VmEffect.CloneInstance(Say.CloneId, "copy"),
        "rename" => new VmEffect.RenameInstance("renamed"),
        _ => new VmEffect.ResetInstance(),
    };

    private static VmReport Done(string command) => command switch
    {
        "edit" => new VmReports.Edited(),
        "clone" => new VmReports.Cloned(Say.CloneId),
        "rename" => new VmReports.Renamed("renamed"),
        _ => new VmReports.FactoryReset(),
    };

    private static VmIntent Intent(string command) => command switch
    {
        "edit" => VmIntent.Editing,
        "clone" => VmIntent.Cloning,
        "rename" => VmIntent.Renaming,
        _ => VmIntent.Resetting,
    };
}
