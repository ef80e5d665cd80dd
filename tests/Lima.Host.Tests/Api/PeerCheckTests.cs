using System.Diagnostics;
using Lima.Host.Api;
using Lima.Host.Tests.Support;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Host.Tests.Api;

public sealed class PeerCheckTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1000u, 1000u, true)]
    [InlineData(0u, 1000u, true)]
    [InlineData(0u, 0u, true)]
    [InlineData(1001u, 1000u, false)]
    [InlineData(1000u, 0u, false)]
    [InlineData(uint.MaxValue, 1000u, false)]
    [InlineData(null, 1000u, false)]
    [InlineData(null, 0u, false)]
    public void Only_the_user_and_root_come_in(uint? peer, uint own, bool allowed) => Assert.Equal(allowed, PeerCheck.IsAllowed(peer, own));

    [Fact]
    public async Task Another_user_gets_nothing_even_where_the_modes_let_him()
    {
        if (Environment.UserName != "root" || !Need.Programs(output, "setpriv", "curl"))
        {
            output.WriteLine("SKIP: another user can be played by root alone");
            return;
        }

        await using var host = await TestHost.StartedAsync();
        Assert.Equal("200", await AskAsync(host, 0));
        Assert.Equal("000", await AskAsync(host, 65534));
        for (var at = new DirectoryInfo(host.Home.HostDirectory); at.FullName != "/"; at = at.Parent!)
            File.SetUnixFileMode(at.FullName, File.GetUnixFileMode(at.FullName) | UnixFileMode.OtherExecute | UnixFileMode.OtherRead);
        File.SetUnixFileMode(host.Home.ApiSocket, (UnixFileMode)0x1b6);
        Assert.Equal("000", await AskAsync(host, 65534));
        Assert.Empty(await host.Api.NamesAsync());
    }

    private static async Task<string> AskAsync(TestHost host, int uid)
    {
        using var curl = System.Diagnostics.Process.Start(new ProcessStartInfo(
            "setpriv",
            [$"--reuid={uid}", "--clear-groups", "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "10", "--unix-socket", host.Home.ApiSocket, "http://lima/v1/host?brief=true"])
        {
            RedirectStandardOutput = true,
        })!;
        return await curl.StandardOutput.ReadToEndAsync();
    }
}
