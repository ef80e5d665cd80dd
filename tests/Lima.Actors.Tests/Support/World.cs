using System.Collections.Concurrent;
using Akka.Actor;
using Akka.TestKit;
using Lima.Actors.Hosting;
using Lima.Actors.Networks;
using Lima.Actors.PortForwarding;
using Lima.Actors.Settings;
using Lima.Actors.Tests.Fakes;
using Lima.Actors.Vms;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;
using Lima.Drivers.Hypervisors;
using Lima.Drivers.Instances;
using Lima.Drivers.PortForwarding;
using Lima.Testing;

namespace Lima.Actors.Tests.Support;

/// <summary>The actors under test among fakes; the fakes stay when the actors are stopped and started again, as the real world does.</summary>
internal sealed class World : IDisposable
{
    private static readonly string[] Roots = ["vms", "admission", "feed", "lost-commands"];
    private readonly TemporaryDirectory _directory = new();
    private readonly ConcurrentQueue<VmEventStored> _stored = [];
    private readonly ActorSystem _system;
    private IActorRef? _manager;

    public World(ActorSystem system)
    {
        _system = system;
        Home = new LimaHome(_directory.Path);
        Directory.CreateDirectory(Home.HostDirectory);
        Store = new FakeInstanceStore(new InstanceStore(Home, "test"));
        Files = new FakeInstanceFiles(new InstanceFiles(Home));
        system.EventStream.Subscribe(system.ActorOf(Props.Create(() => new Recorder(_stored))), typeof(VmEventStored));
    }

    public LimaHome Home { get; }

    public FakeHypervisor Hypervisor { get; } = new();

    public FakePreparer Preparer { get; } = new();

    public FakeInstanceStore Store { get; }

    public FakeInstanceFiles Files { get; }

    public FakeAfterBoot AfterBoot { get; } = new();

    public FakeSsh Ssh { get; } = new();

    public FakeSpecs Specs { get; } = new();

    public FakeDisks Disks { get; } = new();

    /// <summary>The one way of mounting there is.</summary>
    public FakeMounts Mounts { get; } = new();

    public FakePorts Ports { get; } = new();

    public FakeNames Names { get; } = new();

    public PortForwardModel Forwards { get; } = new();

    /// <summary>What networks are made with; none where a test needs none.</summary>
    public NetworkServices? Networks { get; set; }

    public FakeGuestProgress Progress { get; } = new();

    public VmReadModel Views { get; private set; } = new();

    /// <summary>Where VM actors fail; set before the manager is started.</summary>
    public FailPoints FailPoints { get; set; } = FailPoints.None;

    public LimaActorSettings Settings { get; set; } = new()
    {
        StopTimeout = TimeSpan.FromMinutes(3),
        Heartbeat = TimeSpan.FromMilliseconds(100),
        HeartbeatLimit = TimeSpan.FromMilliseconds(200),
        SshSilence = TimeSpan.FromSeconds(1),
        MountLook = TimeSpan.FromMilliseconds(150),
        ChildRestarts = 3,
        ChildRestartWindow = TimeSpan.FromMinutes(1),
        BackoffMin = TimeSpan.FromMilliseconds(50),
        BackoffMax = TimeSpan.FromMilliseconds(200),
        SshRetryMin = TimeSpan.FromMilliseconds(20),
        SshRetryMax = TimeSpan.FromMilliseconds(50),
        ProgressSilence = TimeSpan.FromMilliseconds(100),
        TrimOnStop = TimeSpan.FromSeconds(2),
        TrimInterval = TimeSpan.FromDays(7),
        TakesNextHostPort = false,
        VmLoopbackAddress = false,
        ForwardByQemu = true,
        UdpIdle = TimeSpan.FromSeconds(60),
        PassivateAfter = TimeSpan.FromMinutes(1),
        BootsAtOnce = 100,
        StashCapacity = 100,
        FailPoints = [],
    };

