using Lima.Domain.Disks;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;

namespace Lima.Domain.Tests.Vms;

/// <summary>Short names for the inputs that tests use over and over. Command ids are unique unless given.</summary>
internal static class Say
{
    public static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);

    public static readonly ProcessIdentity Qemu = new(4711, 123456, "6f1c7a3e-0d5b-4f0e-9a44-0f3f1f6f5a10");

    public const int Port = 60022;

    private static int _last;

    public static VmCommand Start(string? id = null) => new VmCommands.Start(id ?? Id(), Timeout);

    public static VmCommand Stop(bool force = false) => new VmCommands.Stop(Id(), force);

    public static VmCommand Restart(bool force = false) => new VmCommands.Restart(Id(), force, Timeout);

    public static VmCommand Pause() => new VmCommands.Pause(Id());

    public static VmCommand Resume() => new VmCommands.Resume(Id());

    public static VmCommand Delete(bool force = false) => new VmCommands.Delete(Id(), force);

    public const string CloneId = "5d0d6f0e-6a6e-4c9a-9d1e-0a1b2c3d4e5f";

    public static VmCommand Edit(string? id = null) => new VmCommands.Edit(id ?? Id(), "images: []\n");

    public static VmCommand Clone(string? id = null) => new VmCommands.Clone(id ?? Id(), CloneId, "copy");

    public static VmCommand Rename(string? id = null) => new VmCommands.Rename(id ?? Id(), "renamed");

    public static VmCommand FactoryReset(string? id = null) => new VmCommands.FactoryReset(id ?? Id());

    public static VmCommand AddMount(string? id = null) => new VmCommands.AddMount(id ?? Id(), "/src", "/mnt/src", Writable: true);

    public static VmCommand RemoveMount(string? id = null) => new VmCommands.RemoveMount(id ?? Id(), "/mnt/src");

    public static readonly DiskChange GrowData = new(DiskActions.Grow, "data", 2L << 30);

    public static VmCommand ChangeDisk(string? id = null) => new VmCommands.ChangeDisk(id ?? Id(), GrowData);

    public static readonly PortForwardSpec Web = new() { GuestPorts = new PortRange(80, 80), HostPorts = new PortRange(8080, 8080) };

    public static readonly ConfigurationChange Saved = new("portForwards: []\n", "0123");

    public static VmCommand ChangePorts(string? id = null, ConfigurationChange? save = null) => new VmCommands.ChangeForwards(id ?? Id(), new RuleChange([Web], []), save);

    public static VmReport Failed(VmIntent intent) => new VmReports.ErrandFailed(intent, Cause(VmCauses.EditFailed));

    public static VmReport Prepared(int attempt = 1) => new VmReports.Prepared(attempt, Port);

    public static VmReport Launched(int attempt = 1) => new VmReports.Launched(attempt, Qemu);

    public static VmReport Ssh() => new VmReports.RequirementMet(Readiness.Ssh);

    public static VmReport Scripts() => new VmReports.RequirementMet(Readiness.BootScripts);

    public static VmReport Exited(ExitKind kind, string lines = "") => new VmReports.Exited(kind, lines);

    public static VmCause Cause(string code) => new(code, "testing", "something happened");

    /// <summary>The forms of a command, by the words of the tables.</summary>
    public static VmCommand Command(string words, string? id = null) => words switch
    {
        "start" => Start(id),
        "stop" => new VmCommands.Stop(id ?? Id(), Force: false),
        "stop --force" => new VmCommands.Stop(id ?? Id(), Force: true),
        "restart" => new VmCommands.Restart(id ?? Id(), Force: false, Timeout),
        "restart --force" => new VmCommands.Restart(id ?? Id(), Force: true, Timeout),
        "pause" => new VmCommands.Pause(id ?? Id()),
        "resume" => new VmCommands.Resume(id ?? Id()),
        "delete" => new VmCommands.Delete(id ?? Id(), Force: false),
        "delete --force" => new VmCommands.Delete(id ?? Id(), Force: true),
        "edit" => Edit(id),
        "clone" => Clone(id),
        "rename" => Rename(id),
        "factory-reset" => FactoryReset(id),
        "mount add" => AddMount(id),
        "mount remove" => RemoveMount(id),
        "change disk" => ChangeDisk(id),
        "change ports" => ChangePorts(id),
        _ => throw new ArgumentOutOfRangeException(nameof(words), words, "not a command of the tables"),
    };

    private static string Id() => "cmd-" + Interlocked.Increment(ref _last);
}
