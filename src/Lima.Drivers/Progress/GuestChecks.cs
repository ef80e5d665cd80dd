using System.Collections.Immutable;
using System.Text;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.CloudInit;

namespace Lima.Drivers.Progress;

/// <summary>What a guest is asked by SSH of its readiness: command lines for any login shell, and what their output means.</summary>
public static class GuestChecks
{
    /// <summary>Largest probe, in bytes: a command line of the guest's kernel holds 128 KiB, and this is written in base64.</summary>
    public const int ProbeBytesMax = 64 * 1024;

    private const string InstanceIdPrefix = "iid-";

    /// <summary>Prints the names of what holds, one a line, and the marker of the boot scripts when they are done.</summary>
    /// <param name="prefix">Where containerd's programs would be (<c>guestInstallPrefix</c>).</param>
    public static string Marks(string prefix)
    {
        var nerdctl = ShellText.Quote(prefix + "/bin/nerdctl");
        return Shell($"""
            [ ! -e /run/lima-ssh-ready ] || echo {Readiness.UserSession}
            [ ! -e /run/lima-fuse-ready ] || echo {Readiness.Fuse}
            command -v sshfs >/dev/null && echo {Readiness.Sshfs}
            command -v systemctl >/dev/null && echo {Readiness.Systemd}
            if command -v nerdctl >/dev/null || command -v containerd >/dev/null || [ -x {nerdctl} ]; then echo {Readiness.Containerd}; fi
            cat /run/lima-boot-done 2>/dev/null
            """);
    }

    /// <summary>What that printed: requirements that hold. <see cref="Readiness.BootScripts"/> is among them when the boot scripts are done.</summary>
    public static ImmutableHashSet<string> Holding(string output)
    {
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        // /run is empty after each boot, so a marker that is there belongs to this one.
        return [.. lines.Where(Readiness.OfBootScripts.Contains), .. lines.Any(line => line.StartsWith(InstanceIdPrefix, StringComparison.Ordinal)) ? [Readiness.BootScripts] : Array.Empty<string>()];
    }

    /// <summary>
    /// Runs a probe as the user, by the program that its first line names, with <c>PARAM_*</c>; its exit status says whether it
    /// holds. Null when it is too large.
    /// </summary>
    public static string? Probe(ProbeSpec probe, IReadOnlyDictionary<string, string> parameters)
    {
        var script = Encoding.UTF8.GetBytes(probe.Script.Replace("\r\n", "\n", StringComparison.Ordinal));
        if (script.Length > ProbeBytesMax) return null;
        var exports = string.Concat(parameters.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"export PARAM_{p.Key}={ShellText.Quote(p.Value)}\n"));
        // From a file, so that the probe may read its standard input; by the program's name, in case /tmp forbids execution.
        return Shell($"""
            {exports}f=$(mktemp /tmp/lima-probe.XXXXXX) || exit
            printf %s {Convert.ToBase64String(script)} | base64 -d >"$f" && {Interpreter(probe.Script)} "$f" </dev/null
            c=$?
            rm -f "$f"
            exit $c
            """);
    }

    // The words of the first line, as the kernel would take them; without such a line, a shell.
    private static string Interpreter(string script)
    {
        var first = script.Split('\n', 2)[0].Trim();
        if (!first.StartsWith("#!", StringComparison.Ordinal)) return "sh";
        var words = first[2..].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words.Length == 0 ? "sh" : string.Join(' ', words.Select(ShellText.Quote));
    }

    // The user's login shell may be of any kind; each understands a word in single quotes.
    private static string Shell(string script) => $"exec sh -c {ShellText.Quote(script)}";
}
