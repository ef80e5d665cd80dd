using System.Collections.Immutable;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Hypervisors;
using Lima.Drivers.Instances;
using Lima.Drivers.Qemu;

namespace Lima.Drivers.Tests.Qemu;

/// <summary>Whole command lines: what a guest sees changes only on purpose.</summary>
public sealed class QemuCommandLineTests
{
    private const string Id = "6f2b4b51-6a3c-4c1e-9f5e-0a1b2c3d4e5f";
    private const string D = "/home/user/.lima/box";

    private static QemuSpec Spec(string arch = "x86_64", Accelerator accelerator = Accelerator.Kvm) => new()
    {
        Vm = new VmSpec
        {
            Arch = arch,
            Cpus = 2,
            MemoryBytes = 4L << 30,
            DiskBytes = 100L << 30,
            Images = [],
            User = new UserSpec("user", "", "/home/user.guest", "/bin/bash", 1000),
        },
        Id = new VmId(Id),
        Directory = new InstanceDirectory(VmName.Parse("box"), D),
        Program = "/usr/bin/" + QemuArch.Get(arch).Binary,
        Version = new QemuVersion(7, 2, 22),
        Accelerator = accelerator,
        SshPort = 39217,
        MacAddress = "52:55:55:e7:b1:fa",
        Firmware = "/usr/share/OVMF/OVMF_CODE.fd",
        DiskFormat = "qcow2",
    };

    private static string Line(QemuSpec spec) => string.Join('\n', QemuCommandLine.Build(spec).Arguments
        .Aggregate(new List<string>(), (lines, word) =>
        {
            if (word.StartsWith('-')) lines.Add(word);
            else lines[^1] += " " + word;
            return lines;
        }));

    private static string Expect(string machine, string boot, string disks, string devices, string consoles) => $"""
        -name lima-box
        -uuid {Id}
        -nodefaults
        {machine}
        {boot}{disks}
        -netdev user,id=net0,net=192.168.5.0/24,dhcpstart=192.168.5.15,hostfwd=tcp:127.0.0.1:39217-:22
        {devices}
        {consoles}
        -chardev socket,id=char-serial-virtio,path={D}/serialv.sock,server=on,wait=off,logfile={D}/serialv.log,logappend=off
        -device virtio-serial-pci,id=virtio-serial0,max_ports=4
        -device virtconsole,chardev=char-serial-virtio,id=console0
        -chardev file,id=char-progress,path={D}/progress.log,append=off
        -device virtserialport,chardev=char-progress,id=progress0,name=io.lima-vm.progress.0
        -chardev socket,id=char-agent,path={D}/ga.sock,server=on,wait=off
        -device virtserialport,chardev=char-agent,id=agent0,name=io.lima-vm.guest_agent.0
        -chardev socket,id=char-qmp,path={D}/qmp.sock,server=on,wait=off
        -qmp chardev:char-qmp
        -chardev socket,id=char-plug,path={D}/plug.sock,server=on,wait=off
        -mon chardev=char-plug,mode=control
        -pidfile {D}/qemu.pid
        """;

    private const string Kvm = "-m 4096\n-cpu host\n-machine q35\n-accel kvm\n-smp 2,sockets=1,cores=2,threads=1";
    private const string Uefi = "-drive if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE.fd\n";

    private const string Tcg = """
        -m 4096
        -cpu max
        -machine q35,vmport=off
        -accel tcg,thread=multi,tb-size=512
        -global ICH9-LPC.disable_s3=1
        -global ICH9-LPC.disable_s4=1
        -smp 2,sockets=1,cores=2,threads=1
        """;

    private const string Disks = $"""
        -device qemu-xhci,id=usb-bus
        -drive file={D}/disk,format=qcow2,if=none,discard=unmap,detect-zeroes=unmap,id=boot-disk
        -device virtio-blk-pci,drive=boot-disk,bootindex=1
        -boot order=c,splash-time=0,menu=on
        -drive id=cdrom0,if=none,format=raw,readonly=on,file={D}/cidata.iso
        -device virtio-scsi-pci,id=scsi0
        -device scsi-cd,bus=scsi0.0,drive=cdrom0
        """;

    private const string Devices = """
        -device virtio-net-pci,netdev=net0,mac=52:55:55:e7:b1:fa
        -device virtio-rng-pci
        -device virtio-balloon-pci,id=balloon0,free-page-reporting=on
        -device pvpanic
        -action panic=shutdown
        -display none
        """;

    private const string Console =
        $"-chardev socket,id=char-serial,path={D}/serial.sock,server=on,wait=off,logfile={D}/serial.log,logappend=off\n-serial chardev:char-serial";

    [Fact]
    public void Linux_with_kvm_and_uefi()
    {
        Assert.Equal(Expect(Kvm, Uefi, Disks, Devices, Console), Line(Spec()));
        Assert.Equal("/usr/bin/qemu-system-x86_64", QemuCommandLine.Build(Spec()).Program);
    }

