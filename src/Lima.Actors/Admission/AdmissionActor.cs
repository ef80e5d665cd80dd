using Akka.Actor;
using Lima.Actors.Vms;
using Lima.Domain.Vms;

namespace Lima.Actors.Admission;

/// <summary>What VMs say to the admission.</summary>
internal static class AdmissionProtocol
{
    /// <summary>May this VM boot? Answered with <see cref="VmChildProtocol.BootAdmitted"/>, perhaps much later.</summary>
    public sealed record Request(VmId Id, int Attempt);

    /// <summary>The VM is up, or down again; its place is free.</summary>
    public sealed record Release(VmId Id);
}

/// <summary>
/// Lets only so many VMs boot at once, first come first served: more would make each of them miss its deadline. A VM
/// holds its place from its request until it is running or down.
/// </summary>
public sealed class AdmissionActor : ReceiveActor
{
    private readonly int _places;
    private readonly Dictionary<VmId, IActorRef> _booting = [];
    private readonly List<(AdmissionProtocol.Request Request, IActorRef Vm)> _waiting = [];

    /// <summary>Use <see cref="Props"/>; Akka needs the constructor to be public.</summary>
    public AdmissionActor(int places)
    {
        _places = places > 0 ? places : Environment.ProcessorCount + 1;
        Receive<AdmissionProtocol.Request>(OnRequest);
        Receive<AdmissionProtocol.Release>(m => Leave(m.Id));
        Receive<Terminated>(t => LeaveAll(t.ActorRef));
    }

    /// <summary>How to make one; 0 places means one more than there are processors.</summary>
    public static Props Props(int places) => Akka.Actor.Props.Create(() => new AdmissionActor(places));

    private void OnRequest(AdmissionProtocol.Request request)
    {
        Context.Watch(Sender);
        _waiting.RemoveAll(w => w.Request.Id == request.Id);
        _waiting.Add((request, Sender));
        Admit();
    }

    private void Admit()
    {
        for (var i = 0; i < _waiting.Count;)
        {
            var (request, vm) = _waiting[i];
            if (!_booting.ContainsKey(request.Id) && _booting.Count >= _places)
            {
                i++;
                continue;
            }

            _waiting.RemoveAt(i);
            _booting[request.Id] = vm;
            vm.Tell(new VmChildProtocol.BootAdmitted(request.Attempt));
        }
    }

    private void Leave(VmId id)
    {
        if (_booting.Remove(id, out var vm)) Context.Unwatch(vm);
        _waiting.RemoveAll(w => w.Request.Id == id);
        Admit();
    }

    private void LeaveAll(IActorRef vm)
    {
        foreach (var id in _booting.Where(b => b.Value.Equals(vm)).Select(b => b.Key).ToList()) _booting.Remove(id);
        _waiting.RemoveAll(w => w.Vm.Equals(vm));
        Admit();
    }
}
