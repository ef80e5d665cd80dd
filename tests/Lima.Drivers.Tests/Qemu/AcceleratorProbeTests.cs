using Lima.Drivers.Processes;
using Lima.Drivers.Qemu;
using Lima.Drivers.Qemu.Probe;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.Qemu;

public sealed class AcceleratorProbeTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private static string? NoVariables(string name) => null;

    private static Task<QemuInstallation> QemuAsync(string arch) =>
        QemuInstallation.FindAsync(QemuArch.Get(arch), NoVariables, CancellationToken.None);

    [Theory]
    [InlineData("x86_64")]
    [InlineData("aarch64")]
    public async Task The_probes_guest_answers_where_guests_run(string arch)
    {
        if (!Need.Programs(output, QemuArch.Get(arch).Binary)) return;

        var (usable, how) = await AcceleratorProbe.RunAsync(
            await QemuAsync(arch), QemuArch.Get(arch), Accelerator.Tcg, CancellationToken.None, TimeSpan.FromSeconds(60));

        Assert.True(usable, how);
        Assert.Equal("tcg works: a guest ran and answered", how);
    }

    [Fact]
    public async Task A_hang_is_noticed()
    {
        if (!Need.Programs(output, "qemu-system-x86_64")) return;
        // The machine is held before its first instruction: what a hang looks like from outside.
        var held = (await QemuAsync("x86_64")) with { Program = await ScriptAsync("exec qemu-system-x86_64 -S \"$@\"") };

        var (usable, how) = await AcceleratorProbe.RunAsync(
            held, QemuArch.Get("x86_64"), Accelerator.Tcg, CancellationToken.None, TimeSpan.FromSeconds(1));

        Assert.False(usable);
        Assert.Equal("tcg hangs: the guest never started within 1 s", how);
    }

    [Fact]
    public async Task An_abort_is_noticed_with_qemus_own_words()
    {
        var aborting = new QemuInstallation(await ScriptAsync("printf 123; echo 'Assertion `x` failed.' >&2; kill -ABRT $$"), [], new QemuVersion(7, 2, 0));

        var (usable, how) = await AcceleratorProbe.RunAsync(aborting, QemuArch.Get("x86_64"), Accelerator.Kvm, CancellationToken.None);

        Assert.False(usable);
        Assert.Equal("kvm fails: the guest reached 64-bit mode and stopped there (Assertion `x` failed.)", how);
    }

    [Fact]
    public async Task Chooses_what_runs_and_remembers_it_until_something_changes()
    {
        if (!Need.Programs(output, "qemu-system-x86_64") || QemuArch.Host != "x86_64") return;
        var qemu = await QemuAsync("x86_64");
        var arch = QemuArch.Get("x86_64");
        var first = await new AcceleratorProbe(_directory["state/accelerator.json"], "boot-1", NoVariables)
            .ChooseAsync(qemu, arch, null, CancellationToken.None);
        output.WriteLine(first.ToString());
        Assert.True(first.Accelerator == Accelerator.Kvm ? first.Reason.Contains("works", StringComparison.Ordinal) : first.Reason.Length > 20);
        if (!File.Exists("/dev/kvm")) return;

        // A cache that says otherwise is believed, which shows that nothing ran; another boot or firmware asks anew.
        var cached = await File.ReadAllTextAsync(_directory["state/accelerator.json"]);
        await File.WriteAllTextAsync(_directory["state/accelerator.json"], cached.Replace(first.Reason.Split(' ')[0], "CACHED", StringComparison.Ordinal));
        var probe = new AcceleratorProbe(_directory["state/accelerator.json"], "boot-1", NoVariables);
        Assert.StartsWith("CACHED", (await probe.ChooseAsync(qemu, arch, null, CancellationToken.None)).Reason, StringComparison.Ordinal);
        Assert.Equal(first, await probe.ChooseAsync(qemu, arch, Environment.ProcessPath, CancellationToken.None));
        await File.WriteAllTextAsync(_directory["state/accelerator.json"], "{ damaged");
        Assert.Equal(first, await probe.ChooseAsync(qemu, arch, null, CancellationToken.None));
        Assert.Single(Directory.EnumerateFileSystemEntries(_directory["state"]));
    }

    [Theory]
    [InlineData("kvm", Accelerator.Kvm)]
    [InlineData("tcg", Accelerator.Tcg)]
    public async Task The_user_has_the_last_word(string value, Accelerator expected)
    {
        var qemu = new QemuInstallation("/no/such/qemu", [], new QemuVersion(7, 2, 0));
        var choice = await new AcceleratorProbe(_directory["a.json"], "boot", name => name == "LIMA_ACCEL" ? value : null)
            .ChooseAsync(qemu, QemuArch.Get("x86_64"), null, CancellationToken.None);

        Assert.Equal(new AcceleratorChoice(expected, "LIMA_ACCEL=" + value), choice);
    }

    [Fact]
    public async Task A_word_that_is_no_accelerator_is_refused_and_a_foreign_architecture_is_translated()
    {
        var qemu = new QemuInstallation("/no/such/qemu", [], new QemuVersion(7, 2, 0));
        var refused = await Assert.ThrowsAsync<DriverException>(() => new AcceleratorProbe(_directory["a.json"], "boot", _ => "xen")
            .ChooseAsync(qemu, QemuArch.Get("x86_64"), null, CancellationToken.None));
        Assert.Equal("LIMA_ACCEL is `xen`", refused.Message);

        var foreign = await new AcceleratorProbe(_directory["a.json"], "boot", NoVariables)
            .ChooseAsync(qemu, QemuArch.Get("s390x"), null, CancellationToken.None);
        Assert.Equal(Accelerator.Tcg, foreign.Accelerator);
        Assert.Contains("s390x is not this machine's", foreign.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x86_64", "", "-Ttext")]
    [InlineData("aarch64", "aarch64-linux-gnu-", "")]
    public async Task The_machine_code_is_what_its_source_says(string arch, string prefix, string link)
    {
        if (Need.DirectoryAbove(output, "src/Lima.Drivers/Qemu/Probe") is not { } sources || !Need.Programs(output, prefix + "as", prefix + "objcopy")) return;
        await RunAsync(prefix + "as", [.. link.Length > 0 ? (string[])["--64"] : [], $"{sources}/probe-{arch}.s", "-o", _directory["o"]]);
        if (link.Length > 0) await RunAsync("ld", ["-N", link, "0x100000", "-o", _directory["elf"], _directory["o"]]);
        await RunAsync(prefix + "objcopy", ["-O", "binary", "-j", ".text", _directory[link.Length > 0 ? "elf" : "o"], _directory["bin"]]);

        Assert.Equal(await File.ReadAllBytesAsync(_directory["bin"]), ProbePayload.For(arch));
    }

    private static async Task RunAsync(string program, string[] arguments)
    {
        var result = await ProcessRunner.RunAsync(new ProcessSpec(program, [.. arguments]), TimeSpan.FromSeconds(30), CancellationToken.None);
        Assert.True(result.ExitCode == 0, result.Error);
    }

    private async Task<string> ScriptAsync(string body)
    {
        var path = _directory["qemu-" + Guid.NewGuid().ToString("N")];
        await File.WriteAllTextAsync(path, "#!/bin/sh\n" + body + "\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
