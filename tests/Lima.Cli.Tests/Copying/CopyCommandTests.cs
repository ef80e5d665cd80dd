using Lima.Cli.Tests.Support;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Cli.Tests.Copying;

/// <summary><c>limactl copy</c>, as far as it comes without a guest; with rsync also where files end up.</summary>
public sealed class CopyCommandTests : IDisposable
{
    private readonly CliRun _cli = new();
    private readonly LocalGuest _guest;
    private readonly ITestOutputHelper _output;

    public CopyCommandTests(ITestOutputHelper output)
    {
        _output = output;
        _guest = new LocalGuest(_cli);
    }

    public void Dispose()
    {
        _guest.Dispose();
        _cli.Dispose();
    }

    [Fact]
    public async Task Scp_gets_the_instances_own_configuration()
    {
        var directory = _guest.Instance("web");
        var result = await _cli.LimactlAsync("copy", "--backend=scp", "-r", "a", "-v", "web:b c");
        Assert.Equal((0, ""), (result.Exit, result.Error));
        Assert.Equal(["/usr/bin/scp", "-F", $"{directory}/ssh.config", "-v", "-r", "-3", "--", "a", "lima-web:b c"], Assert.Single(result.Execs).Arguments);
        Assert.Equal(["/usr/bin/scp", "-F", $"{directory}/ssh.config", "-q", "-3", "--", "lima-web:b", "."], Assert.Single((await _cli.LimactlAsync("cp", "--backend", "scp", "web:b", ".")).Execs).Arguments);
    }

    [Fact]
    public async Task Between_guests_it_is_scp_with_a_configuration_of_all()
    {
        _guest.Instance("web");
        _guest.Instance("db");
        var exec = Assert.Single((await _cli.LimactlAsync("copy", "web:a", "db:b")).Execs);
        var file = Path.Combine(_cli.Home, "_host/all-instances.ssh");
        Assert.Equal(["/usr/bin/scp", "-F", file, "-q", "-3", "--", "lima-web:a", "lima-db:b"], exec.Arguments);
        Assert.Contains($"Include \"{_cli.Home}/*/ssh.config\"", await File.ReadAllTextAsync(file));
        // OpenSSH itself finds both hosts by it.
        foreach (var name in new[] { "web", "db" })
            Assert.Contains("hostname 127.0.0.1\n", (await _guest.BecomeAsync(new("/usr/bin/ssh", ["ssh", "-G", "-F", file, $"lima-{name}"]))).Text);
    }

    [Theory]
    [InlineData("nope", "instance `nope` does not exist, run `limactl create nope` to create a new instance")]
    [InlineData("web", "instance `web` is stopped, run `limactl start web` to start the instance")]
    public async Task An_instance_that_is_not_there_or_does_not_run_is_told_as_shell_does(string name, string message)
    {
        Directory.CreateDirectory(Path.Combine(_cli.Home, "web"));
        using var host = new FakeHost(_cli.Home, _ => Views.One(Views.Instance("web", "Stopped")));
        var result = await _cli.LimactlAsync("copy", "a", $"{name}:b");
        Assert.Equal(1, result.Exit);
        Assert.Empty(result.Execs);
        Assert.Contains(message, result.Error);
    }

    [Fact]
    public async Task What_is_missing_is_named()
    {
        _guest.Instance("web");
        Assert.Contains("invalid backend `ftp`, must be one of: scp, rsync, auto", (await _cli.LimactlAsync("copy", "--backend=ftp", "a", "web:b")).Error);
        Assert.Equal(ExitCodes.Usage, (await _cli.LimactlAsync("copy", "a")).Exit);
        _cli.Environment["PATH"] = _guest.Bin;
        Assert.Contains("neither rsync nor scp found on host", (await _cli.LimactlAsync("copy", "a", "web:b")).Error);
        Assert.Contains("scp not found on host", (await _cli.LimactlAsync("copy", "--backend=scp", "a", "web:b")).Error);
        Assert.Contains("rsync not found on host", (await _cli.LimactlAsync("copy", "--backend=rsync", "a", "web:b")).Error);
    }

