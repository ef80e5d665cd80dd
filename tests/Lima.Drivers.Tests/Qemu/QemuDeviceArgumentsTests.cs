using System.Collections.Immutable;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Hypervisors;
using Lima.Drivers.Instances;
using Lima.Drivers.Mounts;
using Lima.Drivers.Qemu;

namespace Lima.Drivers.Tests.Qemu;

/// <summary>What devices that a template asks for add to the command line, and that nothing is added without them.</summary>
public sealed class QemuDeviceArgumentsTests
{
    internal static readonly QemuSpec Plain = new()
    {
        Vm = new VmSpec
        {
            Arch = "x86_64",
            Cpus = 1,
            MemoryBytes = 1L << 30,
            DiskBytes = 1L << 30,
            Images = [],
            User = new UserSpec("user", "", "/home/user.guest", "/bin/bash", 1000),
        },
        Id = new VmId("6f2b4b51-6a3c-4c1e-9f5e-0a1b2c3d4e5f"),
        Directory = new InstanceDirectory(VmName.Parse("box"), "/d"),
        Program = "/usr/bin/qemu-system-x86_64",
        Version = new QemuVersion(9, 0, 0),
        Accelerator = Accelerator.Kvm,
        SshPort = 1,
        MacAddress = "52:55:55:00:00:01",
        DiskFormat = "qcow2",
    };

    [Fact]
    public void Directories_over_9p_have_Limas_tags_and_are_read_only_unless_writable() => Assert.Equal(
        [
            "-virtfs local,mount_tag=lima-6e315e7efecd2be5,path=/home/user,security_model=none,readonly=on",
            "-virtfs local,mount_tag=lima-e89f6423c1dfe318,path=/tmp/lima-mnt-a,security_model=mapped-xattr",
        ],
        Added(Plain with
        {
            Vm = Plain.Vm with
            {
                Mounts = new MountsSpec
                {
                    Directories =
                    [
                        new MountSpec("/home/user", "/home/user", Writable: false),
                        new MountSpec("/tmp/lima-mnt-a", "/tmp/lima-mnt-a", Writable: true) { NineP = new NinePSpec { SecurityModel = "mapped-xattr" } },
                    ],
                },
            },
        }));

    [Fact]
    public void Directories_over_virtiofs_share_the_guests_memory_with_a_daemon_each()
    {
        var mount = new MountSpec("/srv/a", "/mnt/a", Writable: true) { VirtiofsQueueSize = 512 };
        var spec = Plain with
        {
            Vm = Plain.Vm with { Mounts = new MountsSpec { Type = MountType.Virtiofs, Directories = [mount] } },
            VirtiofsSockets = ["/d/virtiofsd-0.sock"],
        };
        Assert.Equal(
            [
                "-object memory-backend-memfd,id=virtiofs-shm,size=1073741824,share=on",
                "-numa node,memdev=virtiofs-shm",
                $"-chardev socket,id=char-vfs-{MountTag.Of(mount)[5..13]}-0,path=/d/virtiofsd-0.sock",
                $"-device vhost-user-fs-pci,queue-size=512,chardev=char-vfs-{MountTag.Of(mount)[5..13]}-0,id=vfs-{MountTag.Of(mount)[5..13]}-0,tag={MountTag.Of(mount)}",
                .. Enumerable.Range(0, 4).Select(port => $"-device pcie-root-port,id=plug{port},chassis={port + 1},slot={port + 1}"),
            ],
            Added(spec));
    }

    [Fact]
    public void Directories_over_ssh_need_no_device() =>
        Assert.Empty(Added(Plain with { Vm = Plain.Vm with { Mounts = new MountsSpec { Type = MountType.ReverseSshfs, Directories = [new MountSpec("/a", "/a", false)] } } }));

    [Fact]
    public void Further_disks_follow_the_main_one() => Assert.Equal(
        ["-drive file=/k/_disks/a,,b/datadisk,format=raw,if=virtio,discard=unmap,detect-zeroes=unmap,id=disk-a"],
        Added(Plain with { AdditionalDisks = [new AttachedDisk("a", "/k/_disks/a,b/datadisk", "raw")] }));