    /// <summary>The manager, started at first use.</summary>
    public IActorRef Manager => _manager ??= LimaActorsHosting.StartVms(_system, Services(), Views, new EventFeed());

    public VmServices Services() => new(
        Store, Preparer, new HypervisorFactory([Hypervisor]), Progress, Ssh, Specs, Settings, FailPoints,
        _system.Scheduler is TestScheduler virtual_ ? new SchedulerTime(virtual_) : TimeProvider.System)
    {
        Files = Files,
        Disks = Disks,
        AfterBoot = AfterBoot,
        Mounts = [Mounts],
        Ports = Ports,
        Names = Names,
        Forwards = Forwards,
        Addresses = new VmAddresses(Views, Settings.VmLoopbackAddress),
        Networks = Networks,
    };

    /// <summary>Stops all actors, as the end of a host does, and waits until they are gone.</summary>
    public async Task StopAsync()
    {
        foreach (var root in Networks is null ? Roots : [.. Roots, "networks"])
        {
            var actor = await _system.ActorSelection("/user/" + root).ResolveOne(TimeSpan.FromSeconds(10));
            var gone = actor.WatchAsync();
            _system.Stop(actor);
            await gone.WaitAsync(TimeSpan.FromSeconds(30));
            // Its name is free a moment later, when its guardian has heard of it.
            var guardian = ((ExtendedActorSystem)_system).Provider.Guardian;
            for (var tries = 0; guardian.GetSingleChild(root) is not Nobody && tries < 3000; tries++) await Task.Delay(10);
        }

        _manager = null;
        Views = new VmReadModel();
    }

    /// <summary>Stops all actors and starts them again on the same journal.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await RestartedAsync();
    }

    /// <summary>Starts the actors after <see cref="StopAsync"/> and waits until each VM has said how it is.</summary>
    public async Task RestartedAsync()
    {
        _ = Manager;
        await Views.Ready.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public Task<VmProtocol.Reply> CreateAsync(string name, VmId id) =>
        Manager.Ask<VmProtocol.Reply>(new VmProtocol.Create(id, VmName.Parse(name), "images: []\n"), TimeSpan.FromSeconds(30));

    public Task ScanAsync() => Manager.Ask<VmProtocol.Scanned>(new VmProtocol.Scan(), TimeSpan.FromSeconds(30));

    /// <summary>Makes a directory as another program or a person would.</summary>
    public InstanceDirectory MakeDirectory(string name)
    {
        var directory = Home.Instance(VmName.Parse(name));
        Directory.CreateDirectory(directory.Path);
        File.WriteAllText(directory.LimaYaml, "images: []\n");
        File.WriteAllText(directory.SshHostKey + ".pub", "ssh-ed25519 AAAA");
        return directory;
    }

    /// <summary>Names of the stored events of a VM, in order.</summary>
    public IReadOnlyList<string> EventsOf(VmId id) => [.. StoredOf(id).Select(e => e.GetType().Name)];

    public IReadOnlyList<VmEvent> StoredOf(VmId id) => [.. _stored.Where(s => s.Id == id).OrderBy(s => s.SequenceNr).Select(s => s.Event)];

    /// <summary>The actor of a VM.</summary>
    public Task<IActorRef> ActorOfAsync(VmId id) => ResolveAsync($"/user/vms/manager/{id}");

    /// <summary>A child of a VM's actor that was made as the n-th: the first has no number.</summary>
    public Task<IActorRef> ChildOfAsync(VmId id, string child) => ResolveAsync($"/user/vms/manager/{id}/{child}");

    public void Dispose() => _directory.Dispose();

    private async Task<IActorRef> ResolveAsync(string path) => await _system.ActorSelection(path).ResolveOne(TimeSpan.FromSeconds(10));

    private sealed class Recorder : ReceiveActor
    {
        public Recorder(ConcurrentQueue<VmEventStored> stored) => Receive<VmEventStored>(stored.Enqueue);
    }

    private sealed class SchedulerTime(TestScheduler scheduler) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => scheduler.Now;
    }
}
