using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.TestKit;
using Akka.TestKit.Xunit2;
using Lima.Actors.Vms;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;
using Xunit.Abstractions;

namespace Lima.Actors.Tests.Support;

/// <summary>A system whose journal can be told to fail, with a world of fakes beside it.</summary>
public abstract class ActorSpec : TestKit
{
    private protected const string VirtualTime = "akka.scheduler.implementation = \"Akka.TestKit.TestScheduler, Akka.TestKit\"\n";
    private protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private const string Journals = """
        akka.loglevel = WARNING
        akka.log-dead-letters = off
        akka.persistence {
          journal {
            plugin = "akka.persistence.journal.test"
            test {
              class = "Akka.Persistence.TestKit.TestJournal, Akka.Persistence.TestKit"
              plugin-dispatcher = "akka.actor.default-dispatcher"
            }
          }
          snapshot-store {
            plugin = "akka.persistence.snapshot-store.test"
            test {
              class = "Akka.Persistence.TestKit.TestSnapshotStore, Akka.Persistence.TestKit"
              plugin-dispatcher = "akka.actor.default-dispatcher"
            }
          }
        }
        """;

    private int _commands;

    private protected ActorSpec(ITestOutputHelper output, string hocon = "")
        : base(ConfigurationFactory.ParseString(hocon + Journals), "actors", output) => World = new World(Sys);

    private protected World World { get; }

    private protected ITestJournal Journal => field ??= TestJournal.FromRef(Akka.Persistence.Persistence.Instance.Apply(Sys).JournalFor(null));

    /// <summary>Sends a command with an id of its own and returns the answer.</summary>
    private protected Task<VmProtocol.Reply> SendAsync(string name, Func<string, VmCommand> command) =>
        World.Manager.Ask<VmProtocol.Reply>(new VmProtocol.Envelope(name, command($"c-{++_commands}")), Patience);

    /// <summary>Sends a command that must be accepted.</summary>
    private protected async Task<VmView> DoAsync(string name, Func<string, VmCommand> command) =>
        Assert.IsType<VmProtocol.Accepted>(await SendAsync(name, command)).View;

    private protected async Task<VmView> CreateAsync(string name) => Assert.IsType<VmProtocol.Accepted>(await World.CreateAsync(name, VmId.From(Guid.NewGuid()))).View;

    /// <summary>Makes a VM and brings it up.</summary>
    private protected async Task<(VmId Id, Fakes.FakeGuest Guest)> RunningAsync(string name = "web")
    {
        var id = (await CreateAsync(name)).Id;
        await DoAsync(name, Say.Start);
        await UntilAsync(name, s => s.Phase == VmPhase.Running);
        return (id, World.Hypervisor.Of(id)!);
    }

    /// <summary>Waits until a VM's state is as wanted.</summary>
    private protected async Task<VmState> UntilAsync(string name, Func<VmState, bool> wanted)
    {
        VmState? state = null;
        await EventuallyAsync(() =>
        {
            state = World.Views.Views.GetValueOrDefault(name)?.State;
            Assert.True(state is not null && wanted(state), $"`{name}` is {state}");
        });
        return state!;
    }

    private protected Task EventuallyAsync(Action assertion) => AwaitAssertAsync(assertion, Patience, TimeSpan.FromMilliseconds(20));

    protected override void AfterAll()
    {
        base.AfterAll();
        World.Dispose();
    }
}
