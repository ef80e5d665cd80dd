using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using Lima.Actors;
using Lima.Actors.Hosting;
using Lima.Actors.Networks;
using Lima.Actors.PortForwarding;
using Lima.Actors.Settings;
using Lima.Actors.Vms;
using Lima.Contracts;
using Lima.Domain.Names;
using Lima.Domain.Vms;
using Lima.Drivers.AfterBoot;
using Lima.Drivers.Disks;
using Lima.Drivers.Hypervisors;
using Lima.Drivers.Images;
using Lima.Drivers.Instances;
using Lima.Drivers.Mounts;
using Lima.Drivers.Mounts.Changes;
using Lima.Drivers.Mounts.Sshfs;
using Lima.Drivers.Mounts.Virtiofs;
using Lima.Drivers.Names;
using Lima.Drivers.PortForwarding;
using Lima.Drivers.Processes;
using Lima.Drivers.Progress;
using Lima.Drivers.Qemu;
using Lima.Drivers.Ssh;
using Lima.Host.Akka;
using Lima.Host.Api;
using Lima.Host.Journal;
using Lima.Host.Memory;
using Lima.Host.Names;
using Lima.Host.Networks;
using Lima.Host.Options;
using Lima.Host.Specs;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Lima.Host;

/// <summary>The background process: takes the lock, puts the journal in order, starts the actors, serves the API.</summary>
internal static class HostProcess
{
    private const UnixFileMode PrivateDirectory = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // A host that holds the lock and does not answer yet may be bringing back a whole fleet.
    private static readonly TimeSpan LockLimit = TimeSpan.FromSeconds(20);

    /// <summary>Runs until it is told to end; returns the exit code.</summary>
    /// <param name="options">Where things are.</param>
    /// <param name="replace">Exchanges services, for tests; null for none.</param>
    /// <param name="stop">Ends the host as <c>SIGTERM</c> does.</param>
    /// <exception cref="HostOptionsException">It cannot be started; the message is for the user.</exception>
    public static async Task<int> RunAsync(LimaHostOptions options, Action<IServiceCollection>? replace = null, CancellationToken stop = default)
    {
        PrepareDirectories(options.Home);
        using var hostLock = await HostLock.TakeAsync(options.Home, LockLimit);
        if (hostLock is null)
        {
            await Console.Error.WriteLineAsync($"lima-host: a host is already running for {options.Home.Path}");
            return 0;
        }

        var config = HoconFiles.Load(options);
        var settings = HoconFiles.Settings(config);
        using var journal = new JournalFile(options.Home.JournalFile, TimeProvider.System);
        var disks = new DiskStore(options.Home);
        var store = new InstanceStore(options.Home, Templates.HostFacts.StandsInFor, disks);
        store.RemoveLeftovers();
        var notices = new HostNotices();
        notices.Add(journal.Prepare(expected: store.Scan().Count > 0));
        await using var app = Build(options, config, services =>
        {
            AddServices(services, options, journal, store, disks, notices, settings);
            services.AddSingleton(hostLock);
            replace?.Invoke(services);
        });
        // Running the host disposes its services at the end.
        var guard = app.Services.GetRequiredService<HostGuard>();
        await using var stopped = stop.Register(app.Lifetime.StopApplication);
        await app.RunAsync(CancellationToken.None);
        // One that another host has put there is not ours.
        if (guard.OwnsSocket) File.Delete(options.Home.ApiSocket);
        journal.Leave();
        return 0;
    }

