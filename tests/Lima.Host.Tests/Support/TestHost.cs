using Akka.Actor;
using Lima.Actors.Tests.Fakes;
using Lima.Domain.Catalog;
using Lima.Domain.Vms;
using Lima.Drivers;
using Lima.Drivers.Hypervisors;
using Lima.Drivers.Images;
using Lima.Drivers.Instances;
using Lima.Drivers.PortForwarding;
using Lima.Drivers.Progress;
using Lima.Drivers.Ssh;
using Lima.Host.Options;
using Lima.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Lima.Host.Tests.Support;

/// <summary>The real host in this process, on a home of its own, with machines that are not real.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private CancellationTokenSource _stop = new();
    private Task<int> _run = Task.FromResult(0);
    private ApiClient? _api;
    private int _scans;

    public TestHost()
    {
        Home = new LimaHome(_directory["h"]);
        Directory.CreateDirectory(_directory["share"]);
    }

    public LimaHome Home { get; }

    public string CacheDirectory => _directory["cache"];

    public string Hocon { get; set; } = "";

    public FakeHypervisor Hypervisor { get; } = new();

    public FakePreparer Preparer { get; } = new();

    public FakeGuestProgress Progress { get; } = new();

    public FakeSsh Ssh { get; } = new();

    public FakePorts Ports { get; } = new();

    /// <summary>What a removal of a directory waits for.</summary>
    public Task RemovalGate { get; set; } = Task.CompletedTask;

    /// <summary>What reading the directories waits for.</summary>
    public Task ScanGate { get; set; } = Task.CompletedTask;

    /// <summary>How often the directories were read.</summary>
    public int Scans => Volatile.Read(ref _scans);

    public ApiClient Api => _api ??= new ApiClient(Home.ApiSocket);

    /// <summary>The host's actors.</summary>
    public ActorSystem System { get; private set; } = null!;

    /// <summary>How the host ended.</summary>
    public Task<int> Ended => _run;

    public static async Task<TestHost> StartedAsync(string hocon = "")
    {
        var host = new TestHost { Hocon = hocon };
        await host.StartAsync();
        return host;
    }

    public LimaHostOptions Options => new()
    {
        Home = Home, ShareDirectory = _directory["share"], HoconDirectory = Path.Combine(AppContext.BaseDirectory, "config", "hocon"), ExtraHocon = Hocon,
    };

    public async Task StartAsync()
    {
        _stop = new CancellationTokenSource();
        _run = Task.Run(() => HostProcess.RunAsync(Options, Replace, _stop.Token));
        await Eventually.TrueAsync(async () =>
        {
            if (_run.IsCompleted) await _run;
            return File.Exists(Home.ApiSocket) && await AnswersAsync();
        });
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _run.WaitAsync(TimeSpan.FromSeconds(60));
        _stop.Dispose();
        _api?.Dispose();
        _api = null;
    }

    /// <summary>Makes an instance as another program or a person would.</summary>
    public InstanceDirectory MakeDirectory(string name, string yaml = ApiClient.Yaml)
    {
        var directory = Home.Instance(VmName.Parse(name));
        Directory.CreateDirectory(directory.Path);
        File.WriteAllText(directory.LimaYaml, yaml);
        return directory;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _directory.Dispose();
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            await Api.HostAsync();
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private void Replace(IServiceCollection services)
    {
        services.AddSingleton<IHostedService>(provider => new Watched(() => System = provider.GetRequiredService<ActorSystem>()));
        var store = (IInstanceStore)services.Last(s => s.ServiceType == typeof(IInstanceStore)).ImplementationInstance!;
        services.RemoveAll<IInstanceStore>().AddSingleton<IInstanceStore>(new SlowStore(store, this));
        services.RemoveAll<IHypervisor>().AddSingleton<IHypervisor>(Hypervisor);
        services.RemoveAll<IInstancePreparer>().AddSingleton<IInstancePreparer>(new KeyMaker(Preparer));
        services.RemoveAll<IGuestProgress>().AddSingleton<IGuestProgress>(Progress);
        services.RemoveAll<IPortForwarding>().AddSingleton<IPortForwarding>(Ports);
        services.RemoveAll<ISshConnector>().AddSingleton<ISshConnector>(Ssh);
        services.RemoveAll<IImageStore>().AddSingleton<IImageStore>(new ImageStore(new ImageStoreOptions
        {
            CacheDirectory = CacheDirectory, ShareDirectory = _directory["share"],
        }));
    }

    private sealed class Watched(Action started) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            started();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>The real directories on a disk that may be slow.</summary>
    private sealed class SlowStore(IInstanceStore inner, TestHost host) : IInstanceStore
    {
        public LimaHome Home => inner.Home;

        public IReadOnlyList<UnusableInstance> Unusable => inner.Unusable;

        public IReadOnlyList<FoundInstance> Scan()
        {
            Interlocked.Increment(ref host._scans);
            host.ScanGate.Wait();
            return inner.Scan();
        }

        public void Create(VmId id, VmName name, string yaml) => inner.Create(id, name, yaml);

        public void Remove(VmName name)
        {
            host.RemovalGate.Wait();
            inner.Remove(name);
        }

        public void CleanUp(VmName name) => inner.CleanUp(name);
    }

    /// <summary>An SSH session looks at the guest's public key, whoever answers.</summary>
    private sealed class KeyMaker(IInstancePreparer inner) : IInstancePreparer
    {
        public Task<PreparedInstance> PrepareAsync(
            VmId id, InstanceDirectory directory, int sshPort, IProgress<StepProgress> progress, CancellationToken cancel)
        {
            File.WriteAllText(directory.SshHostKey + ".pub", "ssh-ed25519 AAAA");
            return inner.PrepareAsync(id, directory, sshPort, progress, cancel);
        }
    }
}

/// <summary>Waiting for what comes by itself.</summary>
internal static class Eventually
{
    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan? limit = null)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < (limit ?? TimeSpan.FromSeconds(60)), "it did not come true in time");
            await Task.Delay(20);
        }
    }

    public static Task TrueAsync(Func<bool> condition, TimeSpan? limit = null) => TrueAsync(() => Task.FromResult(condition()), limit);
}
