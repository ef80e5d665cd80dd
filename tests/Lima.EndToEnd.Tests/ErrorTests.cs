using System.Net;
using System.Net.Sockets;
using Lima.EndToEnd.Tests.Support;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.EndToEnd.Tests;

/// <summary>What goes wrong is told in one clear sentence with the way out; nothing is left half-made.</summary>
public sealed class ErrorTests(LimaHome home, ITestOutputHelper output) : IClassFixture<LimaHome>
{
    private readonly Limactl _cli = home.Cli;

    [ProductFact]
    public async Task An_unknown_instance_is_refused_by_every_command()
    {
        foreach (var verb in new[] { "stop", "restart", "pause", "resume" }) (await _cli.RunAsync(verb, "nobody")).Fails(1, "`nobody` does not exist");
        (await _cli.RunAsync("shell", "nobody", "true")).Fails(1, "`nobody` does not exist", "limactl create nobody");
        (await _cli.RunAsync("wait", "nobody", "--for", "running")).Fails(1, "`nobody` does not exist");
        (await _cli.RunAsync("history", "nobody")).Fails(1, "`nobody`", "limactl list");
        (await _cli.RunAsync("list", "nobody")).Fails(1, "nobody");
        Assert.Empty(await _cli.ListAsync());
    }

    [ProductFact]
    public async Task A_wrong_command_line_is_status_2()
    {
        (await _cli.RunAsync("start", "--no-such-option", "x")).Fails(2, "--no-such-option");
        (await _cli.RunAsync("no-such-command")).Fails(2, "no-such-command");
        (await _cli.RunAsync("wait", "x", "--for", "lunch")).Fails(2, "lunch");
        (await _cli.RunAsync("list", "--format", "xml")).Fails(2, "xml");
        (await _cli.RunAsync("start", "--timeout", "soon", "template:tiny")).Fails(2, "soon");
    }

    [ProductTheory]
    [InlineData("../up")]
    [InlineData("-x")]
    [InlineData("a b")]
    [InlineData("_host")]
    [InlineData("ümlaut")]
    [InlineData("a/b")]
    public async Task A_bad_name_is_refused(string name)
    {
        (await _cli.RunAsync("create", "--tty=false", $"--name={name}", "template:tiny")).Fails(1, name);
        Assert.Empty(await _cli.ListAsync());
        Assert.DoesNotContain(Directory.EnumerateDirectories(home.Path), path => File.Exists(Path.Combine(path, "lima.yaml")));
    }

    [ProductFact]
    public async Task Bad_YAML_is_told_with_every_problem_and_its_line()
    {
        var file = await TemplateAsync("bad", "images:\n- location: \"recipe:tiny\"\n  arch: \"x86_64\"\ncpus: many\nmemory: 5 bananas\nssh:\n  localPort: 99999\n");
        foreach (var words in new[] { new[] { "validate", file }, ["create", "--tty=false", "--name=bad", file] })
        {
            var ran = (await _cli.RunAsync(words)).Fails(1, "cpus", "memory", "localPort");
            foreach (var line in new[] { 4, 5, 7 }) Assert.Matches($@"bad\.yaml:{line}\b", ran.Error);
        }

        (await _cli.RunAsync("create", "--tty=false", "--name=bad", await TemplateAsync("worse", "images: [\n"))).Fails(1, "worse.yaml:");
        Assert.False(Directory.Exists(home["bad"]));
    }

    [ProductFact]
    public async Task A_template_that_does_not_exist_is_named()
    {
        (await _cli.RunAsync("create", "--tty=false", "--name=x", "template:tinny")).Fails(1, "tinny");
        (await _cli.RunAsync("create", "--tty=false", "--name=x", "/no/such.yaml")).Fails(1, "/no/such.yaml");
        Assert.False(Directory.Exists(home["x"]));
    }

    [ProductFact]
    public async Task Without_an_image_for_the_architecture_nothing_is_started()
    {
        var ran = await StartAsync("noarch", "arch: x86_64\nimages:\n- location: \"/no/such.img\"\n  arch: \"aarch64\"\n");
        ran.Fails(1, "x86_64", "images");
        await DeleteAsync("noarch");
    }

    [ProductFact]
    public async Task A_wrong_digest_keeps_the_image_away_from_every_disk()
    {
        await File.WriteAllBytesAsync(home["disk.raw"], new byte[1 << 20]);
        var ran = await StartAsync("digest", Image(home["disk.raw"]) + $"  digest: \"sha256:{new string('0', 64)}\"\n");
        ran.Fails(1, "digest", new string('0', 64), home["disk.raw"]);
        Assert.False(File.Exists(home["digest/disk"]));
        await DeleteAsync("digest");
    }

