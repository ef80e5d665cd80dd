namespace Lima.GuestAgent.Agent;

/// <summary>What the command line says.</summary>
/// <param name="Port">Path of the port; null for QEMU's.</param>
/// <param name="IsUnprivileged">It is no guest's agent but a test's: any user may run it, and the machine's clock stays as it is.</param>
internal sealed record DaemonOptions(string? Port, bool IsUnprivileged)
{
    /// <summary>What it is and how it is called.</summary>
    public const string Help = """
        Usage: lima-guestagent daemon [--port PATH]

        Tells the host what listens in this guest, carries connections of the host to it, and keeps the clock.
        Started as root by the boot scripts; the host is at the other end of a port of the virtual machine.

          --port PATH  another port than io.lima-vm.guest_agent.0; where it is no device, one client is served on a socket there
        """;

    /// <summary>Reads the words after <c>daemon</c>; null when they are not understood.</summary>
    public static DaemonOptions? Parse(ReadOnlySpan<string> words)
    {
        var options = new DaemonOptions(null, false);
        while (!words.IsEmpty)
        {
            switch (words)
            {
                case ["--port", var path, ..] when path.StartsWith('/'):
                    options = options with { Port = path };
                    words = words[2..];
                    break;
                case ["--unprivileged", ..]:
                    options = options with { IsUnprivileged = true };
                    words = words[1..];
                    break;
                default: return null;
            }
        }

        return options;
    }
}
