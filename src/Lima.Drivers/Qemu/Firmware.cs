using Lima.Domain.Specs;
using Lima.Drivers.Instances;

namespace Lima.Drivers.Qemu;

/// <summary>Finds the UEFI image that a guest starts from.</summary>
public static class Firmware
{
    /// <summary>Name in the instance directory of an image that came with the template.</summary>
    public const string InstanceFile = "qemu-efi-code.fd";

    /// <summary>The image, or null when the guest starts without UEFI.</summary>
    /// <param name="spec">What the VM is to be.</param>
    /// <param name="directory">Its files.</param>
    /// <param name="qemu">Absolute path of QEMU; its own firmware lies beside it.</param>
    /// <param name="home">The user's home.</param>
    /// <param name="exists">Whether a file exists.</param>
    /// <exception cref="DriverException">Code <c>firmware-missing</c>: UEFI is wanted and there is none.</exception>
    public static string? Find(VmSpec spec, InstanceDirectory directory, string qemu, string home, Func<string, bool> exists)
    {
        var arch = QemuArch.Get(spec.Arch);
        if (!arch.HasUefi || (spec.Firmware.LegacyBios && arch.Name is "x86_64" or "armv7l")) return null;
        var own = spec.Firmware.Images.Where(image => image.Arch == arch.Name && image.Location.StartsWith('/')).Select(image => image.Location);
        return new[] { Path.Combine(directory.Path, InstanceFile) }.Concat(own).Concat(Candidates(arch, qemu, home)).FirstOrDefault(exists)
            ?? throw new DriverException(
                "firmware-missing", "looking for firmware", $"no UEFI firmware for `{arch.Name}` was found",
                arch.Name == "x86_64" ? "install the package `ovmf` (or `edk2-ovmf`), or set `firmware.legacyBIOS: true`" : $"install the package {Package(arch)}");
    }

    /// <summary>Where systems keep them, the most specific first.</summary>
    internal static IEnumerable<string> Candidates(QemuArch arch, string qemu, string home)
    {
        var name = $"edk2-{(arch.Name == "armv7l" ? "arm" : arch.Name)}-code.fd";
        yield return Path.Combine(home, ".local/share/qemu", name);
        if (Path.GetDirectoryName(Path.GetDirectoryName(qemu)) is { } prefix) yield return Path.Combine(prefix, "share/qemu", name);
        foreach (var path in OfSystem(arch)) yield return path;
    }

    private static string Package(QemuArch arch) => arch.Name switch
    {
        "aarch64" => "`qemu-efi-aarch64` (or `edk2-aarch64`)",
        "armv7l" => "`qemu-efi-arm` (or `edk2-arm`)",
        _ => $"`qemu-efi-{arch.Name}`",
    };

    private static string[] OfSystem(QemuArch arch) => arch.Name switch
    {
        "x86_64" =>
        [
            "/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_CODE_4M.fd",
            "/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/qemu/ovmf-x86_64.bin", "/usr/share/qemu/ovmf-x86_64-4m.bin",
        ],
        "aarch64" =>
        [
            "/usr/share/edk2/aarch64/QEMU_CODE.fd", "/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/qemu-efi-aarch64/QEMU_EFI.fd",
        ],
        "armv7l" => ["/usr/share/edk2/arm/QEMU_CODE.fd", "/usr/share/AAVMF/AAVMF32_CODE.fd"],
        "riscv64" => ["/usr/share/qemu-efi-riscv64/RISCV_VIRT_CODE.fd", "/usr/share/edk2/riscv/RISCV_VIRT_CODE.fd"],
        _ => [],
    };
}