    [Fact]
    public void The_archive_of_containerd_is_the_last_disk() => Assert.Equal(
        [
            "-drive id=containerd,if=none,format=raw,readonly=on,file=/d/a,,b.tgz",
            "-device virtio-blk-pci,drive=containerd,serial=lima-containerd",
        ],
        Added(Plain with { ContainerdArchive = "/d/a,b.tgz" }));

    [Fact]
    public void A_CD_is_asked_before_the_disk()
    {
        var words = Options(Plain with { BootCd = "/d/iso" });
        Assert.Contains("-boot order=d,splash-time=0,menu=on", words);
        Assert.Contains("-drive file=/d/iso,format=raw,media=cdrom,readonly=on", words);
        Assert.Contains("-device virtio-blk-pci,drive=boot-disk", words);
    }

    [Fact]
    public void Further_networks_come_after_the_first_card_as_streams_or_as_datagrams()
    {
        var (daemon, ours) = (new AttachedNetwork("/n/b.sock", "52:55:55:00:00:03"), new AttachedNetwork("/n,/_networks/x/525555000002.sock", "52:55:55:00:00:02", "/d/net1.sock"));
        Assert.Equal(
            [
                "-netdev stream,id=net1,server=off,addr.type=unix,addr.path=/n/b.sock,reconnect=1",
                "-device virtio-net-pci,netdev=net1,mac=52:55:55:00:00:03",
                "-netdev dgram,id=net2,local.type=unix,local.path=/d/net1.sock,remote.type=unix,remote.path=/n,,/_networks/x/525555000002.sock",
                "-device virtio-net-pci,netdev=net2,mac=52:55:55:00:00:02",
            ],
            Added(Plain with { Networks = [daemon, ours] }));
        var words = Options(Plain with { Version = new QemuVersion(7, 2, 0), Networks = [daemon] });
        Assert.Contains("-netdev stream,id=net1,server=off,addr.type=unix,addr.path=/n/b.sock", words);
        Assert.Contains(words, word => word.Contains("hostfwd"));
    }

    [Theory]
    [InlineData("", "", 9, "")]
    [InlineData("none", "virtio", 9, "")]
    [InlineData("default", "", 9, "-audiodev pa,id=snd0|-device ich9-intel-hda|-device hda-output,audiodev=snd0")]
    [InlineData("alsa", "hda", 9, "-audiodev alsa,id=snd0|-device ich9-intel-hda|-device hda-output,audiodev=snd0")]
    [InlineData("alsa", "virtio", 9, "-audiodev alsa,id=snd0|-device virtio-sound-pci,audiodev=snd0")]
    [InlineData("alsa", "virtio", 7, "-audiodev alsa,id=snd0|-device ich9-intel-hda|-device hda-output,audiodev=snd0")]
    public void Sound_is_added_only_where_it_is_wanted(string device, string card, int version, string expected) => Assert.Equal(
        expected.Split('|', StringSplitOptions.RemoveEmptyEntries),
        Added(Plain with { Version = new QemuVersion(version, 0, 0), Vm = Plain.Vm with { Audio = new AudioSpec { Device = device, Interface = card } } }));

    [Fact]
    public void A_trusted_platform_module_speaks_to_its_emulator() => Assert.Equal(
        ["-chardev socket,id=chrtpm,path=/d/swtpm.sock", "-tpmdev emulator,id=tpm0,chardev=chrtpm", "-device tpm-crb,tpmdev=tpm0"],
        Added(Plain with { TpmSocket = "/d/swtpm.sock" }));

    [Fact]
    public void The_screen_over_the_network_is_where_the_template_says() => Assert.Contains(
        "-display vnc=127.0.0.1:7,password=on",
        Options(Plain with { Vm = Plain.Vm with { VideoDisplay = "vnc", Vnc = new VncSpec { Display = "127.0.0.1:7" } } }));

    private static List<string> Added(QemuSpec spec) => [.. Options(spec).Except(Options(Plain))];

    private static List<string> Options(QemuSpec spec) => QemuCommandLine.Build(spec).Arguments.Aggregate(new List<string>(), (lines, word) =>
    {
        if (word.StartsWith('-')) lines.Add(word);
        else lines[^1] += " " + word;
        return lines;
    });
}