    [ProductFact]
    public async Task A_truncated_image_is_told_as_such()
    {
        if (!Need.Programs(output, "qemu-img")) return;
        var image = home["cut.qcow2"];
        await File.WriteAllBytesAsync(home["full.raw"], [.. Enumerable.Repeat((byte)1, 4 << 20)]);
        (await _cli.ExecAsync("qemu-img", ["convert", "-O", "qcow2", home["full.raw"], image], TimeSpan.FromSeconds(60))).Ok();
        using (var cut = new FileStream(image, FileMode.Open)) cut.SetLength(cut.Length / 2);

        (await StartAsync("cut", Image(image))).Fails(1, "cut.qcow2");

        Assert.Equal("Error", (await _cli.ShowAsync("cut")).Status);
        Assert.False(File.Exists(home["cut/disk"]));
        await DeleteAsync("cut");
    }

    [ProductFact]
    public async Task An_image_that_reads_other_files_is_refused()
    {
        if (!Need.Programs(output, "qemu-img")) return;
        var image = home["evil.qcow2"];
        (await _cli.ExecAsync("qemu-img", ["create", "-q", "-f", "qcow2", "-F", "raw", "-b", "/etc/passwd", image, "1M"], TimeSpan.FromSeconds(60))).Ok();

        (await StartAsync("evil", Image(image))).Fails(1, "evil.qcow2", "backing file");

        Assert.False(File.Exists(home["evil/disk"]));
        await DeleteAsync("evil");
    }

    [ProductFact]
    public async Task A_guest_that_never_boots_says_what_it_waited_for()
    {
        using (var disk = new FileStream(home["empty.raw"], FileMode.Create)) disk.SetLength(4 << 20);
        var file = await TemplateAsync("empty", "arch: x86_64\ncpus: 1\nmemory: 256MiB\ndisk: 16MiB\nfirmware:\n  legacyBIOS: true\n" + Image(home["empty.raw"]));

        var ran = await _cli.RunAsync(TimeSpan.FromMinutes(2), "start", "--tty=false", "--timeout", "8s", "--name=empty", file);

        ran.Fails(1, "not ready in time", "ssh", "serial.log");
        var instance = await _cli.ShowAsync("empty");
        Assert.Equal(("Error", "start-deadline"), (instance.Status, instance.Cause?.Code));
        Assert.Empty(Processes.QemusOf(home.Path));
        await DeleteAsync("empty");
    }

    [ProductFact]
    public async Task A_port_that_is_taken_is_named()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var ran = await StartAsync("port", $"arch: x86_64\ncpus: 1\nmemory: 256MiB\ndisk: 1GiB\nssh:\n  localPort: {port}\n" + Image("recipe:tiny"));

        ran.Fails(1, $"{port}", "port");
        Assert.Empty(Processes.QemusOf(home.Path));
        // Once it is free, the same start works.
        other.Stop();
        (await _cli.RunAsync(TimeSpan.FromMinutes(2), "start", "--tty=false", "port")).Ok();
        Assert.Equal(port, (await _cli.ShowAsync("port")).SshLocalPort);
        (await _cli.RunAsync("delete", "-f", "port")).Ok();
    }

    [ProductFact]
    public async Task Without_QEMU_the_package_is_named()
    {
        await home.KillHostAsync();
        var cli = _cli.With("QEMU_SYSTEM_X86_64", "/nonexistent/qemu");
        (await cli.RunAsync("create", "--tty=false", "--name=noqemu", "template:tiny")).Ok();

        (await cli.RunAsync("start", "--tty=false", "noqemu")).Fails(1, "/nonexistent/qemu", "QEMU_SYSTEM_X86_64", "install");

        var instance = await cli.ShowAsync("noqemu");
        Assert.Equal("Error", instance.Status);
        Assert.Matches(@"(?m)^QEMU: +not found", (await cli.RunAsync("host", "status")).Ok());
        await home.KillHostAsync();
        await DeleteAsync("noqemu");
    }

    private static string Image(string location) => $"images:\n- location: \"{location}\"\n  arch: \"x86_64\"\n";

    private async Task<string> TemplateAsync(string name, string text)
    {
        var file = home[$"{name}.yaml"];
        await File.WriteAllTextAsync(file, text);
        return file;
    }

    private async Task<Ran> StartAsync(string name, string yaml) =>
        await _cli.RunAsync(TimeSpan.FromMinutes(2), "start", "--tty=false", $"--name={name}", await TemplateAsync(name, yaml));

    private async Task DeleteAsync(string name)
    {
        (await _cli.RunAsync("delete", name)).Ok();
        Assert.False(Directory.Exists(home[name]));
    }
}
