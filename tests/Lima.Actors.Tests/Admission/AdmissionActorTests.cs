using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Lima.Actors.Admission;
using Lima.Actors.Vms;
using Lima.Domain.Vms;
using Xunit.Abstractions;

namespace Lima.Actors.Tests.Admission;

/// <summary>How many VMs boot at once, and in which order.</summary>
public sealed class AdmissionActorTests(ITestOutputHelper output) : TestKit("akka.loglevel = WARNING", "admission", output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private readonly List<(VmId Id, TestProbe Probe)> _vms = [];

    [Fact]
    public async Task There_are_so_many_places()
    {
        var admission = Start(places: 2, vms: 3);
        await AdmittedAsync(0, 1);
        await NotAdmittedAsync(admission, 2);
    }

    [Fact]
    public async Task Who_came_first_is_served_first()
    {
        var admission = Start(places: 1, vms: 4);
        await AdmittedAsync(0);
        for (var next = 1; next < 4; next++)
        {
            for (var later = next; later < 4; later++) await NotAdmittedAsync(admission, later);
            admission.Tell(new AdmissionProtocol.Release(_vms[next - 1].Id));
            await AdmittedAsync(next);
        }
    }

    [Fact]
    public async Task A_place_is_released_once_only()
    {
        var admission = Start(places: 1, vms: 3);
        await AdmittedAsync(0);
        admission.Tell(new AdmissionProtocol.Release(_vms[0].Id));
        admission.Tell(new AdmissionProtocol.Release(_vms[0].Id));
        await AdmittedAsync(1);
        await NotAdmittedAsync(admission, 2);
    }

    [Fact]
    public async Task One_that_gives_up_waiting_leaves_the_queue()
    {
        var admission = Start(places: 1, vms: 3);
        await AdmittedAsync(0);
        admission.Tell(new AdmissionProtocol.Release(_vms[1].Id));
        admission.Tell(new AdmissionProtocol.Release(_vms[0].Id));
        await AdmittedAsync(2);
        await NotAdmittedAsync(admission, 1);
    }

    [Fact]
    public async Task One_that_dies_while_it_waits_leaves_the_queue()
    {
        var admission = Start(places: 1, vms: 3);
        await AdmittedAsync(0);
        Sys.Stop(_vms[1].Probe.Ref);
        // Its end may be told after the release; then its place is passed on at once.
        admission.Tell(new AdmissionProtocol.Release(_vms[0].Id));
        await AdmittedAsync(2);
    }

    [Fact]
    public async Task One_that_dies_while_it_boots_frees_its_place()
    {
        Start(places: 1, vms: 2);
        await AdmittedAsync(0);
        Sys.Stop(_vms[0].Probe.Ref);
        await AdmittedAsync(1);
    }

    [Fact]
    public async Task One_that_holds_a_place_and_asks_again_keeps_it()
    {
        var admission = Start(places: 1, vms: 2);
        await AdmittedAsync(0);
        admission.Tell(new AdmissionProtocol.Request(_vms[0].Id, 2), _vms[0].Probe.Ref);
        Assert.Equal(2, (await _vms[0].Probe.ExpectMsgAsync<VmChildProtocol.BootAdmitted>(Patience)).Attempt);
        await NotAdmittedAsync(admission, 1);
    }

    [Fact]
    public async Task The_end_of_an_actor_does_not_take_the_place_of_the_one_that_followed_it()
    {
        var admission = Start(places: 1, vms: 2);
        await AdmittedAsync(0);
        var (successor, other) = (CreateTestProbe(), _vms[1]);
        admission.Tell(new AdmissionProtocol.Request(_vms[0].Id, 1), successor.Ref);
        await successor.ExpectMsgAsync<VmChildProtocol.BootAdmitted>(Patience);
        Watch(_vms[0].Probe.Ref);
        Sys.Stop(_vms[0].Probe.Ref);
        await ExpectTerminatedAsync(_vms[0].Probe.Ref, Patience);
        await NotAdmittedAsync(admission, 1);
        admission.Tell(new AdmissionProtocol.Release(_vms[0].Id));
        await other.Probe.ExpectMsgAsync<VmChildProtocol.BootAdmitted>(Patience);
    }

    [Fact]
    public async Task No_number_means_one_more_than_there_are_processors()
    {
        var places = Environment.ProcessorCount + 1;
        var admission = Start(places: 0, vms: places + 1);
        await AdmittedAsync([.. Enumerable.Range(0, places)]);
        await NotAdmittedAsync(admission, places);
    }

    private IActorRef Start(int places, int vms)
    {
        var admission = Sys.ActorOf(AdmissionActor.Props(places));
        for (var i = 0; i < vms; i++)
        {
            _vms.Add((VmId.From(Guid.NewGuid()), CreateTestProbe()));
            admission.Tell(new AdmissionProtocol.Request(_vms[i].Id, 1), _vms[i].Probe.Ref);
        }

        return admission;
    }

    private async Task AdmittedAsync(params int[] which)
    {
        foreach (var i in which) Assert.Equal(1, (await _vms[i].Probe.ExpectMsgAsync<VmChildProtocol.BootAdmitted>(Patience)).Attempt);
    }

    /// <summary>Once the actor has answered a question, everything sent before has been dealt with.</summary>
    private async Task NotAdmittedAsync(IActorRef admission, int which)
    {
        await admission.Ask<ActorIdentity>(new Identify(null), Patience);
        Assert.False(_vms[which].Probe.HasMessages);
    }
}
