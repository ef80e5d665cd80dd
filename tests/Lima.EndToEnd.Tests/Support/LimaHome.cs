namespace Lima.EndToEnd.Tests.Support;

/// <summary>A home of its own under a short path (sockets must fit in 107 bytes); nothing of it outlives the fixture.</summary>
public sealed class LimaHome : IAsyncLifetime
{
    private static readonly TimeSpan BootLimit = TimeSpan.FromMinutes(3);
    // The first one to need the recipe builds it.
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(8);

    // Locked while this process lives, which the kernel sees to: a home whose lock is free was left behind by a run that was killed.
    private const string OwnerLock = "owner.lock";
    private static readonly Lazy<Task> Swept = new(SweepAsync);
    private readonly FileStream _owner;

    public LimaHome()
    {
        Path = Directory.CreateTempSubdirectory("le-").FullName;
        _owner = new FileStream(this[OwnerLock], FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        Cli = new Limactl(Path);
    }

    /// <summary>Value of LIMA_HOME.</summary>
    public string Path { get; }

    /// <summary>The product's programs, for this home.</summary>
    internal Limactl Cli { get; }

    /// <summary>Path of a file of the home.</summary>
    public string this[string relative] => System.IO.Path.Combine(Path, relative);

    /// <summary>Process of the host; 0 when there is none. Fails the test when there are two.</summary>
    public int HostPid => Processes.HostsOf(Path) switch
    {
        [] => 0,
        [var one] => one.Pid,
        var several => throw new InvalidOperationException($"{several.Count} hosts serve {Path}: {string.Join(", ", several.Select(host => host.Pid))}"),
    };

    /// <inheritdoc/>
    public Task InitializeAsync()
    {
        Assert.True(Product.Problem is null || !Product.MustRun, Product.Problem);
        return Swept.Value;
    }

    /// <summary>Sees to it that a tiny VM of that name runs.</summary>
    internal async Task RunningAsync(string name)
    {
        var exists = Directory.Exists(this[name]);
        string[] words = exists ? ["start", "--tty=false", name] : ["start", "--tty=false", $"--name={name}", "template:tiny"];
        (await Cli.RunAsync(exists ? BootLimit : BuildLimit, words)).Ok();
    }

    /// <summary>Sees to it that a VM of that name exists and does not run.</summary>
    internal async Task StoppedAsync(string name)
    {
        if (!Directory.Exists(this[name])) (await Cli.RunAsync("create", "--tty=false", $"--name={name}", "template:tiny")).Ok();
        else (await Cli.RunAsync("stop", "-f", name)).Ok();
    }

    /// <summary>Ends the host as a crash would.</summary>
    internal async Task KillHostAsync()
    {
        foreach (var host in Processes.HostsOf(Path))
        {
            Processes.Signal(host.Pid, Processes.SigKill);
            Assert.True(await Processes.IsGoneAsync(host.Pid, TimeSpan.FromSeconds(10)));
        }
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        await RemoveAsync(Path);
        await _owner.DisposeAsync();
    }

    private static async Task SweepAsync()
    {
        foreach (var home in Directory.EnumerateDirectories(System.IO.Path.GetTempPath(), "le-*").Where(IsAbandoned).ToList())
        {
            Console.WriteLine($"removing {home}, left behind by an earlier run");
            await RemoveAsync(home);
        }
    }

    private static bool IsAbandoned(string home)
    {
        try
        {
            using var owner = new FileStream(System.IO.Path.Combine(home, OwnerLock), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static async Task RemoveAsync(string home)
    {
        // What is just being started may be missed by one look.
        for (var round = 0; round < 3 && Processes.Of(home) is { Count: > 0 } left; round++)
        {
            // Hosts first, so that nobody brings back what is being ended.
            foreach (var process in left.OrderBy(p => p.Arguments[0].EndsWith("/lima-host", StringComparison.Ordinal) ? 0 : 1))
            {
                Processes.Signal(process.Pid, Processes.SigKill);
                await Processes.IsGoneAsync(process.Pid, TimeSpan.FromSeconds(5));
            }
        }

        try
        {
            Directory.Delete(home, recursive: true);
        }
        catch (IOException)
        {
            // A process that is just ending may still write here.
        }
    }
}
