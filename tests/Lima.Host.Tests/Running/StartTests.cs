using Lima.Drivers.Instances;
using Lima.Host.Tests.Support;

namespace Lima.Host.Tests.Running;

/// <summary>The real program where it cannot start, or only just can: one sentence and status 1, never a stack trace.</summary>
public sealed class StartTests : IDisposable
{
    private readonly HostBinary _host = new();

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("file")]
    [InlineData("dangling")]
    [InlineData("loop")]
    [InlineData("under-a-file")]
    [InlineData("proc")]
    public async Task A_home_that_cannot_be_one(string kind)
    {
        switch (kind)
        {
            case "file":
                File.WriteAllText(_host.Home.Path, "");
                break;
            case "dangling":
                File.CreateSymbolicLink(_host.Home.Path, "/nowhere/at/all");
                break;
            case "loop":
                File.CreateSymbolicLink(_host.Home.Path, _host.Home.Path);
                break;
            case "under-a-file":
                File.WriteAllText(_host.Home.Path, "");
                _host.Home = new LimaHome(Path.Combine(_host.Home.Path, "x"));
                break;
            case "proc":
                _host.Home = new LimaHome("/proc/1/x");
                break;
        }

        await FailsAsync("LIMA_HOME");
    }

    [Fact]
    public async Task A_home_too_long_for_a_socket()
    {
        _host.Home = new LimaHome(Path.Combine(_host.Scratch, new string('x', 100)));
        await FailsAsync("LIMA_HOME is too long");
    }

    [Theory]
    [InlineData("[1, 2")]
    [InlineData("lima.stop-timeout = soon")]
    public async Task Configuration_that_makes_no_sense(string hocon)
    {
        _host.Environment["LIMA_HOCON"] = hocon;
        await FailsAsync("LIMA_HOCON");
    }

    [Theory]
    [InlineData("host.lock")]
    [InlineData("journal.db")]
    [InlineData("api.sock")]
    public async Task A_directory_where_a_file_must_be(string name)
    {
        Directory.CreateDirectory(Path.Combine(_host.Home.HostDirectory, name));
        await FailsAsync(name);
    }

    [Fact]
    public async Task A_home_behind_a_link_is_served_under_both_names()
    {
        var real = Directory.CreateDirectory(Path.Combine(_host.Scratch, "real")).FullName;
        Directory.CreateSymbolicLink(_host.Home.Path, real);
        await _host.ServingAsync();
        Assert.Equal(real, (await _host.Api.HostAsync()).Home);
        using var other = new ApiClient(new LimaHome(real).ApiSocket);
        Assert.Equal((await _host.Api.HostAsync()).Pid, (await other.HostAsync()).Pid);
    }

    [Fact]
    public async Task Leftovers_of_earlier_hosts_do_not_matter()
    {
        Directory.CreateDirectory(_host.Home.HostDirectory);
        File.WriteAllText(Path.Combine(_host.Home.HostDirectory, "accelerator.json"), "{ \"x\": null, garbage");
        File.WriteAllText(_host.Home.ApiSocket, "no socket");
        File.WriteAllText(_host.Home.LockFile, "99999999\n");
        Directory.CreateDirectory(Path.Combine(_host.Home.HostDirectory, "new-1"));
        Directory.CreateDirectory(Path.Combine(_host.Home.HostDirectory, "old-1"));
        await _host.ServingAsync();
        var view = await _host.Api.GetAsync("/v1/host", Contracts.ContractsJson.Default.HostView);
        Assert.Equal(_host.Home.Path, view.Home);
        Assert.Empty(Directory.GetDirectories(_host.Home.HostDirectory, "new-*").Concat(Directory.GetDirectories(_host.Home.HostDirectory, "old-*")));
    }

    [Fact]
    public async Task Everything_in_its_directory_is_private()
    {
        await _host.ServingAsync();
        await _host.Api.CreateAsync("web");
        await _host.Api.GetAsync("/v1/host", Contracts.ContractsJson.Default.HostView);
        const UnixFileMode file = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        const UnixFileMode directory = file | UnixFileMode.UserExecute;
        var found = Directory.GetFileSystemEntries(_host.Home.HostDirectory, "*", SearchOption.AllDirectories);
        Assert.Contains(_host.Home.JournalFile + "-wal", found);
        Assert.All(found, path => Assert.Equal((path, Directory.Exists(path) ? directory : file), (path, File.GetUnixFileMode(path))));
        foreach (var path in new[] { _host.Home.Path, _host.Home.HostDirectory, _host.Home.ConfigDirectory, Path.Combine(_host.Home.Path, "web") })
            Assert.Equal((path, directory), (path, File.GetUnixFileMode(path)));
    }

    [Fact]
    public async Task What_the_environment_holds_for_web_programs_opens_no_port()
    {
        var port = Drivers.Ssh.FreePort.Choose();
        _host.Environment["Kestrel__Endpoints__Http__Url"] = $"http://127.0.0.1:{port}";
        _host.Environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}";
        _host.Environment["ASPNETCORE_HTTP_PORTS"] = $"{port}";
        _host.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        _host.Environment["DOTNET_ENVIRONMENT"] = "Development";
        await _host.ServingAsync();
        Assert.True(Drivers.Ssh.FreePort.IsFree(port));
        Assert.Equal("not-found", ApiClient.Error((await _host.Api.SendAsync(HttpMethod.Get, "/v1/none")).Body).Code);
    }

    [Fact]
    public async Task A_second_one_for_the_same_home_ends_well_at_once()
    {
        var first = await _host.ServingAsync();
        var (exit, said) = await _host.RunAsync();
        Assert.Equal(0, exit);
        Assert.Contains("already running", said, StringComparison.Ordinal);
        Assert.Equal(first.Id, (await _host.Api.HostAsync()).Pid);
    }

    [Fact]
    public async Task Of_five_that_start_at_once_one_serves_and_the_others_end_well()
    {
        var all = Enumerable.Range(0, 5).Select(_ => _host.Start()).ToList();
        await Eventually.TrueAsync(() => all.Count(p => p.HasExited) == 4);
        Assert.All(all.Where(p => p.HasExited), p => Assert.Equal(0, p.ExitCode));
        Assert.Equal(Assert.Single(all, p => !p.HasExited).Id, (await _host.Api.HostAsync()).Pid);
    }

    private async Task FailsAsync(string names)
    {
        var (exit, said) = await _host.RunAsync();
        Assert.Equal(1, exit);
        var line = Assert.Single(said.Split('\n', StringSplitOptions.RemoveEmptyEntries), l => l.StartsWith("lima-host: ", StringComparison.Ordinal));
        Assert.Contains(names, line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
    }
}
