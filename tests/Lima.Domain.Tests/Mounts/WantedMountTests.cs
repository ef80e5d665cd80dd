using System.Collections.Immutable;
using Lima.Domain.Mounts;
using Lima.Domain.Specs;

namespace Lima.Domain.Tests.Mounts;

public sealed class WantedMountTests
{
    private static readonly MountSpec Outer = new("/a", "/mnt", Writable: false);
    private static readonly MountSpec Inner = new("/b", "/mnt/inner", Writable: true);

    [Fact]
    public void Outer_mounts_come_first_and_an_open_type_stays_open()
    {
        var wanted = WantedMount.All(new MountsSpec { Directories = [Inner, Outer] }, []);
        Assert.Equal<WantedMount>([new WantedMount(Outer, null), new WantedMount(Inner, null)], wanted);
    }

    [Fact]
    public void A_type_that_was_chosen_is_kept() => Assert.Equal<WantedMount>(
        [new WantedMount(Outer, MountType.Virtiofs)],
        WantedMount.All(new MountsSpec { Directories = [Outer], Type = MountType.Virtiofs, IsChosen = true }, []));

    [Fact]
    public void Changes_of_users_come_last()
    {
        var configured = new MountsSpec { Directories = [Outer, Inner], Type = MountType.NineP, IsChosen = true };
        var wanted = WantedMount.All(configured, [new MountChange("/mnt", "", Writable: false, IsRemoved: true), new MountChange("/x", "/c", Writable: true)]);
        Assert.Equal<WantedMount>(
            [new WantedMount(Inner, MountType.NineP), new WantedMount(new MountSpec("/c", "/x", Writable: true), MountType.ReverseSshfs, IsAdded: true)], wanted);
    }

    public static TheoryData<MountType, bool, string, bool, MountType> Launches => new()
    {
        { MountType.NineP, false, "", true, MountType.Virtiofs },
        { MountType.NineP, false, "", false, MountType.NineP },
        { MountType.NineP, true, "", true, MountType.NineP },
        { MountType.Virtiofs, true, "", false, MountType.Virtiofs },
        { MountType.NineP, false, "virtiofs", true, MountType.NineP },
        { MountType.ReverseSshfs, false, "9p", true, MountType.Virtiofs },
        { MountType.ReverseSshfs, false, "9p", false, MountType.ReverseSshfs },
        { MountType.ReverseSshfs, true, "", true, MountType.ReverseSshfs },
    };

    [Theory]
    [MemberData(nameof(Launches))]
    public void A_machine_is_launched_with_the_way_that_was_chosen_else_with_the_fastest(MountType type, bool chosen, string lacks, bool canServe, MountType expected)
    {
        ImmutableArray<MountType> unsupported = MountTypes.Parse(lacks) is { } lacking ? [lacking] : [];
        var mounts = new MountsSpec { Type = type, IsChosen = chosen, Unsupported = unsupported, Directories = [Outer] };
        Assert.Equal(expected, MountTypes.AtLaunch(mounts, _ => canServe));
    }

    [Fact]
    public void One_mount_that_cannot_be_served_decides_for_all_and_none_decides_nothing()
    {
        Assert.Equal(MountType.NineP, MountTypes.AtLaunch(new MountsSpec { Directories = [Outer, Inner] }, mount => mount.Writable));
        Assert.Equal(MountType.NineP, MountTypes.AtLaunch(new MountsSpec(), _ => true));
    }

    [Theory]
    [InlineData("9p")]
    [InlineData("virtiofs")]
    [InlineData("reverse-sshfs")]
    [InlineData("wsl2")]
    public void Words_are_those_of_Lima(string word) => Assert.Equal(word, MountTypes.Word(MountTypes.Parse(word)!.Value));
}
