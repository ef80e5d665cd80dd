using System.Collections.Immutable;
using System.Text;
using Lima.Domain.Vms;
using Lima.Drivers.Processes;

namespace Lima.Drivers.Qemu;

/// <summary>A QEMU that is installed here.</summary>
/// <param name="Program">Absolute path.</param>
/// <param name="UserArguments">Arguments given with it in <c>QEMU_SYSTEM_*</c>.</param>
/// <param name="Version">Its version.</param>
public sealed record QemuInstallation(string Program, ImmutableArray<string> UserArguments, QemuVersion Version)
{
    /// <summary>Older ones are refused.</summary>
    public static readonly QemuVersion Oldest = new(4, 0, 0);

    private const string Step = "looking for QEMU";
    private static readonly TimeSpan VersionLimit = TimeSpan.FromSeconds(20);

    /// <summary>Finds the QEMU of an architecture: <c>QEMU_SYSTEM_X86_64</c> (program and further arguments) or the usual name in PATH.</summary>
    /// <param name="arch">Guest architecture.</param>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="DriverException">Code <c>qemu-missing</c>, <c>qemu-too-old</c> or <c>launch-failed</c>.</exception>
    public static async Task<QemuInstallation> FindAsync(QemuArch arch, Func<string, string?> variable, CancellationToken cancel)
    {
        var name = VariableOf(arch);
        var words = SplitWords(variable(name) ?? "");
        var wanted = words.Length > 0 ? words[0] : arch.Binary;
        var program = Programs.Find(wanted) ?? throw new DriverException(
            "qemu-missing", Step, $"`{wanted}` is not installed{(words.Length > 0 ? $" (it is named in {name})" : "")}", PackageHint(arch));
        var result = await ProcessRunner.RunAsync(new ProcessSpec(program, ["--version"]), VersionLimit, cancel);
        if (result.ExitCode != 0 || !QemuVersion.TryParse(result.Output, out var version))
        {
            throw new DriverException(
                VmCauses.LaunchFailed, Step, $"`{program} --version` did not tell a version: {(result.ExitCode == 0 ? "unknown output" : result.LastError)}",
                "reinstall QEMU");
        }

        var found = new QemuInstallation(program, words.Length > 1 ? [.. words[1..]] : [], version);
        return version >= Oldest ? found : throw TooOld(version, Oldest.ToString());
    }

    /// <summary>Refuses a QEMU older than the template accepts.</summary>
    /// <param name="minimum">As the template has it; empty for any.</param>
    public void Require(string minimum)
    {
        if (minimum.Length > 0 && QemuVersion.TryParse(minimum, out var least) && Version < least) throw TooOld(Version, minimum);
    }

    /// <summary>Name of the environment variable that names the program.</summary>
    public static string VariableOf(QemuArch arch) => "QEMU_SYSTEM_" + arch.Binary["qemu-system-".Length..].ToUpperInvariant();

    private static DriverException TooOld(QemuVersion version, string least) =>
        new("qemu-too-old", Step, $"QEMU {version} is too old; `{least}` or later is needed", "upgrade QEMU, or change vmOpts.qemu.minimumVersion");

    /// <summary>Which package has it, for the system that this is.</summary>
    private static string PackageHint(QemuArch arch)
    {
        if (OperatingSystem.IsMacOS()) return "run `brew install qemu`";
        var family = arch.Name switch { "x86_64" => "x86", "aarch64" or "armv7l" => "arm", "ppc64le" => "ppc", "s390x" => "s390x", _ => "misc" };
        if (Programs.Find("apt-get") is not null) return $"run `sudo apt-get install qemu-system-{family} qemu-utils`";
        if (Programs.Find("dnf") is not null) return $"run `sudo dnf install {arch.Binary} qemu-img`";
        if (Programs.Find("pacman") is not null) return "run `sudo pacman -S qemu-full`";
        if (Programs.Find("zypper") is not null) return $"run `sudo zypper install qemu-{family} qemu-tools`";
        return Programs.Find("apk") is not null ? $"run `sudo apk add {arch.Binary} qemu-img`" : $"install the package that has `{arch.Binary}`";
    }

    /// <summary>Splits at spaces as a shell does, with quotes and backslashes; nothing is expanded.</summary>
    internal static string[] SplitWords(string text)
    {
        var words = new List<string>();
        StringBuilder? word = null;
        var quote = '\0';
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\\' && quote != '\'' && i + 1 < text.Length) (word ??= new()).Append(text[++i]);
            else if (quote != '\0' && c == quote) quote = '\0';
            else if (quote == '\0' && c is '\'' or '"') (quote, word) = (c, word ?? new());
            else if (quote == '\0' && char.IsWhiteSpace(c)) Flush();
            else (word ??= new()).Append(c);
        }

        Flush();
        return [.. words];

        void Flush()
        {
            if (word is not null) words.Add(word.ToString());
            word = null;
        }
    }
}
