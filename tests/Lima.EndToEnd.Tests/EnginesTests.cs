using Lima.EndToEnd.Tests.Support;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.EndToEnd.Tests;

/// <summary>One Debian VM with container engines for all tests of the class, made without a registry.</summary>
public sealed class EnginesHome : IAsyncLifetime
{
    public const string Name = "docker";

    // Packages are fetched and an image is made; plain emulation is slow.
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan BootLimit = TimeSpan.FromMinutes(8);

    /// <summary>The home that the VM is in.</summary>
    public LimaHome Home { get; } = new();

    /// <summary>Why there is no VM here; null when it runs.</summary>
    public string? Problem { get; private set; }

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        await Home.InitializeAsync();
        if (Product.Problem is not null) return;
        var built = await Home.Cli.RunAsync(BuildLimit, "image", "build", "debian-12-docker");
        if (built.ExitCode != 0)
        {
            Problem = $"recipe:debian-12-docker cannot be built here: {built.Error.TrimEnd().Split('\n')[^1]}";
            return;
        }

        await File.WriteAllTextAsync(Home["engines.yaml"], Template);
        (await Home.Cli.RunAsync(BootLimit, "start", "--tty=false", $"--name={Name}", Home["engines.yaml"])).Ok();
    }

    /// <inheritdoc/>
    public Task DisposeAsync() => Home.DisposeAsync();

    // Docker of the system with its socket the user's; containerd, which Docker uses too, of the system and of the user.
    private const string Template = """
        images:
        - location: "recipe:debian-12-docker"
          arch: "x86_64"
        cpus: 2
        memory: 2GiB
        disk: 10GiB
        mounts: []
        containerd:
          system: true
          user: true
          archives:
          - location: /no/such/archive.tgz
            arch: x86_64
        provision:
        - mode: system
          script: |
            #!/bin/sh
            mkdir -p /etc/systemd/system/docker.socket.d
            printf '[Socket]\nSocketUser={{.User}}\n' >/etc/systemd/system/docker.socket.d/override.conf
            systemctl daemon-reload
            systemctl restart docker.socket
        - mode: user
          script: |
            #!/bin/sh
            systemctl --user enable --now podman.socket
        """;
}

/// <summary>Container engines in a guest: with and without root, from inside and from this machine.</summary>
public sealed class EnginesTests(EnginesHome engines, ITestOutputHelper output) : IClassFixture<EnginesHome>
{
    private const string Image = "/usr/share/lima/busybox.tar";
    private static readonly TimeSpan Patient = TimeSpan.FromMinutes(4);
    private readonly Limactl _cli = engines.Home.Cli.With("LIMA_INSTANCE", EnginesHome.Name);

    private bool Missing()
    {
        if (engines.Problem is null) return false;
        output.WriteLine($"SKIP: {engines.Problem}");
        return true;
    }

    [ProductFact]
    public async Task Without_the_archive_the_start_says_so_and_is_whole()
    {
        if (Missing()) return;
        Assert.Null((await _cli.ShowAsync(EnginesHome.Name)).Degraded);
        Assert.NotEqual("0", await GuestAsync("id", "-u"));
        Assert.Equal("active", await GuestAsync("systemctl", "is-active", "containerd.service"));
    }

    [ProductFact]
    public async Task Docker_runs_and_builds()
    {
        if (Missing()) return;
        Assert.Contains("busybox:latest", await GuestAsync("docker", "load", "-i", Image));
        var ran = await _cli.ExecAsync(Product.Lima, ["docker", "run", "--rm", "busybox", "echo", "from", "inside"], Patient);
        Assert.Equal("from inside\n", ran.Ok());

        await GuestAsync("sh", "-c", "mkdir -p ~/context && printf 'FROM busybox\\nRUN echo made >/made\\nCMD cat /made\\n' >~/context/Dockerfile");
        await GuestAsync("sh", "-c", "docker build -q -t made ~/context");
        Assert.Equal("made", await GuestAsync("docker", "run", "--rm", "made"));
    }

    [ProductFact]
    public async Task Podman_runs_and_builds_without_root()
    {
        if (Missing()) return;
        await GuestAsync("podman", "load", "-q", "-i", Image);
        var user = await GuestAsync("id", "-u");
        var ran = await _cli.ExecAsync(Product.Lima, ["podman", "run", "--rm", "busybox", "cat", "/proc/self/uid_map"], Patient);
        // Root in the container is the user outside.
        Assert.Matches($@"^\s+0\s+{user}\s+1\n", ran.Ok());

        await GuestAsync("sh", "-c", "mkdir -p ~/pcontext && printf 'FROM busybox\\nRUN echo built >/built\\nCMD cat /built\\n' >~/pcontext/Dockerfile");
        await GuestAsync("sh", "-c", "podman build -q -t built ~/pcontext");
        Assert.Equal("built", await GuestAsync("podman", "run", "--rm", "localhost/built"));
    }

