using Akka.Actor;
using Lima.Actors.Tests.Support;
using Lima.Actors.Vms;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;
using Xunit.Abstractions;

namespace Lima.Actors.Tests.Recovery;

/// <summary>
/// Tells a story though the actors are cut short at one point of it: alone, so that the manager brings the VM's actor
/// back, or together with all others, as with the whole host. Commands are repeated under their id until they are answered.
/// </summary>
public abstract class RecoverySpec : ActorSpec
{
    private CutShort? _cut;
    private bool _restartDue;
    private int _commands;

    private protected RecoverySpec(ITestOutputHelper output)
        : base(output)
    {
    }

    private protected void Arm(string point, bool wholeHost)
    {
        _cut = new CutShort(point);
        _restartDue = wholeHost;
        World.FailPoints = _cut.Points;
    }

    private protected async Task<VmId> InsistOnCreateAsync(string name)
    {
        var id = VmId.From(Guid.NewGuid());
        await InsistAsync(() => new VmProtocol.Create(id, VmName.Parse(name), "images: []\n"));
        return id;
    }

    private protected async Task InsistAsync(string name, Func<string, VmCommand> command)
    {
        var said = command($"insist-{++_commands}");
        await InsistAsync(() => new VmProtocol.Envelope(name, said));
    }

    private protected async Task ReachAsync(string name, Func<VmState, bool> wanted)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (!(World.Views.Views.GetValueOrDefault(name)?.State is { } state && wanted(state)))
        {
            Assert.True(DateTime.UtcNow < deadline, $"`{name}` is {World.Views.Views.GetValueOrDefault(name)?.State}");
            await GoOnAsync();
        }
    }

    private protected async Task ReachAsync(Func<bool> wanted)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (!wanted())
        {
            Assert.True(DateTime.UtcNow < deadline, "it is not so in time");
            await GoOnAsync();
        }
    }

    /// <summary>At no time did a VM have two machines, and the point of this test lay on the way.</summary>
    private protected void AssertNoHarm()
    {
        Assert.Equal(0, World.Hypervisor.Doubled);
        Assert.True(_cut!.WasReached, "the story does not lead through this point");
    }

    /// <summary>Lets time pass; restarts the host once the point has been reached, if that is what this test is about.</summary>
    private async Task GoOnAsync()
    {
        if (_restartDue && _cut!.WasReached)
        {
            _restartDue = false;
            await World.RestartAsync();
        }

        await Task.Delay(5);
    }

    private async Task InsistAsync(Func<object> message)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (true)
        {
            await GoOnAsync();
            try
            {
                switch (await World.Manager.Ask<VmProtocol.Reply>(message(), TimeSpan.FromMilliseconds(500)))
                {
                    case VmProtocol.Accepted:
                        return;
                    case VmProtocol.Rejected { Error.Code: "instance-not-found" or "not-found" } when message() is VmProtocol.Envelope { Command: VmCommands.Delete or VmCommands.Rename }:
                        return;
                    case VmProtocol.Rejected rejected:
                        Assert.Equal("journal-unavailable", rejected.Error.Code);
                        break;
                }
            }
            catch (AskTimeoutException)
            {
                // Its receiver was cut short before it could answer.
            }

            Assert.True(DateTime.UtcNow < deadline, "the command was never answered");
        }
    }
}
