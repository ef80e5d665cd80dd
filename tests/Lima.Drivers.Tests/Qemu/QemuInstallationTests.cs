using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Instances;
using Lima.Drivers.Qemu;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.Qemu;

public sealed class QemuInstallationTests(ITestOutputHelper output)
{
    private static readonly QemuArch X64 = QemuArch.Get("x86_64");

    [Theory]
    [InlineData("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)\nCopyright", 7, 2, 22)]
    [InlineData("QEMU emulator version 10.0.0", 10, 0, 0)]
    [InlineData("8.2", 8, 2, 0)]
    public void Reads_versions(string text, int major, int minor, int patch)
    {
        Assert.True(QemuVersion.TryParse(text, out var version));
        Assert.Equal(new QemuVersion(major, minor, patch), version);
    }

    [Fact]
    public void Compares_versions()
    {
        Assert.False(QemuVersion.TryParse("no version here", out _));
        Assert.True(new QemuVersion(7, 10, 0) > new QemuVersion(7, 2, 22));
        Assert.True(new QemuVersion(7, 2, 0) <= new QemuVersion(7, 2, 0));
        new QemuInstallation("/q", [], new QemuVersion(8, 2, 1)).Require("8.2.1");
        var old = Assert.Throws<DriverException>(() => new QemuInstallation("/q", [], new QemuVersion(8, 2, 0)).Require("8.2.1"));
        Assert.Equal("QEMU 8.2.0 is too old; `8.2.1` or later is needed", old.Message);
    }

    [Theory]
    [InlineData("", new string[0])]
    [InlineData("/a/qemu -cpu  host", new[] { "/a/qemu", "-cpu", "host" })]
    [InlineData("'/a b/qemu' \"-x \\\"y\\\"\" c\\ d ''", new[] { "/a b/qemu", "-x \"y\"", "c d", "" })]
    public void Splits_the_variable_as_a_shell_does(string text, string[] expected) =>
        Assert.Equal(expected, QemuInstallation.SplitWords(text));

    [Fact]
    public async Task Finds_the_real_one_and_takes_the_users_choice()
    {
        if (!Need.Programs(output, "qemu-system-x86_64")) return;
        var found = await QemuInstallation.FindAsync(X64, _ => null, CancellationToken.None);
        Assert.EndsWith("/qemu-system-x86_64", found.Program, StringComparison.Ordinal);
        Assert.True(found.Version >= QemuInstallation.Oldest);

        var chosen = await QemuInstallation.FindAsync(
            X64, name => name == "QEMU_SYSTEM_X86_64" ? found.Program + " -cpu Nehalem" : null, CancellationToken.None);
        Assert.Equal(found.Program, chosen.Program);
        Assert.Equal("-cpu Nehalem", string.Join(" ", chosen.UserArguments));
    }

    [Fact]
    public async Task Says_which_package_is_missing()
    {
        var missing = await Assert.ThrowsAsync<DriverException>(() =>
            QemuInstallation.FindAsync(X64, _ => "/no/such/qemu", CancellationToken.None));

        Assert.Equal("qemu-missing", missing.Cause.Code);
        Assert.Equal("`/no/such/qemu` is not installed (it is named in QEMU_SYSTEM_X86_64)", missing.Message);
        Assert.NotEmpty(missing.Cause.Hint);
    }

    private static string? Find(VmSpec spec, params string[] existing) => Firmware.Find(
        spec, new InstanceDirectory(VmName.Parse("box"), "/i/box"), "/opt/qemu/bin/qemu-system-x86_64", "/home/u", existing.Contains);

    private static VmSpec Spec(string arch = "x86_64", FirmwareSpec? firmware = null) => new()
    {
        Arch = arch, Cpus = 1, MemoryBytes = 1 << 30, DiskBytes = 1 << 30, Images = [], Firmware = firmware ?? new(),
        User = new UserSpec("user", "", "/home/user.guest", "/bin/bash", 1000),
    };

    [Fact]
    public void Looks_for_firmware_from_the_most_specific_place_on()
    {
        string[] places =
        [
            "/i/box/qemu-efi-code.fd", "/mine.fd", "/home/u/.local/share/qemu/edk2-x86_64-code.fd", "/opt/qemu/share/qemu/edk2-x86_64-code.fd",
            "/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_CODE_4M.fd",
        ];
        var spec = Spec(firmware: new FirmwareSpec { Images = [new ImageSource("/mine-arm.fd", "aarch64"), new ImageSource("/mine.fd", "x86_64")] });

        for (var i = 0; i < places.Length; i++) Assert.Equal(places[i], Find(spec, [.. places[i..], "/mine-arm.fd"]));
    }

    [Fact]
    public void The_bios_needs_none_and_a_missing_one_names_the_way_out()
    {
        Assert.Null(Find(Spec(firmware: new FirmwareSpec { LegacyBios = true })));
        Assert.Null(Find(Spec("s390x")));
        var missing = Assert.Throws<DriverException>(() => Find(Spec()));
        Assert.Equal("no UEFI firmware for `x86_64` was found", missing.Message);
        Assert.Contains("firmware.legacyBIOS: true", missing.Cause.Hint, StringComparison.Ordinal);
        Assert.Contains("qemu-efi-aarch64", Assert.Throws<DriverException>(() => Find(Spec("aarch64", new FirmwareSpec { LegacyBios = true }))).Cause.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_follows_from_the_identity()
    {
        var id = new VmId("6f2b4b51-6a3c-4c1e-9f5e-0a1b2c3d4e5f");
        Assert.Matches("^52:55:55(:[0-9a-f]{2}){3}$", MacAddress.Of(id));
        Assert.Equal(MacAddress.Of(id), MacAddress.Of(id));
        Assert.NotEqual(MacAddress.Of(id), MacAddress.Of(VmId.From(Guid.Empty)));
    }
}