    [ProductFact]
    public async Task Containerd_runs_with_and_without_root()
    {
        if (Missing()) return;
        string[] run = ["run", "--rm", "docker.io/library/busybox:latest", "test", "echo", "contained"];
        await GuestAsync("sudo", "ctr", "images", "import", Image);
        Assert.Equal("contained", await GuestAsync(["sudo", "ctr", .. run]));

        // The user's own service is started and not waited for.
        for (var deadline = DateTime.UtcNow + Patient; (await _cli.RunAsync("shell", EnginesHome.Name, "containerd-rootless", "ctr", "version")).ExitCode != 0;)
        {
            Assert.True(DateTime.UtcNow < deadline, await GuestAsync("journalctl", "--user", "-n", "40", "--no-pager", "-u", "containerd"));
            await Task.Delay(500);
        }

        await GuestAsync("containerd-rootless", "ctr", "images", "import", Image);
        Assert.Equal("contained", await GuestAsync(["containerd-rootless", "ctr", .. run]));
    }

    [ProductFact]
    public async Task The_sockets_of_the_guest_answer_on_this_machine()
    {
        if (Missing() || !Need.Programs(output, "curl")) return;
        var user = await GuestAsync("id", "-u");
        Directory.CreateDirectory(engines.Home[$"{EnginesHome.Name}/sock"]);
        using var docker = await ForwardedAsync("docker.sock", "/run/docker.sock");
        using var podman = await ForwardedAsync("podman.sock", $"/run/user/{user}/podman/podman.sock");
        Assert.Equal("OK", await AskAsync("docker.sock", "/_ping"));
        Assert.Equal("OK", await AskAsync("podman.sock", "/_ping"));
        Assert.Contains("Podman Engine", await AskAsync("podman.sock", "/version"));

        // A stand-in for the client of this machine: what it is given leads to the engine.
        var client = engines.Home["client"];
        await File.WriteAllTextAsync(client, "#!/bin/sh\necho \"$@\"\nexec curl -s --unix-socket \"${DOCKER_HOST#unix://}\" http://d/version\n");
        File.SetUnixFileMode(client, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var program = Path.Combine(Path.GetDirectoryName(Product.Lima)!, "docker.lima");
        var ran = await _cli.With("DOCKER", client).ExecAsync(program, ["ps", "-a"], Patient);
        Assert.StartsWith("ps -a\n{", ran.Ok());
        Assert.Contains("\"ApiVersion\"", ran.Out);

        // Without a client here, the guest's.
        Assert.StartsWith("Docker version ", (await _cli.With("DOCKER", "no-such-client").ExecAsync(program, ["--version"], Patient)).Ok());
    }

    /// <summary>A socket of the guest under a name in the instance's directory, by OpenSSH, until it is disposed.</summary>
    private async Task<IDisposable> ForwardedAsync(string name, string guestSocket)
    {
        var directory = engines.Home[EnginesHome.Name];
        var path = Path.Combine(directory, "sock", name);
        var start = new System.Diagnostics.ProcessStartInfo(
            "ssh", ["-F", $"{directory}/ssh.config", "-o", "ControlPath=none", "-o", "ControlMaster=no", "-o", "ExitOnForwardFailure=yes", "-N", "-L", $"{path}:{guestSocket}", $"lima-{EnginesHome.Name}"]);
        File.Delete(path);
        var forward = new Forward(System.Diagnostics.Process.Start(start)!, path);
        for (var deadline = DateTime.UtcNow + Patient; !File.Exists(path); await Task.Delay(200))
        {
            if (DateTime.UtcNow < deadline && !forward.HasEnded) continue;
            forward.Dispose();
            Assert.Fail($"{guestSocket} is not forwarded");
        }

        return forward;
    }

    private async Task<string> AskAsync(string name, string path) =>
        (await _cli.ExecAsync("curl", ["-sS", "--max-time", "200", "--unix-socket", engines.Home[$"{EnginesHome.Name}/sock/{name}"], $"http://engine{path}"], Patient)).Ok();

    private async Task<string> GuestAsync(params string[] words) => (await _cli.RunAsync(Patient, ["shell", EnginesHome.Name, .. words])).Ok().TrimEnd('\n');

    private sealed class Forward(System.Diagnostics.Process process, string path) : IDisposable
    {
        public bool HasEnded => process.HasExited;

        public void Dispose()
        {
            if (!process.HasExited) process.Kill();
            process.WaitForExit();
            process.Dispose();
            File.Delete(path);
        }
    }
}
