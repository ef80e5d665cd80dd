using System.Collections.Immutable;
using Lima.Domain.Mounts;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;

namespace Lima.Domain.Tests.Vms;

/// <summary>Mounts that come and go while a machine runs.</summary>
public sealed class MountCommandTests
{
    private static VmState Running => VmPlaces.All["Running"];

    [Fact]
    public void An_added_mount_is_kept_and_made()
    {
        var added = Assert.Single(Accepted(Running, Say.AddMount()));
        var after = Running.Apply(added);
        Assert.Equal(new MountChange("/mnt/src", "/src", Writable: true), Assert.Single(after.MountChanges).Value);
        Assert.IsType<VmEffect.ChangeMounts>(Assert.Single(VmMachine.EffectsOf(after, added)));
        var again = Assert.IsType<VmDecision.Reject>(VmMachine.Decide(after, Say.AddMount(), VmStory.Epoch));
        Assert.Contains("`/mnt/src` already, of `/src`", again.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_removed_mount_is_remembered_so_that_the_configuration_does_not_bring_it_back()
    {
        var after = Running.Apply(Assert.Single(Accepted(Running, Say.RemoveMount())));
        Assert.True(Assert.Single(after.MountChanges).Value.IsRemoved);
        Assert.IsType<VmDecision.NoChange>(VmMachine.Decide(after, Say.RemoveMount(), VmStory.Epoch));
        Assert.False(Assert.Single(after.Apply(Assert.Single(Accepted(after, Say.AddMount()))).MountChanges).Value.IsRemoved);
    }

    [Fact]
    public void Changes_end_with_the_machine()
    {
        var after = Running.Apply(Assert.Single(Accepted(Running, Say.AddMount())));
        Assert.Empty(after.Apply(new VmEvents.Stopped(VmStory.Epoch, Say.Cause(VmCauses.Requested))).MountChanges);
        Assert.Empty(after.Apply(new VmEvents.Failed(VmStory.Epoch, Say.Cause(VmCauses.QemuCrashed))).MountChanges);
        Assert.Single(after.Apply(new VmEvents.Paused(VmStory.Epoch)).MountChanges);
        Assert.Single(after.Apply(new VmEvents.QemuAdopted(VmStory.Epoch, Say.Qemu)).MountChanges);
    }

    [Fact]
    public void Only_so_many_are_kept()
    {
        var state = Running;
        for (var i = 0; i < VmMachine.MountChangesMax; i++)
            state = state.Apply(Assert.Single(Accepted(state, new VmCommands.AddMount($"add-{i}", "/src", $"/mnt/{i}", Writable: false))));
        Assert.IsType<VmDecision.Reject>(VmMachine.Decide(state, Say.AddMount(), VmStory.Epoch));
        Assert.IsType<VmDecision.Accept>(VmMachine.Decide(state, new VmCommands.RemoveMount("r", "/mnt/3"), VmStory.Epoch));
    }

    private static ImmutableArray<VmEvent> Accepted(VmState state, VmCommand command) =>
        Assert.IsType<VmDecision.Accept>(VmMachine.Decide(state, command, VmStory.Epoch)).Events;
}
