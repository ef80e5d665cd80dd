using Xunit.Abstractions;

namespace Lima.Drivers.Tests.BootScripts;

/// <summary>Alpine from RAM, with stand-ins for everything that touches disks and mounts.</summary>
public sealed class DataVolumeTests(ITestOutputHelper output)
{
    private const string Script = "boot.d/04-persistent-data-volume.sh";

    public static TheoryData<string> All => Shells.All;

    [Theory]
    [MemberData(nameof(All))]
    public void On_a_disk_there_is_nothing_to_do(string shell)
    {
        if (Alpine(shell, "/dev/vda3 / ext4 rw 0 0\n") is not { } root) return;
        using var _ = root;
        root.RunAgainIdly(Script);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_first_boot_makes_the_volume_on_the_empty_disk(string shell)
    {
        if (Alpine(shell, "tmpfs / tmpfs rw 0 0\nmount0 /home/alice.guest/my\\040files 9p rw,cache=5,trans=virtio 0 0\n") is not { } root) return;
        using var _ = root;
        root.StandIn("blkid");
        root.StandIn("lsblk", """
            case $* in
              '-nro NAME,TYPE') printf 'sr0 rom\nvda disk\nvdb disk\n' ;;
              *MOUNTPOINT' /dev/vda') printf ' disk \next4 part \n' ;;
              *MOUNTPOINT' /dev/vdb') printf ' disk \n' ;;
              '-nro NAME,TYPE /dev/vdb') printf 'vdb disk\nvdb1 part\n' ;;
            esac
            """);
        root.Write("/home/alice.guest/file", "x");
        root.Run(Script);
        Assert.Equal(
            [
                "umount /home/alice.guest/my files", "sfdisk -q --label dos /dev/vdb", "mkfs.ext4 -q -F -L data-volume-new /dev/vdb1",
                "mount -t ext4 /dev/vdb1 /mnt/data", "e2label /dev/vdb1 data-volume", "mount --bind /mnt/data/etc /etc",
                "mount --bind /mnt/data/home /home", "mount --bind /mnt/data/root /root", "mount --bind /mnt/data/tmp /tmp",
                "mount --bind /mnt/data/usr/local /usr/local", "mount --bind /mnt/data/var/lib /var/lib",
                "mount -t 9p -o rw,cache=mmap,trans=virtio mount0 /home/alice.guest/my files", "apk fix --no-network",
            ],
            root.Calls.Where(call => !call.StartsWith("lsblk", StringComparison.Ordinal) && !call.StartsWith("blkid", StringComparison.Ordinal)));
        Assert.Equal("x", root.Read("/mnt/data/home/alice.guest/file"));
        Assert.Equal("alice", root.Shell("stat -c %U /mnt/data/home/alice.guest"));
        Assert.True(root.Exists("/mnt/data/etc/passwd"));
        Assert.Equal("/mnt/data/apk/cache", root.Shell("readlink /etc/apk/cache"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Later_boots_grow_and_mount_it_and_keep_what_is_new(string shell)
    {
        if (Alpine(shell, "tmpfs / tmpfs rw 0 0\n") is not { } root) return;
        using var _ = root;
        root.StandIn("blkid", "printf '/dev/vda: LABEL=\"x\"\\n/dev/vdb1: LABEL=\"data-volume\" UUID=\"1\" PARTLABEL=\"data-volume\"\\n'");
        root.StandIn("lsblk", "echo vdb");
        foreach (var program in (string[])["growpart", "resize2fs"]) root.StandIn(program);
        root.StandIn("e2fsck", "exit 1");
        root.Write("/etc/resolv.conf", "nameserver 192.168.5.3\n");
        root.Write("/mnt/data/etc/resolv.conf", "old\n");
        root.Write("/mnt/data/etc/own", "own\n");
        root.Run(Script);
        Assert.Equal(
            [
                "blkid ", "lsblk -nro PKNAME /dev/vdb1", "growpart /dev/vdb 1", "e2fsck -f -p /dev/vdb1", "resize2fs /dev/vdb1",
                "mount -t ext4 /dev/vdb1 /mnt/data", "mount --bind /mnt/data/etc /etc", "apk fix --no-network",
            ],
            root.Calls);
        Assert.Equal("nameserver 192.168.5.3\n", root.Read("/mnt/data/etc/resolv.conf"));
        Assert.Equal("own\n", root.Read("/mnt/data/etc/own"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_file_system_beyond_mending_is_not_grown(string shell)
    {
        if (Alpine(shell, "tmpfs / tmpfs rw 0 0\n") is not { } root) return;
        using var _ = root;
        root.StandIn("blkid", "printf '/dev/vdb1: LABEL=\"data-volume\"\\n'");
        root.StandIn("lsblk", "echo vdb");
        foreach (var program in (string[])["growpart", "resize2fs"]) root.StandIn(program);
        root.StandIn("e2fsck", "exit 4");
        root.Run(Script);
        Assert.DoesNotContain("resize2fs /dev/vdb1", root.Calls);
        Assert.Contains("mount -t ext4 /dev/vdb1 /mnt/data", root.Calls);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Without_an_empty_disk_that_is_said_and_mounts_come_back(string shell)
    {
        if (Alpine(shell, "tmpfs / tmpfs rw 0 0\nmount0 /root/m virtiofs ro 0 0\n") is not { } root) return;
        using var _ = root;
        root.StandIn("blkid");
        root.StandIn("lsblk", "case $* in '-nro NAME,TYPE') echo 'vda disk' ;; *) echo 'ext4 disk /' ;; esac");
        var (code, text) = root.TryRun(Script);
        Assert.Equal((1, "nothing outlasts this boot: there is no empty disk\n"), (code, text));
        Assert.Equal("mount -t virtiofs -o ro mount0 /root/m", root.Calls[^1]);
    }

    private GuestRoot? Alpine(string shell, string mounts)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return null;
        root.Write("/etc/alpine-release", "3.20.3\n");
        root.Write("/proc/mounts", mounts);
        // What the essential scripts, which are run again, would do is tested elsewhere.
        Directory.Delete(root[GuestRoot.Seed + "/boot.essential"], recursive: true);
        root.Write(GuestRoot.Seed + "/boot.essential/10-nothing.sh", "");
        foreach (var program in (string[])["mount", "umount", "sfdisk", "mkfs.ext4", "e2label", "apk"]) root.StandIn(program);
        return root;
    }
}
