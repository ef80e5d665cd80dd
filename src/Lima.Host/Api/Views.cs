using System.Collections.Immutable;
using Lima.Actors.Networks;
using Lima.Actors.PortForwarding;
using Lima.Actors.Vms;
using Lima.Contracts;
using Lima.Domain.Mounts;
using Lima.Domain.Networks;
using Lima.Domain.Vms;
using Lima.Drivers.Files;
using Lima.Drivers.Instances;
using Lima.Drivers.Processes;
using Lima.Host.Specs;
using Lima.Templates;

namespace Lima.Host.Api;

/// <summary>From the machine's words to the contract's. The only place where both are known.</summary>
internal sealed class Views(LimaHome home, InstanceSpecs specs, ProcessTable processes, PortForwardModel forwards, VmAddresses addresses, NetworkModel networks)
{
    /// <summary>Lima's word for an instance that cannot be used as it is.</summary>
    public const string Broken = "Broken";

    /// <summary>An instance as clients see it.</summary>
    /// <param name="view">The instance.</param>
    /// <param name="config">Also its whole configuration, which is far larger than the rest.</param>
    /// <param name="all">The addresses of all VMs, where several are asked for; null to find out.</param>
    public InstanceView Of(VmView view, bool config = false, ImmutableSortedDictionary<string, string>? all = null)
    {
        var state = view.State;
        var directory = home.Instance(VmName.Parse(state.Name));
        var (read, createdBy) = specs.ReadAll(directory);
        var spec = read.Spec;
        var foreign = state.Process is null ? ForeignAgent.Of(directory) : null;
        var degraded = Degradations(state);
        var own = state.Process is null ? (int?)null : Environment.ProcessId;
        return new InstanceView
        {
            Name = state.Name,
            Hostname = directory.Name.Hostname,
            Status = Status(state, read, foreign),
            LimaVersion = createdBy,
            Dir = directory.Path,
            VmType = spec?.VmType ?? "",
            Arch = spec?.Arch ?? "",
            Cpus = spec?.Cpus ?? 0,
            Memory = spec?.MemoryBytes ?? 0,
            Disk = spec?.DiskBytes ?? 0,
            Message = spec?.Message is { Length: > 0 } message ? message : null,
            SshLocalPort = foreign is null ? state.SshPort : spec?.Ssh.LocalPort ?? 0,
            SshConfigFile = directory.SshConfig,
            HostAgentPid = foreign ?? own,
            DriverPid = state.Process?.Pid,
            Errors = Errors(read, degraded),
            Config = config ? specs.Config(directory) : null,
            Protected = File.Exists(directory.Protected),
            AdditionalDisks = spec is { AdditionalDisks.IsEmpty: false } ? [.. spec.AdditionalDisks.Select(Of)] : null,
            Network = spec is { Networks.IsEmpty: false } ? [.. spec.Networks.Select(network => Of(network, networks.Of(view.Id)))] : null,
            Param = spec is { Params.IsEmpty: false } ? new SortedDictionary<string, string>(spec.Params, StringComparer.Ordinal) : null,
            AutoStartedIdentifier = state.Process is null ? null : AutostartUnit.Of(directory.Name),
            Id = view.Id.Value,
            Intent = state.Intent != VmIntent.None ? state.Intent.ToString().ToLowerInvariant() : state.DiskChange is null ? null : "changing-disks",
            DiskAllocated = AllocatedSpace.Of(directory.Disk),
            Cause = foreign is { } pid ? Foreign(pid) : state.Cause is { } cause ? Of(cause) : null,
            Degraded = degraded,
            Mounts = state.Process is null || view.Mounts.IsEmpty ? null : [.. view.Mounts.Select(Of)],
            Forwards = state.Process is null ? null : PortViews.Of(forwards.Of(view.Id)),
            LoopbackAddress = (all ?? addresses.All).GetValueOrDefault(state.Name),
            Since = state.Since,
            User = spec?.User.Name,
            Sequence = view.SequenceNr,
        };
    }

    /// <summary>Instances as clients see them.</summary>
    public IEnumerable<InstanceView> Of(IEnumerable<VmView> views, bool config)
    {
        var all = addresses.All;
        return views.Select(view => Of(view, config, all));
    }