    [Fact]
    public async Task Without_rsync_in_the_guest_it_is_scp_or_an_error()
    {
        _guest.Instance("web");
        _guest.Program("rsync", "exit 0");
        _guest.Program("ssh", "exit 0");
        Assert.Equal("/usr/bin/scp", Assert.Single((await _cli.LimactlAsync("copy", "a", "web:b")).Execs).Program);
        var refused = await _cli.LimactlAsync("copy", "--backend=rsync", "a", "web:b");
        Assert.Equal(1, refused.Exit);
        Assert.Contains("rsync not available on guest(s)", refused.Error);
    }

    public static TheoryData<string, string, bool, bool> Layouts()
    {
        var all = new TheoryData<string, string, bool, bool>();
        foreach (var source in new[] { "foo", "foo/" })
            foreach (var target in new[] { "target", "target/", "a 'quoted' \"name\"" })
                foreach (var exists in new[] { false, true })
                    foreach (var toGuest in new[] { false, true }) all.Add(source, target, exists, toGuest);
        return all;
    }

    /// <summary>What <c>cp -r</c> does with two directories of one machine is what is wanted between two machines.</summary>
    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task Rsync_leaves_the_layout_of_cp(string source, string target, bool exists, bool toGuest)
    {
        if (!Need.Programs(_output, "rsync")) return;
        _guest.Instance("web");
        var (from, to) = toGuest ? (_cli.Path, _guest.Home) : (_guest.Home, _cli.Path);
        var wanted = Path.Combine(_cli.Path, "wanted");
        foreach (var place in new[] { from, wanted }) Directory.CreateDirectory(Path.Combine(place, "foo/bar"));
        foreach (var place in new[] { from, wanted }) await File.WriteAllTextAsync(Path.Combine(place, "foo/x y"), "hello");
        if (exists) foreach (var place in new[] { to, wanted }) Directory.CreateDirectory(Path.Combine(place, target));
        _cli.WorkingDirectory = _cli.Path;

        var result = await _cli.LimactlAsync(["copy", "-r", .. toGuest ? new[] { source, "web:" + target } : ["web:" + source, target]]);
        var (exit, text) = await _guest.BecomeAsync(Assert.Single(result.Execs));
        Assert.True(exit == 0, text);
        Assert.Equal("/usr/bin/rsync", result.Execs[0].Program);

        using (var cp = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("cp", ["-r", source, target]) { WorkingDirectory = wanted })!)
            await cp.WaitForExitAsync();
        Assert.Equal(LocalGuest.Tree(Path.Combine(wanted, target)), LocalGuest.Tree(Path.Combine(to, target)));
    }

    [Fact]
    public async Task Names_arrive_whole_and_several_at_once()
    {
        if (!Need.Programs(_output, "rsync")) return;
        _guest.Instance("web");
        string[] names = ["a b", "it's", "\"q\"", "$HOME", "ä", "-x"];
        foreach (var name in names) await File.WriteAllTextAsync(Path.Combine(_cli.Path, name), name);
        Directory.CreateDirectory(Path.Combine(_guest.Home, "in box"));
        var there = Assert.Single((await _cli.LimactlAsync(["copy", "--", .. names, "web:~/in box"])).Execs);
        Assert.Equal((0, ""), await _guest.BecomeAsync(there));
        Assert.Equal(names.Order(StringComparer.Ordinal), LocalGuest.Tree(Path.Combine(_guest.Home, "in box")));

        Directory.CreateDirectory(Path.Combine(_cli.Path, "back"));
        foreach (var name in names)
        {
            var back = Assert.Single((await _cli.LimactlAsync("copy", $"web:in box/{name}", "back")).Execs);
            Assert.Equal((0, ""), await _guest.BecomeAsync(back));
            Assert.Equal(name, await File.ReadAllTextAsync(Path.Combine(_cli.Path, "back", name)));
        }
    }
}
