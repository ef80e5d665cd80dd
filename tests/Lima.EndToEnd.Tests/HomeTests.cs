using Lima.EndToEnd.Tests.Support;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.EndToEnd.Tests;

/// <summary>The home and its one host.</summary>
public sealed class HomeTests(LimaHome home, ITestOutputHelper output) : IClassFixture<LimaHome>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly Limactl _cli = home.Cli;

    [ProductFact]
    public async Task Ten_commands_at_once_bring_up_one_host()
    {
        await home.KillHostAsync();

        var all = await Task.WhenAll(Enumerable.Range(0, 10).Select(n => _cli.RunAsync("create", "--tty=false", $"--name=c{n}", "template:tiny")));

        foreach (var ran in all) ran.Ok();
        Assert.Single(Processes.HostsOf(home.Path));
        Assert.Equal(Enumerable.Range(0, 10).Select(n => $"c{n}"), (await _cli.ListAsync()).Select(instance => instance.Name));
        (await _cli.RunAsync(["delete", .. Enumerable.Range(0, 10).Select(n => $"c{n}")])).Ok();
        Assert.Empty(await _cli.ListAsync());
    }

    [ProductFact]
    public async Task A_second_host_ends_quietly()
    {
        (await _cli.RunAsync("host", "start")).Ok();
        var first = home.HostPid;

        var second = await _cli.ExecAsync(Product.Host, [], Limit);

        Assert.Equal(0, second.ExitCode);
        Assert.Contains("already running", second.Error);
        Assert.Equal(first, home.HostPid);
        Assert.Contains($"process {first}", (await _cli.RunAsync("host", "status")).Ok());
    }

    [ProductFact]
    public async Task A_home_too_long_for_sockets_is_told_as_such()
    {
        var path = Path.Combine(home.Path, new string('x', 100));
        var cli = new Limactl(path);
        (await cli.RunAsync("list")).Fails(1, "bytes", "LIMA_HOME");
        var host = await cli.ExecAsync(Product.Host, [], Limit);
        host.Fails(1, "LIMA_HOME is too long");
        Assert.False(Directory.Exists(path));
    }

    [ProductFact]
    public async Task A_name_that_is_too_long_is_told_as_such()
    {
        (await _cli.RunAsync("create", "--tty=false", $"--name={new string('n', 100)}", "template:tiny")).Fails(1, "100 characters", "at most");
        // Short enough for a name, but not for the sockets in this home.
        var name = new string('n', 76);
        (await _cli.RunAsync("create", "--tty=false", $"--name={name}", "template:tiny")).Fails(1, name, "bytes", "shorter");
        Assert.Empty(await _cli.ListAsync());
        Assert.False(Directory.Exists(home[name]));
    }

    [ProductFact]
    public async Task A_home_that_cannot_be_written_is_told_as_such()
    {
        if (!Need.Programs(output, "setpriv")) return;
        if (!Environment.IsPrivilegedProcess)
        {
            output.WriteLine("SKIP: only root can act as another user");
            return;
        }

        var closed = home["_closed"];
        Directory.CreateDirectory(closed);
        File.SetUnixFileMode(closed, (UnixFileMode)0b101_101_101);
        File.SetUnixFileMode(home.Path, (UnixFileMode)0b101_101_101);
        try
        {
            string[] nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
            var ran = await new Limactl(closed).ExecAsync("setpriv", [.. nobody, Product.Limactl, "list"], Limit);
            ran.Fails(1, closed, "LIMA_HOME");
            Assert.Empty(Directory.EnumerateFileSystemEntries(closed));
        }
        finally
        {
            File.SetUnixFileMode(home.Path, (UnixFileMode)0b111_000_000);
        }
    }

    [ProductFact]
    public async Task A_file_in_the_place_of_the_home_is_told_as_such()
    {
        var file = home["file"];
        await File.WriteAllTextAsync(file, "");
        (await new Limactl(file).RunAsync("list")).Fails(1, file);
    }
}