    /// <summary>The status alone.</summary>
    public string StatusOf(VmView view)
    {
        var directory = home.Instance(VmName.Parse(view.State.Name));
        return Status(view.State, specs.Read(directory), view.State.Process is null ? ForeignAgent.Of(directory) : null);
    }

    /// <summary>A directory that cannot be an instance is shown all the same, so that its user sees why it is none.</summary>
    public static InstanceView Of(UnusableInstance unusable) => new()
    {
        Name = unusable.Directory.Name.Value,
        Hostname = unusable.Directory.Name.Hostname,
        Status = Broken,
        Dir = unusable.Directory.Path,
        Errors = [unusable.Problem],
    };

    /// <summary>Lima has one list for all that is wrong with an instance; programs that read it find there what is degraded too.</summary>
    private static List<string>? Errors(TemplateResult read, List<CauseView>? degraded)
    {
        List<string> all = [.. read.Errors.Select(e => e.ToString()), .. (degraded ?? []).Select(cause => $"{cause.Step}: {cause.Message}")];
        return all.Count == 0 ? null : all;
    }

    // Without a readable configuration a VM that does not live cannot be started: that is what users must see.
    private static string Status(VmState state, TemplateResult read, int? foreign)
    {
        if (foreign is not null) return nameof(VmPhase.Running);
        return read.Spec is null && state.Process is null ? Broken : state.Phase.ToString();
    }

    private static CauseView Foreign(int pid) => new(
        "foreign", "", $"it is run by another program (host agent, process {pid})", "stop it with the program that started it");

    /// <summary>
    /// What is stored, and what one look at the process tells before the next heartbeat does: a QEMU that was stopped by a
    /// signal answers nobody, and a list must say so at once without asking it.
    /// </summary>
    private List<CauseView>? Degradations(VmState state)
    {
        List<CauseView> all = [.. state.Degradations.Values.Select(Of)];
        if (state.Process is { } process && !state.Degradations.ContainsKey(VmCauses.QmpMute) && processes.IsHalted(process))
        {
            all.Add(new CauseView(
                VmCauses.QmpMute, "looking at QEMU", $"QEMU (process {process.Pid}) was stopped by a signal and does not answer",
                $"let it go on with `kill -CONT {process.Pid}`, or end it with `limactl stop --force {state.Name}`"));
        }

        return all.Count == 0 ? null : all;
    }

    private static AdditionalDiskView Of(Domain.Specs.DiskSpec disk) => new(
        disk.Name, disk.Format, disk.FsType.Length == 0 ? null : disk.FsType, disk.FsArgs.IsEmpty ? null : [.. disk.FsArgs]);

    private static NetworkCardView Of(Domain.Specs.NetworkSpec network, IEnumerable<NetworkAttachment> attached) => new()
    {
        Lima = network.Lima.Length == 0 ? null : network.Lima,
        Socket = network.Socket.Length == 0 ? null : network.Socket,
        VzNat = network.VzNat ? true : null,
        MacAddress = network.MacAddress,
        Interface = network.Interface,
        Metric = network.Metric,
        Address = Mac.TryParse(network.MacAddress, out var card)
            ? attached.FirstOrDefault(a => a.Member.Card == card && a.Member.Network == network.Lima)?.Address.ToString()
            : null,
    };

    private static MountView Of(MountStatus mount) => new()
    {
        Location = mount.Spec.Location,
        MountPoint = mount.Spec.MountPoint,
        Writable = mount.Spec.Writable,
        Type = mount.Type is { } type ? MountTypes.Word(type) : null,
        State = mount.Condition.ToString().ToLowerInvariant(),
        Note = mount.Note.Length == 0 ? null : mount.Note,
        Added = mount.IsAdded,
    };

    /// <summary>A cause.</summary>
    public static CauseView Of(VmCause cause) => new(cause.Code, cause.Step, cause.Message, cause.Hint.Length == 0 ? null : cause.Hint);

    /// <summary>A refusal.</summary>
    public static ErrorView Of(VmError error) => new(error.Code, error.Message, error.Hint.Length == 0 ? null : error.Hint);

    /// <summary>A problem in a file.</summary>
    public static ProblemView Of(Problem problem) => new(problem.File, problem.Line, problem.Column, problem.Field, problem.Message);
}
