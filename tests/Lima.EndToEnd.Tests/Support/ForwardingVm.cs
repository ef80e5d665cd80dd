using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Lima.Testing;

namespace Lima.EndToEnd.Tests.Support;

/// <summary>Tests that share one VM with rules for forwards of every kind.</summary>
[CollectionDefinition(Name)]
public sealed class ForwardingCollection : ICollectionFixture<ForwardingVm>
{
    public const string Name = "forwarding";
}

/// <summary>The VM that tests of forwards share, and what listens in it.</summary>
public sealed class ForwardingVm : IAsyncLifetime
{
    public const string Name = "p1";

    private const string Program = "/tmp/sockets";
    private int _started;

    /// <summary>Its home.</summary>
    internal LimaHome Home { get; } = new();

    internal Limactl Cli => Home.Cli;

    /// <summary>Port of the host that leads to 9000 of the guest, whether or not anybody listens there.</summary>
    public int StaticPort { get; } = Echo.FreePort();

    /// <summary>An address of this machine that is no loopback; a second loopback address on a machine without any.</summary>
    public string HostAddress { get; } = FindAddress();

    /// <summary>How far the table's own ports of the host are shifted because something on this machine has one of them.</summary>
    public int Shift { get; } = Enumerable.Range(0, 6).Select(n => n * 10000).First(shift => Enumerable.Range(2000 + shift, 40).All(Echo.IsFree));

    public string HostSocket => Home["host.sock"];

    /// <summary>Leads into the guest to the socket that leads back to <see cref="HostSocket"/>: through it everything goes both ways.</summary>
    public string LoopSocket => Home["loop.sock"];

    /// <summary>Whether a port of the host can be listened on by this user.</summary>
    public static bool MayListenOn(int port) => port >= UnprivilegedFrom || Environment.IsPrivilegedProcess;

    /// <inheritdoc/>
    public Task InitializeAsync() => Home.InitializeAsync();

    /// <inheritdoc/>
    public Task DisposeAsync() => Home.DisposeAsync();

    /// <summary>Sees to it that the VM runs and has the program that listens.</summary>
    public async Task RunningAsync()
    {
        if (Directory.Exists(Home[Name])) return;
        await File.WriteAllTextAsync(Home["p.yaml"], $"""
            base: template:tiny
            portForwards:
            - guestPort: 9000
              hostPort: {StaticPort}
              static: true
            - guestSocket: /tmp/loop.sock
              hostSocket: {HostSocket}
              reverse: true
            - guestSocket: /tmp/loop.sock
              hostSocket: {LoopSocket}
            {TruthTable.Yaml(HostAddress, Shift)}
            """);
        (await Cli.RunAsync(TimeSpan.FromMinutes(8), "start", "--tty=false", $"--name={Name}", Home["p.yaml"])).Ok();
        (await Cli.RunAsync("copy", await BuildAsync(), $"{Name}:{Program}")).Ok();
    }

    /// <summary>Has the guest listen, as root; ends with <see cref="EndAsync"/>.</summary>
    /// <param name="lines">What <c>sockets serve</c> takes (tests/guest/sockets.c).</param>
    /// <returns>Names the process for its end.</returns>
    public async Task<int> ServeAsync(params string[] lines)
    {
        var number = Interlocked.Increment(ref _started);
        var words = string.Join(' ', lines.Select(line => $"'{line}'"));
        await Cli.GuestAsync(
            Name, "sudo", "sh", "-c",
            $"{Program} serve {words} </dev/null >/tmp/serve.{number} 2>&1 & echo $! >/tmp/serve.{number}.pid; " +
            $"until [ $(wc -l </tmp/serve.{number}) = {lines.Length} ]; do sleep 0.1; done");
        Assert.Equal(Enumerable.Repeat("ok", lines.Length), (await Cli.GuestAsync(Name, "cat", $"/tmp/serve.{number}")).Split('\n'));
        return number;
    }

    /// <summary>Ends what <see cref="ServeAsync"/> began.</summary>
    public Task EndAsync(int number) => Cli.GuestAsync(Name, "sudo", "sh", "-c", $"kill $(cat /tmp/serve.{number}.pid)");

    private static int UnprivilegedFrom =>
        int.Parse(File.ReadAllText("/proc/sys/net/ipv4/ip_unprivileged_port_start"), NumberStyles.None | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);

    /// <summary>Builds the program; a compiler is there wherever the product was built.</summary>
    private async Task<string> BuildAsync()
    {
        var compiler = new[] { "gcc", "clang", "cc" }.FirstOrDefault(name => Need.Which(name) is not null);
        Assert.True(compiler is not null, "a C compiler is needed for the program that listens in the guest: apt-get install gcc libc6-dev");
        var source = Path.Combine(SourceTree(), "tests", "guest", "sockets.c");
        (await Cli.ExecAsync(compiler, ["-O2", "-static", "-o", Home["sockets"], source], TimeSpan.FromMinutes(2))).Ok();
        return Home["sockets"];
    }

    private static string SourceTree()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "LimaActors.sln"))) at = at.Parent ?? throw new InvalidOperationException("the tests are not within the source tree");
        return at.FullName;
    }

    private static string FindAddress()
    {
        var found = NetworkInterface.GetAllNetworkInterfaces()
            .Where(card => card.OperationalStatus == OperationalStatus.Up && card.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .SelectMany(card => card.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
        if (found is not null) return found.ToString();
        Console.WriteLine("this machine has no address but loopback: 127.0.0.9 stands for one of it");
        return "127.0.0.9";
    }
}
