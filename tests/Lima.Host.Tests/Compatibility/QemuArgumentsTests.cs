using System.Collections.Immutable;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Hypervisors;
using Lima.Drivers.Qemu;
using Xunit.Abstractions;

namespace Lima.Host.Tests.Compatibility;

/// <summary>A guest of ours gets the hardware that Lima gives it, for every instance that Lima recorded.</summary>
public sealed class QemuArgumentsTests(ITestOutputHelper output)
{
    private static readonly string[] Files = ["qemu-argv.txt", "qemu-command-line.txt"];

    public static TheoryData<string> Instances => RecordedInstance.Names(Files);

    [Theory]
    [MemberData(nameof(Instances))]
    public void The_hardware_is_that_of_Lima(string name)
    {
        if (RecordedInstance.Read(name, output) is not { } instance) return;
        var lima = Arguments(instance.Path);
        var expected = QemuMeaning.Of(lima);
        Assert.Equal(
            instance.Spec.Networks.IsEmpty ? expected : QemuMeaning.WithFirstCardOnUserNetwork(expected),
            QemuMeaning.Of(QemuCommandLine.Build(Spec(instance, lima)).Arguments));
    }

    private static QemuSpec Spec(RecordedInstance instance, IReadOnlyList<string> lima)
    {
        var home = Path.GetDirectoryName(instance.Directory.Path)!;
        return new QemuSpec
        {
            Vm = instance.Spec,
            Id = new VmId("6f2b4b51-6a3c-4c1e-9f5e-0a1b2c3d4e5f"),
            Directory = instance.Directory,
            Program = "/usr/bin/qemu-system-x86_64",
            Version = new QemuVersion(7, 2, 0),
            Accelerator = lima.Any(word => word.Contains("accel=kvm")) ? Accelerator.Kvm : Accelerator.Tcg,
            SshPort = 22222,
            MacAddress = "52:55:55:00:00:01",
            Firmware = instance.Spec.Firmware.LegacyBios ? null : "/usr/share/OVMF/OVMF_CODE.fd",
            DiskFormat = "qcow2",
            Boot = After(lima, "-kernel") is { } kernel ? new DirectBoot(kernel, After(lima, "-initrd"), After(lima, "-append") ?? "") : null,
            BootCd = lima.Any(word => word.EndsWith("/iso,media=cdrom,readonly=on", StringComparison.Ordinal)) ? instance.Directory.Iso : null,
            AdditionalDisks = [.. instance.Spec.AdditionalDisks.Select(disk => new AttachedDisk(disk.Name, $"{home}/_disks/{disk.Name}/datadisk", "qcow2"))],
            Networks = [.. instance.Spec.Networks.Select((network, at) => new AttachedNetwork($"{home}/_networks/{network.Lima}/x.sock", network.MacAddress, instance.Directory.NetworkSocket(at)))],
        };
    }

    private static string? After(IReadOnlyList<string> words, string option) =>
        words.Index().Where(word => word.Item == option).Select(word => words[word.Index + 1]).FirstOrDefault();

    // One a line where QEMU was seen to run; else a line for a shell, in which only -append has blanks.
    private static IReadOnlyList<string> Arguments(string path)
    {
        var text = RecordedInstance.Text(path, Files);
        if (File.Exists(Path.Combine(path, Files[0]))) return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)];
        return [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Skip(1)];
    }
}
