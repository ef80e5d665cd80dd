using Lima.Domain.Vms;
using Lima.Drivers.Instances;
using Lima.Drivers.Processes;

namespace Lima.Drivers.Qemu;

/// <summary>
/// The TPM of a machine (<c>tpm: true</c>) is a program beside QEMU. It lives in a session of its own like QEMU, keeps its state
/// in the instance directory, and ends when QEMU's connection does.
/// </summary>
public sealed class Swtpm(ProcessTable table, TimeProvider time)
{
    private const int Kill = 9;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly SocketServers _servers = new(table, time);

    /// <summary>How to run it.</summary>
    public static ProcessSpec Command(string program, InstanceDirectory directory) => new(
        program, ["socket", "--tpmstate", $"dir={directory.TpmState}", "--ctrl", Control(directory), "--tpm2", "--terminate", "--log", "level=1"]);

    /// <summary>Starts it; QEMU may connect afterwards.</summary>
    /// <exception cref="DriverException">It is not installed, or it ended at once.</exception>
    public async Task StartAsync(InstanceDirectory directory, CancellationToken cancel)
    {
        var program = Programs.Find("swtpm") ?? throw Failed("swtpm not found in PATH", "install it (Debian: package swtpm), or set `tpm: false`");
        if (directory.Path.Contains(',', StringComparison.Ordinal))
            throw Failed($"swtpm cannot use `{directory.Path}`: a comma ends a value in its options", "choose a LIMA_HOME without a comma");
        Directory.CreateDirectory(directory.TpmState, OwnerOnly);
        End(directory);
        await _servers.LaunchAsync(
            new SocketServer("swtpm", "swtpm", "swtpm socket", Command(program, directory), directory.TpmSocket, directory.TpmLog), cancel);
    }

    /// <summary>Ends it, if it is there: QEMU could not be started.</summary>
    public void End(InstanceDirectory directory)
    {
        foreach (var process in table.FindByArguments("--ctrl", Control(directory))) table.Signal(process, Kill);
    }

    private static string Control(InstanceDirectory directory) => $"type=unixio,path={directory.TpmSocket}";

    private static DriverException Failed(string message, string hint) => new(VmCauses.LaunchFailed, "starting swtpm", message, hint);
}
