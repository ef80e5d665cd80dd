using System.Runtime.InteropServices;
using Lima.Contracts;

namespace Lima.Cli.Output;

/// <summary>The table of <c>limactl list</c>, with Lima's columns.</summary>
internal static class InstanceTable
{
    private static readonly string[] Header = ["NAME", "STATUS", "SSH", "VMTYPE", "ARCH", "CPUS", "MEMORY", "DISK", "DIR"];

    // Columns are reckoned in units of 8: NAME takes one, STATUS, SSH and DIR two each, the others one.
    private const int Unit = 8;

    /// <summary>
    /// Lays instances out. On a narrow terminal those columns are left out that say least, by Lima's rule: VMTYPE when it is
    /// the same for all, then ARCH when it is the host's own for all, then DIR; and DIR also when the lines would not fit.
    /// </summary>
    /// <param name="instances">The rows.</param>
    /// <param name="userHome">Home directory, shown as <c>~</c>.</param>
    /// <param name="terminalWidth">Columns of the terminal; null when there is none, which shows everything.</param>
    /// <param name="allFields">Never leave a column out, and say what the disks take here.</param>
    public static string Format(IReadOnlyList<InstanceView> instances, string userHome, int? terminalWidth, bool allFields = false)
    {
        List<IReadOnlyList<string>> rows = [Header, .. instances.Select(instance => Row(instance, userHome))];
        if (allFields) return Table.Format([.. rows.Zip(["ALLOCATED", .. instances.Select(instance => Sizes.Text(instance.DiskAllocated))], WithAllocated)]);
        if (terminalWidth is not { } width) return Table.Format(rows);
        var units = 5;
        if ((units + 7) * Unit > width && instances.All(instance => instance.VmType == instances[0].VmType)) rows = Drop(rows, "VMTYPE");
        else units++;
        if ((units + 6) * Unit > width && instances.All(instance => instance.Arch == HostArch)) rows = Drop(rows, "ARCH");
        else units++;
        units += 3;
        var narrow = (units + 2) * Unit > width || Table.Width(rows) > width;
        return Table.Format(narrow ? Drop(rows, "DIR") : rows);
    }

    /// <summary>The state in a word, with what is on its way or amiss: <c>Running (stopping)</c>, <c>Running (degraded)</c>.</summary>
    public static string Status(InstanceView instance) => instance switch
    {
        { Intent: { Length: > 0 } intent } => $"{instance.Status} ({intent})",
        { Cause.Code: "foreign" } => $"{instance.Status} (foreign)",
        { Degraded.Count: > 0 } => $"{instance.Status} (degraded)",
        _ => instance.Status,
    };

    /// <summary>Architecture of this machine in Lima's words.</summary>
    public static string HostArch => RuntimeInformation.OSArchitecture switch
    {
        Architecture.X64 => "x86_64",
        Architecture.Arm64 => "aarch64",
        Architecture.Arm => "armv7l",
        Architecture.RiscV64 => "riscv64",
        Architecture.S390x => "s390x",
        Architecture.Ppc64le => "ppc64le",
        var other => other.ToString().ToLowerInvariant(),
    };

    private static string[] Row(InstanceView instance, string userHome) =>
    [
        instance.Name,
        Status(instance),
        $"{instance.SshAddress}:{instance.SshLocalPort}",
        instance.VmType,
        instance.Arch,
        instance.Cpus.ToString(),
        Sizes.Text(instance.Memory),
        Sizes.Text(instance.Disk),
        instance.Dir.StartsWith(userHome + "/", StringComparison.Ordinal) ? "~" + instance.Dir[userHome.Length..] : instance.Dir,
    ];

    /// <summary>What the disk takes here, behind its size.</summary>
    private static IReadOnlyList<string> WithAllocated(IReadOnlyList<string> row, string cell) => [.. row.SkipLast(1), cell, row[^1]];

    private static List<IReadOnlyList<string>> Drop(List<IReadOnlyList<string>> rows, string column)
    {
        var at = rows[0].ToList().IndexOf(column);
        return [.. rows.Select(row => (IReadOnlyList<string>)[.. row.Take(at), .. row.Skip(at + 1)])];
    }
}