    [Fact]
    public void Linux_translated_with_the_bios() =>
        Assert.Equal(Expect(Tcg, "", Disks, Devices, Console), Line(Spec(accelerator: Accelerator.Tcg) with { Firmware = null }));

    [Fact]
    public void MacOS_with_hvf() => Assert.Equal(
        Expect(Kvm.Replace("-accel kvm", "-accel hvf", StringComparison.Ordinal), Uefi, Disks, Devices, Console),
        Line(Spec(accelerator: Accelerator.Hvf)));

    [Fact]
    public void Aarch64_on_another_machine()
    {
        const string machine = """
            -m 4096
            -cpu max
            -machine virt
            -accel tcg,thread=multi,tb-size=512
            -smp 2,sockets=1,cores=2,threads=1
            """;
        const string consoles = $"""
            {Console}
            -chardev socket,id=char-serial-pci,path={D}/serialp.sock,server=on,wait=off,logfile={D}/serialp.log,logappend=off
            -device pci-serial,chardev=char-serial-pci
            """;
        var expected = Expect(
            machine, Uefi.Replace("OVMF/OVMF", "AAVMF/AAVMF", StringComparison.Ordinal), Disks,
            Devices.Replace("-device pvpanic\n", "", StringComparison.Ordinal), consoles);

        Assert.Equal(expected, Line(Spec("aarch64", Accelerator.Tcg) with { Firmware = "/usr/share/AAVMF/AAVMF_CODE.fd" }));
    }

    [Fact]
    public void Direct_boot_of_a_kernel()
    {
        var spec = Spec(accelerator: Accelerator.Tcg) with
        {
            Firmware = null,
            Boot = new DirectBoot($"{D}/kernel", $"{D}/initrd", "root=LABEL=root ro console=ttyS0 quiet"),
        };

        var kernel = $"{Disks}\n-kernel {D}/kernel\n-append root=LABEL=root ro console=ttyS0 quiet\n-initrd {D}/initrd";
        Assert.Equal(Expect(Tcg, "", kernel, Devices, Console), Line(spec));

        var bare = QemuCommandLine.Build(spec with { Boot = new DirectBoot($"{D}/kernel", null, "") }).Arguments;
        Assert.DoesNotContain("-append", bare);
        Assert.DoesNotContain("-initrd", bare);
    }

    [Fact]
    public void What_an_older_qemu_does_not_know_is_left_out()
    {
        var devices = Devices.Replace("-action panic=shutdown\n", "", StringComparison.Ordinal);
        Assert.Equal(Expect(Kvm, Uefi, Disks, devices, Console), Line(Spec() with { Version = new QemuVersion(5, 2, 0) }));

        devices = devices.Replace("-device virtio-balloon-pci,id=balloon0,free-page-reporting=on\n", "", StringComparison.Ordinal);
        Assert.Equal(Expect(Kvm, Uefi, Disks, devices, Console), Line(Spec() with { Version = new QemuVersion(4, 2, 1) }));
    }

    [Fact]
    public void The_users_own_arguments_come_first_and_replace_ours()
    {
        var arguments = QemuCommandLine.Build(Spec() with { UserArguments = ["-cpu", "Nehalem", "-trace", "x"] }).Arguments;

        Assert.Equal("-cpu Nehalem -trace x -name", string.Join(" ", arguments[..5]));
        Assert.Single(arguments, "-cpu");
        Assert.DoesNotContain("host", arguments);
    }

    [Fact]
    public void Commas_in_paths_stay_in_the_path()
    {
        var arguments = QemuCommandLine.Build(Spec() with { Directory = new InstanceDirectory(VmName.Parse("box"), "/home/a,b/box") }).Arguments;

        Assert.Contains("file=/home/a,,b/box/disk,format=qcow2,if=none,discard=unmap,detect-zeroes=unmap,id=boot-disk", arguments);
        Assert.Contains("socket,id=char-qmp,path=/home/a,,b/box/qmp.sock,server=on,wait=off", arguments);
        Assert.Contains("/home/a,b/box/qemu.pid", arguments); // Not a list of options: taken as it is.
    }

    [Theory]
    [InlineData(128, 64)]
    [InlineData(1024, 256)]
    [InlineData(8192, 512)]
    public void Translated_code_takes_a_quarter_of_the_memory_within_bounds(long memoryMiB, long expected) =>
        Assert.Equal(expected, QemuCommandLine.TranslationBufferMiB(memoryMiB << 20));

    [Fact]
    public void Chosen_cpu_and_display()
    {
        var spec = Spec(accelerator: Accelerator.Tcg);
        var text = Line(spec with
        {
            Vm = spec.Vm with { CpuTypes = ImmutableDictionary<string, string>.Empty.Add("x86_64", "qemu64,+ssse3"), VideoDisplay = "vnc" },
        });

        Assert.Contains("-cpu qemu64,+ssse3\n", text, StringComparison.Ordinal);
        Assert.Contains(
            "-display vnc=127.0.0.1:0,to=9,password=on\n-device virtio-vga\n-device virtio-keyboard-pci\n-device virtio-tablet-pci\n",
            text, StringComparison.Ordinal);
    }
}
