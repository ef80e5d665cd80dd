using System.Collections.Immutable;
using Lima.Domain.Mounts;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Instances;
using Lima.Drivers.Mounts;

namespace Lima.Drivers.Tests.Mounts;

public sealed class MountRoundTests
{
    private static readonly MountSpec Src = new("/src", "/mnt/src", Writable: true);
    private readonly FakeGuestSession _guest = new();
    private readonly FakeTransport _ninep = new(MountType.NineP), _virtiofs = new(MountType.Virtiofs) { Offered = false }, _sshfs = new(MountType.ReverseSshfs);

    [Fact]
    public async Task A_mount_that_is_not_there_is_made_and_then_left_alone()
    {
        var first = await RunAsync([new WantedMount(Src, null)], []);
        Assert.Equal(MountCondition.Mounted, Assert.Single(first).Status.Condition);
        Assert.Equal(MountType.NineP, first[0].Type);
        Assert.Equal(2, _guest.Looks);
        var second = await RunAsync([new WantedMount(Src, null)], first);
        Assert.Same(first[0].Live, second[0].Live);
        Assert.Equal(3, _guest.Looks);
        Assert.Single(_ninep.Made);
    }

    [Fact]
    public async Task One_of_an_earlier_life_is_taken_up()
    {
        _guest.Table.Add(new GuestMount("tag", "/mnt/src", "9p", ReadOnly: false, []));
        var kept = await RunAsync([new WantedMount(Src, null)], []);
        Assert.Same(Assert.Single(_ninep.Adopted), kept[0].Live);
        Assert.Empty(_ninep.Made);
        Assert.Empty(_guest.Commands);
    }

    [Fact]
    public async Task One_that_cannot_be_taken_up_is_unmounted_and_made_anew()
    {
        _sshfs.Adopts = false;
        _guest.Table.Add(new GuestMount("old", "/mnt/src", "fuse.sshfs", ReadOnly: false, []));
        var kept = await RunAsync([new WantedMount(Src, MountType.ReverseSshfs)], []);
        Assert.Same(Assert.Single(_sshfs.Made), kept[0].Live);
        Assert.Contains("umount -l", Assert.Single(_guest.Commands), StringComparison.Ordinal);
        Assert.Single(_guest.Table);
    }

    [Fact]
    public async Task One_with_other_rights_is_made_anew()
    {
        _guest.Table.Add(new GuestMount("tag", "/mnt/src", "9p", ReadOnly: true, []));
        var kept = await RunAsync([new WantedMount(Src, MountType.NineP)], []);
        Assert.True(kept[0].IsUp);
        Assert.False(Assert.Single(_guest.Table).ReadOnly);
    }

    [Fact]
    public async Task One_that_broke_is_let_go_and_made_anew()
    {
        var first = await RunAsync([new WantedMount(Src, null)], []);
        _ninep.Made[0].Break("its daemon ended");
        _ninep.Adopts = false;
        Assert.False(first[0].IsUp);
        var second = await RunAsync([new WantedMount(Src, null)], first);
        Assert.True(second[0].IsUp);
        Assert.True(_ninep.Made[0].IsDisposed);
        Assert.Equal(2, _ninep.Made.Count);
    }

    [Fact]
    public async Task What_somebody_unmounted_in_the_guest_is_mounted_again()
    {
        var first = await RunAsync([new WantedMount(Src, null)], []);
        _guest.Table.Clear();
        var second = await RunAsync([new WantedMount(Src, null)], first);
        Assert.True(second[0].IsUp);
        Assert.Single(_guest.Table);
    }

    [Fact]
    public async Task What_is_not_wanted_any_more_is_unmounted()
    {
        var first = await RunAsync([new WantedMount(Src, null)], []);
        Assert.Empty(await RunAsync([], first));
        Assert.True(_ninep.Made[0].IsDisposed);
        Assert.Empty(_guest.Table);
    }

    [Fact]
    public async Task A_guest_that_cannot_is_served_another_way_and_that_is_said()
    {
        _ninep.Problem = MountErrors.CannotBe("the guest's kernel has no 9p", "hint");
        var kept = await RunAsync([new WantedMount(Src, null)], []);
        Assert.Equal((MountType.ReverseSshfs, true), (kept[0].Type, kept[0].IsUp));
        Assert.Contains("no 9p", kept[0].Status.Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_way_that_the_user_chose_is_not_replaced()
    {
        _ninep.Problem = MountErrors.CannotBe("the guest's kernel has no 9p", "hint");
        var kept = await RunAsync([new WantedMount(Src, MountType.NineP)], []);
        Assert.Equal((MountType.NineP, MountCondition.Broken, "the guest's kernel has no 9p"), (kept[0].Type, kept[0].Status.Condition, kept[0].Status.Note));
        Assert.Empty(_sshfs.Made);
    }

    [Fact]
    public async Task A_chosen_way_that_is_lost_until_the_next_start_is_replaced()
    {
        (_virtiofs.Offered, _virtiofs.Problem) = (true, MountErrors.IsLost("no place is left for another device"));
        var kept = await RunAsync([new WantedMount(Src, MountType.Virtiofs)], []);
        Assert.Equal((MountType.ReverseSshfs, true), (kept[0].Type, kept[0].IsUp));
    }

    [Fact]
    public async Task A_failure_of_this_time_is_told_and_no_other_way_is_tried()
    {
        _ninep.Problem = MountErrors.Because("input/output error");
        var kept = await RunAsync([new WantedMount(Src, null), new WantedMount(new MountSpec("/b", "/mnt/z", Writable: true), MountType.ReverseSshfs)], []);
        Assert.Equal([MountCondition.Broken, MountCondition.Mounted], kept.Select(mount => mount.Status.Condition));
        Assert.Single(_sshfs.Made);
    }

    [Fact]
    public async Task A_guest_whose_table_does_not_show_it_is_not_believed()
    {
        _ninep.Lies = true;
        var kept = await RunAsync([new WantedMount(Src, null)], []);
        Assert.Equal(MountCondition.Broken, kept[0].Status.Condition);
        Assert.Contains("does not show it", kept[0].Status.Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_guest_itself_has_mounted_there_stays_below()
    {
        _guest.Table.Add(new GuestMount("none", "/mnt/src", "tmpfs", ReadOnly: false, []));
        Assert.True((await RunAsync([new WantedMount(Src, null)], []))[0].IsUp);
        Assert.Equal(["tmpfs", "9p"], _guest.Table.Select(row => row.FsType));
    }

    private Task<ImmutableArray<KeptMount>> RunAsync(ImmutableArray<WantedMount> wanted, ImmutableArray<KeptMount> kept) =>
        new MountRound([_sshfs, _ninep, _virtiofs]).RunAsync(
            new MountRoundInput(
                VmId.From(Guid.NewGuid()), new InstanceDirectory(VmName.Parse("web"), "/nowhere"), new UserSpec("me", "", "/home/me", "/bin/sh", 1000), _guest, wanted, kept),
            CancellationToken.None);
}
