using System.Runtime.InteropServices;

namespace Lima.Drivers.Qemu;

/// <summary>What QEMU calls the guest architectures, which have Lima's names everywhere else.</summary>
/// <param name="Name">Lima's name (<c>x86_64</c>, <c>aarch64</c>, …).</param>
/// <param name="Binary">Name of QEMU's program.</param>
/// <param name="Machine">Its machine type.</param>
/// <param name="Bus">Ending of the names of virtio devices: <c>pci</c> or <c>ccw</c>.</param>
/// <param name="HasUefi">Whether the guest starts from a UEFI image in flash.</param>
public sealed record QemuArch(string Name, string Binary, string Machine, string Bus, bool HasUefi)
{
    private static readonly QemuArch[] Known =
    [
        new("x86_64", "qemu-system-x86_64", "q35", "pci", true),
        new("aarch64", "qemu-system-aarch64", "virt", "pci", true),
        new("armv7l", "qemu-system-arm", "virt", "pci", true),
        new("riscv64", "qemu-system-riscv64", "virt,acpi=off", "pci", true),
        new("ppc64le", "qemu-system-ppc64", "pseries", "pci", false),
        new("s390x", "qemu-system-s390x", "s390-ccw-virtio", "ccw", false),
    ];

    /// <summary>Architecture of this machine, in Lima's words.</summary>
    public static string Host => RuntimeInformation.OSArchitecture switch
    {
        Architecture.X64 => "x86_64",
        Architecture.Arm64 => "aarch64",
        Architecture.Arm => "armv7l",
        Architecture.RiscV64 => "riscv64",
        Architecture.Ppc64le => "ppc64le",
        Architecture.S390x => "s390x",
        var other => other.ToString(),
    };

    /// <summary>Whether it is one of the ARM family.</summary>
    public bool IsArm => Name is "aarch64" or "armv7l";

    /// <summary>The architecture of that name.</summary>
    /// <exception cref="DriverException">QEMU is not known to have it.</exception>
    public static QemuArch Get(string name) => Array.Find(Known, arch => arch.Name == name) ?? throw new DriverException(
        "arch-unknown", "choosing QEMU", $"arch `{name}` is not supported by the qemu driver",
        $"use one of: {string.Join(", ", Known.Select(arch => arch.Name))}");
}
