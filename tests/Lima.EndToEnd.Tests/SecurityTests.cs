using Lima.EndToEnd.Tests.Support;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.EndToEnd.Tests;

/// <summary>Who may see and do what on the host.</summary>
public sealed class SecurityTests(LimaHome home, ITestOutputHelper output) : IClassFixture<LimaHome>
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerDirectory = OwnerFile | UnixFileMode.UserExecute;
    private readonly Limactl _cli = home.Cli;

    [ProductFact]
    public async Task Files_have_the_modes_that_keep_others_out()
    {
        await home.RunningAsync("t1");

        foreach (var directory in new[] { home.Path, home["_host"], home["_config"], home["t1"] }) Assert.Equal((directory, OwnerDirectory), (directory, File.GetUnixFileMode(directory)));
        string[] files = ["_host/api.sock", "_host/journal.db", "_host/host.log", "_host/host.lock", "_config/user", "t1/ssh_host_ed25519_key", "t1/cidata.iso"];
        foreach (var file in files) Assert.Equal((file, OwnerFile), (file, File.GetUnixFileMode(home[file])));
    }

    [ProductFact]
    public async Task Another_user_gets_nothing_from_the_socket()
    {
        (await _cli.RunAsync("host", "start")).Ok();
        if (!Need.Programs(output, "setpriv", "curl") || !IsRoot()) return;
        // Even where the directory and the socket were opened to all by mistake, the peer's uid is asked for.
        foreach (var openTheDoors in new[] { false, true })
        {
            if (openTheDoors)
            {
                File.SetUnixFileMode(home.Path, (UnixFileMode)0b111_111_111);
                File.SetUnixFileMode(home["_host"], (UnixFileMode)0b111_111_111);
                File.SetUnixFileMode(home["_host/api.sock"], (UnixFileMode)0b110_110_110);
            }

            var ran = await AsNobodyAsync("curl", "-sS", "--max-time", "10", "--unix-socket", home["_host/api.sock"], "http://lima/v1/instances");
            Assert.NotEqual(0, ran.ExitCode);
            Assert.Empty(ran.Out);
            var cli = await AsNobodyAsync(Product.Limactl, "list");
            Assert.NotEqual(0, cli.ExitCode);
            Assert.Empty(cli.Out);
        }

        Assert.Single(Processes.HostsOf(home.Path));
        Assert.Contains("running", (await _cli.RunAsync("host", "status")).Ok());
    }

    private Task<Ran> AsNobodyAsync(params string[] words) =>
        _cli.ExecAsync("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", .. words], TimeSpan.FromSeconds(60));

    private bool IsRoot()
    {
        if (Environment.IsPrivilegedProcess) return true;
        output.WriteLine("SKIP: only root can act as another user");
        return false;
    }
}