    private static void PrepareDirectories(LimaHome home)
    {
        try
        {
            foreach (var directory in new[] { home.Path, home.HostDirectory, home.ConfigDirectory })
            {
                Directory.CreateDirectory(directory, PrivateDirectory);
                // A socket is made before its mode can be set, so the directory around it must be closed before that.
                if (directory != home.Path) File.SetUnixFileMode(directory, PrivateDirectory);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostOptionsException($"LIMA_HOME {home.Path} cannot be used: {e.Message}");
        }

        if (Directory.Exists(home.ApiSocket)) throw new HostOptionsException($"{home.ApiSocket} is a directory where the socket must be; remove it");
    }

    private static WebApplication Build(LimaHostOptions options, Config config, Action<IServiceCollection> addServices)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory, EnvironmentName = Environments.Production,
        });
        // What the user's environment holds for other web programs must not open a port here.
        builder.Configuration.Sources.Clear();
        AddLogging(builder.Logging);
        addServices(builder.Services);
        builder.Services.AddAkka("lima", (akka, _) => akka
            .AddSetup(SqliteJournal.Setup(options.Home.JournalFile))
            .ConfigureLoggers(loggers =>
            {
                loggers.ClearLoggers();
                loggers.AddLoggerFactory();
            })
            .WithEventSerializer()
            .WithVms(provider => provider.GetRequiredService<VmServices>())
            .AddHocon(config, HoconAddMode.Prepend));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 8 * 1024 * 1024;
            kestrel.ListenUnixSocket(options.Home.ApiSocket, listen => listen.Use(PeerCheck.Guard));
        });
        builder.Services.Configure<SocketTransportOptions>(o => o.CreateBoundListenSocket = HostSocket.Bind);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(5));
        var app = builder.Build();
        Map(app);
        app.Lifetime.ApplicationStarted.Register(() => Started(app));
        return app;
    }

    private static void AddLogging(ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.AddSimpleConsole(o =>
        {
            o.SingleLine = true;
            o.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffzzz ";
            o.ColorBehavior = Microsoft.Extensions.Logging.Console.LoggerColorBehavior.Disabled;
        });
        logging.SetMinimumLevel(Environment.GetEnvironmentVariable("LIMA_HOST_DEBUG") == "1" ? LogLevel.Debug : LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
    }

    private static void AddServices(
        IServiceCollection services, LimaHostOptions options, JournalFile journal, InstanceStore store, DiskStore disks,
        HostNotices notices, LimaActorSettings settings)
    {
        services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(o =>
        {
            o.SerializerOptions.TypeInfoResolverChain.Insert(0, ContractsJson.Default);
            o.SerializerOptions.RespectNullableAnnotations = true;
        });
        services.AddSingleton(options).AddSingleton(journal).AddSingleton(notices).AddSingleton(settings);
        services.AddSingleton(TimeProvider.System).AddSingleton<VmReadModel>().AddSingleton<EventFeed>();
        services.AddSingleton(new JournalReader(options.Home.JournalFile));
        services.AddSingleton(options.Home).AddSingleton<IInstanceStore>(store);
        services.AddSingleton<InstanceSpecs>().AddSingleton<IVmSpecSource>(p => p.GetRequiredService<InstanceSpecs>());
        services.AddSingleton<IImageStore>(_ => new ImageStore(new ImageStoreOptions
        {
            CacheDirectory = ImageStoreOptions.DefaultCacheDirectory(), ShareDirectory = options.ShareDirectory,
        }));
        var processes = new ProcessTable();
        var qemu = new QemuHypervisor(
            new QemuOptions { AcceleratorCache = Path.Combine(options.Home.HostDirectory, "accelerator.json"), VirtiofsRelay = options.VirtiofsRelay }, processes, TimeProvider.System, disks);
        services.AddSingleton(processes);
        services.AddSingleton(qemu).AddSingleton<IHypervisor>(qemu).AddSingleton<HypervisorFactory>();
        services.AddSingleton<IGuestProgress, GuestProgressLog>().AddSingleton<ISshConnector, SshNetConnector>();
        services.AddSingleton<IInstancePreparer>(p => new InstancePreparer(
            p.GetRequiredService<IVmSpecSource>(), p.GetRequiredService<IImageStore>(), options.Home, Path.Combine(options.ShareDirectory, "guest"), qemu.Daemons,
            p.GetRequiredService<INameServers>(), p.GetRequiredService<NetworkPlans>()));
        var files = new InstanceFiles(options.Home);
        services.AddSingleton(p => new VmServices(
            p.GetRequiredService<IInstanceStore>(), p.GetRequiredService<IInstancePreparer>(), p.GetRequiredService<HypervisorFactory>(), p.GetRequiredService<IGuestProgress>(),
            p.GetRequiredService<ISshConnector>(), p.GetRequiredService<IVmSpecSource>(), settings,
            FailPoints.KillingThisProcess(settings.FailPoints), TimeProvider.System) 
        {
            AfterBoot = new AfterBootWork(),
            Files = files, Disks = new LiveDisks(disks, files, new GuestDisks(Path.Combine(options.ShareDirectory, "guest"))),
            Mounts = [.. p.GetServices<IMountTransport>()],
            Changes = new ChangeForwarding(TimeProvider.System),
            Names = p.GetRequiredService<INameServers>(),
            Ports = p.GetRequiredService<IPortForwarding>(),
            Forwards = p.GetRequiredService<PortForwardModel>(),
            Addresses = p.GetRequiredService<VmAddresses>(),
            Networks = p.GetRequiredService<NetworkServices>(),
        });
        services.AddSingleton<IMountTransport>(new NinePTransport(qemu.Arguments)).AddSingleton<IMountTransport>(new SshfsTransport());
        services.AddSingleton<IMountTransport>(new VirtiofsTransport(qemu.Find, qemu.Daemons, new VirtiofsPlug(TimeProvider.System), TimeProvider.System));
        services.AddSingleton(p => new VmAddresses(p.GetRequiredService<VmReadModel>(), settings.VmLoopbackAddress && OperatingSystem.IsLinux()));
        services.AddSingleton<IHostNames, HostNames>().AddSingleton<INameServers, NameServers>().AddSingleton<ReachableVms>().AddSingleton<HostZone>();
        services.AddSingleton(new UpstreamServers(options.ResolvConf, TimeProvider.System)).AddSingleton<IUpstream>(p => p.GetRequiredService<UpstreamServers>());
        services.AddSingleton<Func<VmName, IReachableVms>>(p => p.GetRequiredService<ReachableVms>().From);
        services.AddSingleton<NetworkModel>().AddSingleton<NetworkPlans>().AddSingleton<GatewayNames>().AddSingleton<NetworkEndpoints>();
        services.AddSingleton(p => new NetworkServices(
            options.Home, p.GetRequiredService<NetworkPlans>(), p.GetRequiredService<GatewayNames>(), p.GetRequiredService<NetworkModel>()));
        services.AddSingleton<PortForwardModel>();
        services.AddSingleton<IPortForwarding>(Forwarding(settings, processes));
        services.AddSingleton<HomeWatch>().AddSingleton<Views>().AddSingleton<QemuInfo>().AddSingleton<JournalGuard>().AddSingleton<MemoryTrim>();
        services.AddSingleton<HostGuard>().AddHostedService(p => p.GetRequiredService<HostGuard>());
        services.AddSingleton(p => ConfigurationTurns.Of(p.GetRequiredService<VmReadModel>()));
        services.AddSingleton<InstanceFollow>().AddSingleton<ImageUses>().AddSingleton<CommandSender>().AddSingleton(disks);
        services.AddSingleton<InstanceWorkEndpoints>().AddSingleton<DiskEndpoints>().AddSingleton<DiskChangeEndpoint>().AddSingleton<MountEndpoints>().AddSingleton<PortEndpoints>().AddSingleton<PruneEndpoint>().AddSingleton<DnsEndpoints>();
        services.AddSingleton<InstanceEndpoints>().AddSingleton<EventEndpoints>().AddSingleton<ImageEndpoints>().AddSingleton<HostEndpoints>();
    }

    private static GuestForwarding Forwarding(LimaActorSettings settings, ProcessTable processes)
    {
        var ends = new HostEnds();
        return new GuestForwarding(ends, processes, TimeProvider.System)
        {
            UdpIdle = settings.UdpIdle,
            Openers = settings.ForwardByQemu ? [directory => new QemuForwards(directory, ends, TimeProvider.System)] : [],
        };
    }

    private static void Map(WebApplication app)
    {
        var guard = app.Services.GetRequiredService<JournalGuard>();
        app.Use(app.Services.GetRequiredService<MemoryTrim>().Watch);
        app.Use(next => context => guard.InvokeAsync(context, next));
        app.Use(ErrorEdge.Guard);
        app.Services.GetRequiredService<InstanceEndpoints>().Map(app);
        app.Services.GetRequiredService<EventEndpoints>().Map(app);
        app.Services.GetRequiredService<ImageEndpoints>().Map(app);
        app.Services.GetRequiredService<HostEndpoints>().Map(app);
        app.Services.GetRequiredService<InstanceWorkEndpoints>().Map(app);
        app.Services.GetRequiredService<DiskEndpoints>().Map(app);
        app.Services.GetRequiredService<NetworkEndpoints>().Map(app);
        app.Services.GetRequiredService<DiskChangeEndpoint>().Map(app);
        app.Services.GetRequiredService<MountEndpoints>().Map(app);
        app.Services.GetRequiredService<PortEndpoints>().Map(app);
        app.Services.GetRequiredService<PruneEndpoint>().Map(app);
        app.Services.GetRequiredService<DnsEndpoints>().Map(app);
    }

    private static void Started(WebApplication app)
    {
        app.Services.GetRequiredService<JournalGuard>().Watch(app.Services.GetRequiredService<ActorSystem>());
        app.Services.GetRequiredService<JournalFile>().Opened();
        app.Services.GetRequiredService<HostGuard>().Serving();
        app.Services.GetRequiredService<HostZone>().Begin();
        _ = app.Services.GetRequiredService<MemoryTrim>().RunAsync(app.Lifetime.ApplicationStopping);
        foreach (var notice in app.Services.GetRequiredService<HostNotices>().All) app.Logger.LogWarning("{Notice}", notice);
        app.Logger.LogInformation("lima-host {Version} serves {Home}", HostVersion.Current, app.Services.GetRequiredService<LimaHome>().Path);
    }
}
