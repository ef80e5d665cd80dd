using System.Collections.Immutable;
using Lima.Domain.Networks;
using Lima.Domain.Vms;
using Lima.Drivers.Instances;

namespace Lima.Drivers.Networks;

/// <summary>A network of ours that is up: its switch, and the addresses of its cards. One call at a time.</summary>
public sealed class VirtualNetwork : IAsyncDisposable
{
    private const string Step = "attaching to the network";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _name;
    private readonly NetworkFiles _files;
    private readonly TimeProvider _time;
    private readonly EthernetSwitch _switch;
    private LeaseTable _leases;

    private VirtualNetwork(string name, NetworkPlan plan, NetworkFiles files, LeaseTable leases, IGatewayNames names, TimeProvider time, Action<Exception> failed)
    {
        (_name, Plan, _files, _leases, _time) = (name, plan, files, leases, time);
        _switch = new EthernetSwitch(name, plan, names, time, failed);
    }

    /// <summary>Its addresses.</summary>
    public NetworkPlan Plan { get; }

    /// <summary>Who is attached, with the address of each.</summary>
    public ImmutableArray<(NetworkMember Member, Ipv4 Address)> Members => [.. _switch.Ports.Select(port => (port.Member, port.Address))];

    /// <summary>Brings it up, with nobody attached.</summary>
    /// <param name="home">Where its files are.</param>
    /// <param name="name">Its name.</param>
    /// <param name="plan">Its addresses.</param>
    /// <param name="names">Answers questions for names.</param>
    /// <param name="time">Clock.</param>
    /// <param name="failed">Called, from any thread, when it cannot go on.</param>
    /// <exception cref="DriverException">Its directory or its file of addresses cannot be used.</exception>
    public static VirtualNetwork Open(LimaHome home, string name, NetworkPlan plan, IGatewayNames names, TimeProvider time, Action<Exception> failed)
    {
        var files = new NetworkFiles(home, name);
        try
        {
            Directory.CreateDirectory(files.Directory, Private);
            File.SetUnixFileMode(files.Directory, Private);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DriverException(VmCauses.LaunchFailed, Step, $"the directory `{files.Directory}` cannot be used: {e.Message}", "correct that, then try again", e);
        }

        return new VirtualNetwork(name, plan, files, LeaseFile.Read(files.Leases, plan), names, time, failed);
    }

    /// <summary>Attaches a card. Its address is on the disk before anybody hears of it.</summary>
    /// <param name="member">The card.</param>
    /// <param name="isNew">The hypervisor is yet to start, so whatever is left of an earlier one is replaced; else a card that is attached stays as it is.</param>
    /// <returns>The address of the card.</returns>
    /// <exception cref="DriverException">Another VM has that card, all addresses are taken, or something cannot be written (code <c>launch-failed</c> or <c>file-write</c>).</exception>
    public async Task<Ipv4> JoinAsync(NetworkMember member, bool isNew)
    {
        var attached = _switch.Ports.FirstOrDefault(port => port.Member.Card == member.Card);
        if (attached is not null && attached.Member.Vm != member.Vm)
        {
            throw new DriverException(
                VmCauses.LaunchFailed, Step, $"instance `{attached.Member.Name}` has a card with the address {member.Card} on network `{_name}` already",
                $"give one of them another `macAddress`, or stop `{attached.Member.Name}`");
        }

        if (attached is not null && !isNew && attached.Member == member) return attached.Address;
        var address = Lease(member.Card);
        if (attached is not null) await _switch.RemoveAsync(attached);
        _switch.Add(SwitchPort.Open(member, address, _files.CheckedPort(member.Card), _time));
        return address;
    }

    /// <summary>Detaches all cards of a VM. Their addresses stay theirs.</summary>
    public async Task LeaveAsync(VmId vm)
    {
        foreach (var port in _switch.Ports.Where(port => port.Member.Vm == vm))
        {
            await _switch.RemoveAsync(port);
            File.Delete(port.Path);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _switch.DisposeAsync();

    private Ipv4 Lease(Mac card)
    {
        var (leases, address) = _leases.Take(card, Plan, _switch.Ports.Select(port => port.Member.Card).ToHashSet());
        if (address is not { } given)
        {
            throw new DriverException(
                VmCauses.LaunchFailed, Step, $"all addresses of network `{_name}` ({Plan.First} to {Plan.Last}) are taken by running instances",
                "stop one of them, or define a larger network with `limactl network create`");
        }

        if (leases != _leases) LeaseFile.Write(_files.Leases, leases);
        _leases = leases;
        return given;
    }
}
