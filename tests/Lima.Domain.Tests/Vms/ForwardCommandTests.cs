using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;

namespace Lima.Domain.Tests.Vms;

/// <summary>Rules for forwards that come and go while a machine runs.</summary>
public sealed class ForwardCommandTests
{
    private static VmState Running => VmPlaces.All["Running"];

    [Fact]
    public void A_rule_is_kept_and_carried_out_and_given_again_changes_nothing()
    {
        var changed = Accepted(Running, Say.ChangePorts());
        var after = Running.Apply(changed);
        Assert.Equal(Say.Web, Assert.Single(after.Forwards.Added));
        Assert.Equal([new VmEffect.ChangeForwards()], VmMachine.EffectsOf(after, changed).AsEnumerable());
        Assert.IsType<VmDecision.NoChange>(VmMachine.Decide(after, Say.ChangePorts(), VmStory.Epoch));
    }

    [Fact]
    public void Rules_end_with_the_machine_and_with_nothing_else()
    {
        var after = Running.Apply(Accepted(Running, Say.ChangePorts()));
        Assert.Equal(0, after.Apply(new VmEvents.Stopped(VmStory.Epoch, Say.Cause(VmCauses.Requested))).Forwards.Count);
        Assert.Equal(0, after.Apply(new VmEvents.Failed(VmStory.Epoch, Say.Cause(VmCauses.QemuCrashed))).Forwards.Count);
        Assert.Equal(1, after.Apply(new VmEvents.Paused(VmStory.Epoch)).Forwards.Count);
        Assert.Equal(1, after.Apply(new VmEvents.QemuAdopted(VmStory.Epoch, Say.Qemu)).Forwards.Count);
        Assert.Equal(1, after.Apply(new VmEvents.GuestRebooted(VmStory.Epoch)).Forwards.Count);
    }

    [Fact]
    public void What_is_to_be_saved_is_written_once_and_begun_again_by_the_next_host()
    {
        var changed = Accepted(Running, Say.ChangePorts(save: Say.Saved));
        var after = Running.Apply(changed);
        var write = new VmEffect.SaveForwards(Say.Saved);
        Assert.Equal([new VmEffect.ChangeForwards(), write], VmMachine.EffectsOf(after, changed).AsEnumerable());
        Assert.Equal(write, VmMachine.EffectsAfterRecovery(after)[^1]);
        Assert.Contains("try again in a moment", Assert.IsType<VmDecision.Reject>(VmMachine.Decide(after, Say.ChangePorts(), VmStory.Epoch)).Error.Hint, StringComparison.Ordinal);
        var stopped = after.Apply(new VmEvents.Stopped(VmStory.Epoch, Say.Cause(VmCauses.Requested)));
        Assert.Equal(write, Assert.Single(VmMachine.EffectsAfterRecovery(stopped)));
        Assert.IsType<VmDecision.NoChange>(VmMachine.Decide(stopped, new VmReports.ForwardsSaved(Say.Saved with { Before = "another" }), VmStory.Epoch));
        var saved = stopped.Apply(Assert.Single(Assert.IsType<VmDecision.Accept>(VmMachine.Decide(stopped, new VmReports.ForwardsSaved(Say.Saved), VmStory.Epoch)).Events));
        Assert.Null(saved.ForwardsToSave);
        Assert.Empty(VmMachine.EffectsAfterRecovery(saved));
    }

    [Fact]
    public void What_could_not_be_saved_is_said_and_holds_all_the_same()
    {
        var after = Running.Apply(Accepted(Running, Say.ChangePorts(save: Say.Saved)));
        var failed = new VmReports.ForwardsNotSaved(Say.Saved, Say.Cause(VmCauses.ForwardsNotSaved));
        var told = after.Apply(Assert.Single(Assert.IsType<VmDecision.Accept>(VmMachine.Decide(after, failed, VmStory.Epoch)).Events));
        Assert.Equal((null, VmCauses.ForwardsNotSaved, 1), (told.ForwardsToSave, told.Cause!.Code, told.Forwards.Count));
    }

    [Fact]
    public void Only_so_many_are_kept()
    {
        var state = Running;
        for (var port = 1; port <= Domain.PortForwarding.LiveRules.Max; port++) state = state.Apply(Accepted(state, Add(port)));
        Assert.IsType<VmDecision.Reject>(VmMachine.Decide(state, Add(1000), VmStory.Epoch));

        static VmCommand Add(int port) => new VmCommands.ChangeForwards(
            $"add-{port}", new Domain.PortForwarding.RuleChange([Say.Web with { HostPorts = new Domain.Specs.PortRange(port, port) }], []), null);
    }

    [Theory]
    [InlineData("Stopped", "`--save`")]
    [InlineData("Running (stopping)", "wait until it runs again")]
    public void A_refusal_says_what_to_do(string place, string hint) =>
        Assert.Contains(hint, Assert.IsType<VmDecision.Reject>(VmMachine.Decide(VmPlaces.All[place], Say.ChangePorts(), VmStory.Epoch)).Error.Hint, StringComparison.Ordinal);

    private static VmEvent Accepted(VmState state, VmCommand command) =>
        Assert.Single(Assert.IsType<VmDecision.Accept>(VmMachine.Decide(state, command, VmStory.Epoch)).Events);
}
