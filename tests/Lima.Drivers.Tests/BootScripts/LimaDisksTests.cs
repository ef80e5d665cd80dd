using Xunit.Abstractions;

namespace Lima.Drivers.Tests.BootScripts;

/// <summary><c>05-lima-disks.sh</c>: what becomes of the disks beside an instance, in the guest.</summary>
public sealed class LimaDisksTests(ITestOutputHelper output)
{
    public static TheoryData<string> All { get; } = ["ash", "dash"];

    [Theory]
    [MemberData(nameof(All))]
    public void A_new_disk_gets_a_partition_and_ext4_once(string shell)
    {
        if (DiskGuest.Make(output, shell) is not { } guest) return;
        using var _ = guest;
        guest.Disk("vdb", 32);
        var (code, said) = guest.Boot(("data", "vdb", "true", "", "-m 0"));
        Assert.True(code == 0, said);
        Assert.Equal(["sfdisk type=linux -q --label vdb", "mount ext4 vdb1 lima-data"], guest.Calls);
        Assert.Equal(("ext4", "lima-data"), (guest.Blkid("vdb1", "TYPE"), guest.Blkid("vdb1", "LABEL")));
        Assert.True(guest.HasMountPoint("data"));
        var identity = guest.Blkid("vdb1", "UUID");

        Assert.Equal((0, ""), guest.Boot(("data", "vdb", "true", "", "-m 0")));
        Assert.Equal(["mount ext4 vdb1 lima-data"], guest.Calls);
        Assert.Equal((0, ""), guest.Run("disk", "data", "vdb", "true", "ext4", ""));
        Assert.Empty(guest.Calls);
        Assert.Equal(identity, guest.Blkid("vdb1", "UUID"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_disk_that_has_grown_is_followed_once(string shell)
    {
        if (DiskGuest.Make(output, shell) is not { } guest) return;
        using var _ = guest;
        guest.Disk("vdb", 32);
        guest.Boot(("data", "vdb", "true", "ext4", ""));
        guest.Before = "growpart() { called growpart \"${1##*/}\" \"$2\"; echo | sfdisk -N 1 \"$1\"; }\n";
        guest.Disk("vdb", 64);
        guest.Forget();
        Assert.Equal((0, ""), guest.Boot(("data", "vdb", "true", "ext4", "")));
        Assert.Equal(["growpart vdb 1", "sfdisk  -N 1 vdb", "mount ext4 vdb1 lima-data", "resize2fs vdb1"], guest.Calls);
        Assert.Equal((0, ""), guest.Boot(("data", "vdb", "true", "ext4", "")));
        Assert.Equal(["mount ext4 vdb1 lima-data"], guest.Calls);

        // While it is mounted, and without growpart.
        guest.Before = "";
        guest.Disk("vdb", 96);
        Assert.Equal((0, ""), guest.Run("disk", "data", "vdb", "true", "ext4", ""));
        Assert.Equal(["sfdisk , + -q --no-reread vdb", "partx -u vdb", "resize2fs vdb1"], guest.Calls.Where(call => !call.StartsWith("growpart", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Swap_is_made_switched_on_and_made_again_when_its_disk_has_grown(string shell)
    {
        if (DiskGuest.Make(output, shell) is not { } guest) return;
        using var _ = guest;
        guest.Disk("vdc", 16);
        Assert.Equal(0, guest.Boot(("swap", "vdc", "true", "swap", "")).Code);
        Assert.Equal(["sfdisk type=swap -q --label vdc", "mkswap  -L lima-swap vdc1", "swapon vdc1"], guest.Calls);
        Assert.Equal(("swap", "lima-swap"), (guest.Blkid("vdc1", "TYPE"), guest.Blkid("vdc1", "LABEL")));
        Assert.Equal((0, ""), guest.Boot(("swap", "vdc", "true", "swap", "")));
        Assert.Equal(["swapon vdc1"], guest.Calls);
        Assert.Equal((0, ""), guest.Run("disk", "swap", "vdc", "true", "swap", ""));
        Assert.Empty(guest.Calls);

        guest.Disk("vdc", 32);
        guest.Before = "growpart() { echo | sfdisk -N 1 \"$1\"; }\n";
        Assert.Equal(0, guest.Boot(("swap", "vdc", "true", "swap", "")).Code);
        Assert.Equal(["sfdisk  -N 1 vdc", "mkswap  -L lima-swap vdc1", "swapon vdc1"], guest.Calls);
        Assert.False(guest.HasMountPoint("swap"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void What_is_on_a_disk_is_never_written_over(string shell)
    {
        if (DiskGuest.Make(output, shell) is not { } guest) return;
        using var _ = guest;
        guest.Disk("vdb", 32);
        Assert.Equal(0, guest.Boot(("whole", "vdb", "true", "ext4", "")).Code);
        File.Copy(guest.Path1("vdb1"), guest.Path1("vdd"));
        guest.Disk("vdd", 30);
        guest.Forget();

        // Another type was asked for, the disk came from another instance, and it has no partition.
        var (code, said) = guest.Boot(("other", "vdd", "true", "xfs", ""));
        Assert.Equal((0, "disk other: it has ext4 and not xfs, and is left as it is\n"), (code, said));
        Assert.Equal("mount ext4 vdd lima-other", guest.Calls[0]);
        Assert.Equal("lima-whole", guest.Blkid("vdd", "LABEL"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_disk_that_is_not_to_be_formatted_must_have_a_file_system(string shell)
    {
        if (DiskGuest.Make(output, shell) is not { } guest) return;
        using var _ = guest;
        guest.Disk("vdb", 8);
        guest.Disk("vdc", 32);
        // One that fails does not keep the others from being used.
        var (code, said) = guest.Boot(("raw", "vdb", "false", "", ""), ("data", "vdc", "", "", ""), ("gone", "vdx", "true", "", ""));
        Assert.Equal(1, code);
        Assert.Contains("disk raw: there is no file system on ", said, StringComparison.Ordinal);
        Assert.Contains("disk gone: there is no device vdx", said, StringComparison.Ordinal);
        Assert.Equal(["sfdisk type=linux -q --label vdc", "mount ext4 vdc1 lima-data"], guest.Calls);
        Assert.Equal("", guest.Blkid("vdb", "TYPE"));
        Assert.Equal((0, ""), guest.Boot(("data", "vdc", "false", "", "")));
        Assert.Equal(["mount ext4 vdc1 lima-data"], guest.Calls);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_program_that_is_missing_is_named(string shell)
    {
        if (DiskGuest.Make(output, shell) is not { } guest) return;
        using var _ = guest;
        guest.Disk("vdb", 32);
        var (code, said) = guest.Boot(("data", "vdb", "true", "zz", ""));
        Assert.Equal((1, "disk data: making zz on"), (code, said[..23]));
        Assert.Contains("disk data: `mkfs.zz` is missing in this guest; install the package the programs of zz", said, StringComparison.Ordinal);
        Assert.DoesNotContain(guest.Calls, call => call.StartsWith("mount", StringComparison.Ordinal));
        (code, said) = guest.Boot(("data", "vdb", "true", "e;xt", ""));
        Assert.Equal(1, code);
        Assert.Contains("`e;xt` is no file system", said, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_disk_that_was_attached_later_is_found_by_its_number_and_released_by_name(string shell)
    {
        if (DiskGuest.Make(output, shell) is not { } guest) return;
        using var _ = guest;
        guest.Disk("sda", 8, "naa.5000000000000001");
        guest.Disk("sdb", 32, "naa.5000000000000002");
        Assert.Equal(0, guest.Run("disk", "data", "wwid:naa.5000000000000002", "true", "ext4", "").Code);
        Assert.Equal(["sfdisk type=linux -q --label sdb", "mount ext4 sdb1 lima-data"], guest.Calls);
        Assert.Equal((0, ""), guest.Run("release", "data", "wwid:naa.5000000000000002"));
        Assert.Equal(["umount lima-data"], guest.Calls);
        Assert.Equal((0, ""), guest.Run("release", "data", "wwid:naa.5000000000000002"));
        Assert.Empty(guest.Calls);
        var (code, said) = guest.Run("disk", "none", "wwid:naa.5000000000000003", "true", "ext4", "");
        Assert.Equal((1, "disk none: the disk does not appear in this guest\n"), (code, said));
        guest.Before = "umount() { return 1; }\n";
        guest.Run("disk", "data", "sdb", "true", "ext4", "");
        (code, said) = guest.Run("release", "data", "sdb");
        Assert.Equal(1, code);
        Assert.Contains("is in use in the guest; end what uses it there", said, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_label_that_is_too_long_is_cut(string shell)
    {
        if (DiskGuest.Make(output, shell) is not { } guest) return;
        using var _ = guest;
        guest.Disk("vdb", 32);
        Assert.Equal(0, guest.Boot(("a-name-that-is-quite-long", "vdb", "true", "ext4", "")).Code);
        Assert.Equal("lima-a-name-that", guest.Blkid("vdb1", "LABEL"));
        guest.Forget();
        Assert.Equal((0, ""), guest.Boot(("a-name-that-is-quite-long", "vdb", "true", "ext4", "")));
        Assert.Equal(["mount ext4 vdb1 lima-a-name-that-is-quite-long"], guest.Calls);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Every_file_system_on_a_disk_is_trimmed_once(string shell)
    {
        if (DiskGuest.Make(output, shell) is not { } guest) return;
        using var _ = guest;
        guest.Disk("vda", 8);
        guest.Mounts(
            $"proc /proc proc rw 0 0\n{guest.Path1("vda")} / ext4 rw 0 0\n{guest.Path1("vda")} /var ext4 rw 0 0\n" +
            $"{guest.Path1("sr0")} /mnt/lima-cidata iso9660 ro 0 0\n{guest.Path1("vdb1")} /mnt/with\\040blank xfs rw 0 0\n");
        Assert.Equal(0, guest.Run("trim").Code);
        Assert.Equal(["fstrim -v /", "fstrim -v /mnt/with blank"], guest.Calls);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_root_file_system_follows_its_disk(string shell)
    {
        if (DiskGuest.Make(output, shell) is not { } guest) return;
        using var _ = guest;
        guest.Disk("vda", 32);
        guest.Root("vda", "ext4", partition: null);
        Assert.Equal((0, ""), guest.Run("root"));
        Assert.Equal(["resize2fs vda"], guest.Calls);
        guest.Root("vda", "xfs", partition: 1);
        Assert.Equal((0, ""), guest.Run("root"));
        Assert.Equal(["sfdisk , + -q --no-reread vda", "partx -u vda", "xfs_growfs "], guest.Calls);
        guest.Root("vda", "tmpfs", partition: null);
        Assert.Equal((0, "root file system: tmpfs does not grow by itself\n"), guest.Run("root"));
    }
}
