using System.Globalization;

namespace Lima.Domain.PortForwarding;

/// <summary>Ports that only a program with a privilege may listen on, and what to do about them.</summary>
public static class PrivilegedPorts
{
    private const int Usual = 1024;

    /// <summary>The first port that every program may listen on.</summary>
    /// <param name="setting">What the kernel says (<c>net.ipv4.ip_unprivileged_port_start</c>); null where it says nothing.</param>
    public static int FirstFree(string? setting) =>
        int.TryParse(setting, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var first) && first is >= 0 and <= 65536 ? first : Usual;

    /// <summary>Why a port cannot be listened on.</summary>
    public static string Message(int port, int firstFree) => $"port {port} of the host is privileged (below {firstFree}), and lima-host may not listen on it";

    /// <summary>The ways out.</summary>
    public static string Hint(int port, int firstFree) =>
        $"allow it with `sudo sysctl net.ipv4.ip_unprivileged_port_start={port}` (a file in /etc/sysctl.d keeps that), or choose a port of the host from {firstFree} on; `limactl port add` with `auto` finds one";
}
