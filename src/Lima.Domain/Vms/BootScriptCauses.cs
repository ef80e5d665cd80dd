using System.Collections.Immutable;

namespace Lima.Domain.Vms;

/// <summary>What users are told when scripts of a boot have failed.</summary>
public static class BootScriptCauses
{
    private const int NamedMax = 5, MessageMax = 2000;

    /// <summary>The cause that marks the VM as degraded.</summary>
    /// <param name="failures">The scripts, at least one.</param>
    /// <param name="instance">Name of the instance.</param>
    public static VmCause Failed(IReadOnlyList<FailedScript> failures, string instance)
    {
        var told = failures.Take(NamedMax).Select(Sentence);
        var message = string.Join("; ", failures.Count > NamedMax ? told.Append($"and {failures.Count - NamedMax} more") : told);
        if (message.Length > MessageMax) message = message[..MessageMax] + "…";
        return new VmCause(
            VmCauses.BootScripts, "running the boot scripts", message,
            $"see all of it with `limactl shell {instance} sudo cat /var/log/lima-boot.log`, correct it with `limactl edit {instance}`, then `limactl restart {instance}`");
    }

    /// <summary>A script of the template by its place in it, any other by its name.</summary>
    public static string Title(string name)
    {
        var parts = name.Split(' ');
        return parts is ["provision", var mode, var index] && int.TryParse(index, out var at) ? $"provision[{at}] (mode {mode})"
            : parts is ["script", var script] ? $"boot script {script}"
            : name;
    }

    private static string Sentence(FailedScript failure)
    {
        var lines = failure.LastLines.Select(line => line.Trim()).Where(line => line.Length > 0).ToImmutableArray();
        var said = lines.IsEmpty ? "" : $", its last lines: {string.Join(" | ", lines)}";
        return $"{Title(failure.Name)} failed with exit status {failure.Exit}{said}";
    }
}
