using Lima.Domain.Disks;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;

namespace Lima.Domain.Tests.Vms;

/// <summary>Disks that change while the machine runs, and guests that give back free space.</summary>
public sealed class DiskChangeTests
{
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    private static VmState Running => VmPlaces.All["Running"];

    private static VmState Changing => Running.Apply(new VmEvents.DiskChangeRequested(VmStory.Epoch, "c", Say.GrowData));

    [Fact]
    public void One_change_is_made_at_a_time_and_stands_in_no_other_commands_way()
    {
        var requested = Assert.Single(Assert.IsType<VmDecision.Accept>(VmMachine.Decide(Running, Say.ChangeDisk(), VmStory.Epoch)).Events);
        Assert.Equal(new VmEffect.ChangeDisk(Say.GrowData), Assert.Single(VmMachine.EffectsOf(Running.Apply(requested), requested)));
        Assert.IsType<VmDecision.Reject>(VmMachine.Decide(Changing, Say.ChangeDisk(), VmStory.Epoch));
        Assert.IsType<VmDecision.Accept>(VmMachine.Decide(Changing, Say.Stop(), VmStory.Epoch));
        Assert.IsType<VmDecision.Accept>(VmMachine.Decide(Changing, Say.Pause(), VmStory.Epoch));
    }

    [Fact]
    public void Its_end_is_stored_once_and_that_of_another_one_is_none()
    {
        var other = Say.GrowData with { Bytes = 1 };
        Assert.IsType<VmDecision.NoChange>(VmMachine.Decide(Changing, new VmReports.DiskChanged(other), VmStory.Epoch));
        Assert.IsType<VmDecision.NoChange>(VmMachine.Decide(Running, new VmReports.DiskChanged(Say.GrowData), VmStory.Epoch));
        var done = Assert.IsType<VmDecision.Accept>(VmMachine.Decide(Changing, new VmReports.DiskChanged(Say.GrowData), VmStory.Epoch));
        Assert.Null(Changing.Apply(Assert.Single(done.Events)).DiskChange);
        var failed = Assert.IsType<VmDecision.Accept>(
            VmMachine.Decide(Changing, new VmReports.DiskChangeFailed(Say.GrowData, Say.Cause(VmCauses.DiskChangeFailed)), VmStory.Epoch));
        var after = Changing.Apply(Assert.Single(failed.Events));
        Assert.Equal((null, VmCauses.DiskChangeFailed, VmPhase.Running), (after.DiskChange, after.Cause!.Code, after.Phase));
    }

    [Fact]
    public void What_is_not_finished_is_begun_again_by_whoever_comes_next()
    {
        var change = new VmEffect.ChangeDisk(Say.GrowData);
        Assert.Contains(change, VmMachine.EffectsOf(Changing, new VmEvents.QemuAdopted(VmStory.Epoch, Say.Qemu)));
        var stopped = new VmEvents.Stopped(VmStory.Epoch, Say.Cause(VmCauses.Requested));
        var failed = new VmEvents.Failed(VmStory.Epoch, Say.Cause(VmCauses.QemuCrashed));
        foreach (var end in new VmEvent[] { stopped, failed })
        {
            Assert.Contains(change, VmMachine.EffectsOf(Changing.Apply(end), end));
            Assert.Equal(change, Assert.Single(VmMachine.EffectsAfterRecovery(Changing.Apply(end))));
        }

        var deleting = Changing.Apply(new VmEvents.DeleteRequested(VmStory.Epoch, "d", Force: true));
        Assert.DoesNotContain(change, VmMachine.EffectsOf(deleting.Apply(stopped), stopped));
    }

    [Theory]
    [InlineData(6, null, false)]
    [InlineData(7, null, true)]
    [InlineData(20, 14, false)]
    [InlineData(21, 14, true)]
    public void A_guest_gives_back_free_space_once_a_week(int day, int? last, bool expected)
    {
        var state = last is { } at ? Running.Apply(new VmEvents.Trimmed(Running.Since.AddDays(at), 1)) : Running;
        Assert.Equal(expected, TrimRules.IsDue(state, DateTimeOffset.MinValue, Running.Since.AddDays(day), Week));
    }

    [Fact]
    public void One_that_could_not_is_left_in_peace_for_a_while_and_one_that_does_something_else_altogether()
    {
        var now = Running.Since.AddDays(30);
        Assert.False(TrimRules.IsDue(Running, now.AddHours(-5), now, Week));
        Assert.True(TrimRules.IsDue(Running, now.AddHours(-6), now, Week));
        Assert.False(TrimRules.IsDue(Running, DateTimeOffset.MinValue, now, TimeSpan.Zero));
        Assert.False(TrimRules.IsDue(Changing, DateTimeOffset.MinValue, now, Week));
        foreach (var place in new[] { "Stopped", "Starting", "Paused", "Running (stopping)", "Error" })
            Assert.False(TrimRules.IsDue(VmPlaces.All[place], DateTimeOffset.MinValue, now, Week));
    }
}
