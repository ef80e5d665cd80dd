using Lima.Drivers.Hypervisors;
using Lima.Drivers.Qemu.Qmp;

namespace Lima.Drivers.Qemu;

/// <summary>Understands what QEMU says: turns its events into ours, and remembers how the machine is ending.</summary>
internal sealed class MachineEvents
{
    private MachineExit? _ending;
    private bool _panicked;

    /// <summary>How the processors were last said to be; null before anything was said.</summary>
    public bool? Halted { get; private set; }

    /// <summary>Takes one event; null when users need not know.</summary>
    public MachineEvent? Take(QmpEvent said)
    {
        switch (said.Name)
        {
            case "STOP":
                Halted = true;
                return new MachineEvent.Paused();
            case "RESUME":
                Halted = false;
                return new MachineEvent.Resumed();
            case "RESET":
                return said.Flag("guest") ? new MachineEvent.Reset() : null;
            case "GUEST_PANICKED" or "GUEST_CRASHLOADED":
                _panicked |= said.Name == "GUEST_PANICKED";
                return new MachineEvent.Panicked();
            case "BLOCK_IO_ERROR" when said.Text("action") == "stop":
                return new MachineEvent.IoError(Device(said), Reason(said));
            case "SHUTDOWN":
                _ending = Ending(said);
                return null;
            default:
                return null;
        }
    }

    /// <summary>Takes an answer to <c>query-status</c>, which tells what was missed while nobody listened.</summary>
    public MachineEvent? Take(MachineStatus status)
    {
        if (status == MachineStatus.Panicked && !_panicked)
        {
            _panicked = true;
            return new MachineEvent.Panicked();
        }

        var halted = status is MachineStatus.Paused or MachineStatus.IoError;
        if (status is not (MachineStatus.Running or MachineStatus.Paused or MachineStatus.IoError)) return null;
        var news = Halted is { } before && before != halted;
        Halted = halted;
        return !news ? null : halted ? new MachineEvent.Paused() : new MachineEvent.Resumed();
    }

    /// <summary>How it ended, now that the process is gone.</summary>
    /// <param name="orderly">Whether QEMU tidied up after itself, which it does not when it is killed or crashes.</param>
    public MachineExit Exit(bool orderly) =>
        _ending ?? (!orderly ? MachineExit.Crash : _panicked ? MachineExit.Panic : MachineExit.GuestShutdown);

    private MachineExit Ending(QmpEvent said) => said.Text("reason") switch
    {
        "guest-panic" => MachineExit.Panic,
        "guest-shutdown" or "guest-reset" => MachineExit.GuestShutdown,
        "host-error" => MachineExit.Crash,
        "host-qmp-quit" or "host-signal" or "host-ui" => MachineExit.Quit,
        _ => _panicked ? MachineExit.Panic : said.Flag("guest") ? MachineExit.GuestShutdown : MachineExit.Quit,
    };

    private static string Device(QmpEvent said) => said.Text("device") is { Length: > 0 } device ? device : said.Text("node-name");

    private static string Reason(QmpEvent said) => said.Flag("nospace")
        ? "no space left on the host's disk"
        : said.Text("reason") is { Length: > 0 } reason ? reason : "unknown";
}
