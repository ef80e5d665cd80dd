using Akka.Actor;
using Akka.Hosting;
using Akka.Pattern;
using Lima.Actors.Admission;
using Lima.Actors.Networks;
using Lima.Actors.Persistence;
using Lima.Actors.Vms;

namespace Lima.Actors.Hosting;

/// <summary>Adds the actors to a system; the host and the tests use the same.</summary>
public static class LimaActorsHosting
{
    /// <summary>Binds every stored type to <see cref="EventSerializer"/>.</summary>
    public static AkkaConfigurationBuilder WithEventSerializer(this AkkaConfigurationBuilder builder) => builder.WithCustomSerializer(
        "lima-event", EventManifests.Types, system => new EventSerializer(system));

    /// <summary>Starts <c>/user/admission</c>, <c>/user/feed</c>, <c>/user/networks</c> and <c>/user/vms</c> and registers the manager.</summary>
    public static AkkaConfigurationBuilder WithVms(this AkkaConfigurationBuilder builder, Func<IServiceProvider, VmServices> services) =>
        builder.WithActors((system, registry, resolver) =>
        {
            var provider = resolver.GetService<IServiceProvider>();
            registry.Register<VmManagerActor>(StartVms(system, services(provider), Need<VmReadModel>(provider), Need<EventFeed>(provider)));
        });

    /// <summary>Starts the actors in a plain system.</summary>
    public static IActorRef StartVms(ActorSystem system, VmServices services, VmReadModel views, EventFeed feed)
    {
        system.ActorOf(feed.Props(), "feed");
        system.ActorOf(LostCommandsActor.Props(), "lost-commands");
        var admission = system.ActorOf(AdmissionActor.Props(services.Settings.BootsAtOnce), "admission");
        if (services.Networks is { } networks)
        {
            var props = NetworksActor.Props(networks, services.Time, services.Settings.BackoffMin, services.Settings.BackoffMax);
            services = services with { NetworkKeeper = system.ActorOf(props, "networks") };
        }

        // A journal that fails stops the manager; it comes back and finds everything as it is.
        var manager = BackoffSupervisor.Props(Backoff.OnStop(
                VmManagerActor.Props(services, views, admission), "manager",
                services.Settings.BackoffMin, services.Settings.BackoffMax, randomFactor: 0.2, maxNrOfRetries: -1)
            .WithReplyWhileStopped(VmManagerActor.StoreUnavailable));
        return system.ActorOf(manager, "vms");
    }

    private static T Need<T>(IServiceProvider provider) where T : class =>
        provider.GetService(typeof(T)) as T ?? throw new InvalidOperationException($"{typeof(T).Name} is not registered");
}
