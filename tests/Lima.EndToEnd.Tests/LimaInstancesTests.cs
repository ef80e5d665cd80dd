using System.Diagnostics;
using Lima.EndToEnd.Tests.Support;

namespace Lima.EndToEnd.Tests;

/// <summary>Directories as Lima itself leaves them are instances here: listed, edited, started, and left as Lima would know them.</summary>
public sealed class LimaInstancesTests(LimaHome home) : IClassFixture<LimaHome>
{
    private static readonly TimeSpan Patient = TimeSpan.FromMinutes(2);
    private readonly Limactl _cli = home.Cli;

    [ProductFact]
    public async Task Instances_of_Lima_are_listed_edited_and_started_from_their_directories()
    {
        await home.RunningAsync("source");
        (await _cli.RunAsync("stop", "source")).Ok();
        // The layout of today, the one of before 2.0 (disk over the image), and one that is protected.
        Make("today", "2.2.0", "cpus: 1   # one is enough\n");
        await CopyDiskAsync("today", "disk");
        Make("older", null, "cpus: 1\n");
        await CopyDiskAsync("older", "basedisk");
        await QemuImgAsync("create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", home["older/basedisk"], home["older/diffdisk"]);
        Make("kept", "2.1.0", "cpus: 1\n");
        await CopyDiskAsync("kept", "disk");
        File.WriteAllText(home["kept/protected"], "");

        var listed = (await _cli.ListAsync()).ToDictionary(instance => instance.Name);
        Assert.All(["today", "older", "kept"], name => Assert.Equal("Stopped", listed[name].Status));
        Assert.Equal(("2.2.0", "", "2.1.0"), (listed["today"].LimaVersion, listed["older"].LimaVersion, listed["kept"].LimaVersion));
        Assert.True(listed["kept"].Protected);
        (await _cli.RunAsync("delete", "-f", "kept")).Fails(1, "protected", "limactl unprotect");

        (await _cli.RunAsync("edit", "--tty=false", "--set", ".memory = \"300MiB\"", "today")).Ok();
        Assert.Matches("(?m)^cpus: 1 +# one is enough$", File.ReadAllText(home["today/lima.yaml"]));
        Assert.Equal(300L << 20, (await _cli.ShowAsync("today")).Memory);

        foreach (var name in (string[])["today", "older"])
        {
            (await _cli.RunAsync(Patient, "start", "--tty=false", name)).Ok();
            Assert.Equal("Linux", await _cli.GuestAsync(name, "uname"));
        }

        // Homes of instances from before 2.1 are called otherwise.
        Assert.EndsWith(".guest", await _cli.GuestAsync("today", "sh", "-c", "echo $HOME"));
        Assert.EndsWith(".linux", await _cli.GuestAsync("older", "sh", "-c", "echo $HOME"));
        Assert.True(new FileInfo(home["older/basedisk"]).LinkTarget is null && File.Exists(home["older/diffdisk"]));
        (await _cli.RunAsync("stop", "today", "older")).Ok();
        Assert.Equal("2.2.0", File.ReadAllText(home["today/lima-version"]).Trim());
        Assert.False(File.Exists(home["older/lima-version"]));
    }

    private void Make(string name, string? version, string hardware)
    {
        Directory.CreateDirectory(home[name]);
        File.WriteAllText(home[$"{name}/lima.yaml"], $"images:\n- location: /gone.qcow2\n  arch: x86_64\narch: x86_64\n{hardware}memory: 256MiB\ndisk: 1GiB\nmounts: []\ncontainerd: {{system: false, user: false}}\n");
        if (version is not null) File.WriteAllText(home[$"{name}/lima-version"], version);
        foreach (var file in (string[])["kernel", "kernel.cmdline", "initrd"]) File.Copy(home[$"source/{file}"], home[$"{name}/{file}"]);
    }

    private Task CopyDiskAsync(string name, string file) => QemuImgAsync("convert", "-O", "qcow2", Image, home[$"{name}/{file}"]);

    /// <summary>The image itself, which no guest has written to; it lies beside its kernel.</summary>
    private string Image => Path.Combine(Path.GetDirectoryName(new FileInfo(home["source/kernel"]).LinkTarget!)!, "disk.qcow2");

    private static async Task QemuImgAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("qemu-img", arguments) { RedirectStandardError = true })!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, error);
    }
}
