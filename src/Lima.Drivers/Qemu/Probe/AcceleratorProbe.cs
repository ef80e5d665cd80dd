using System.Text.Json;
using System.Text.Json.Serialization;
using Lima.Drivers.Processes;

namespace Lima.Drivers.Qemu.Probe;

/// <summary>Which accelerator a guest gets, and why.</summary>
/// <param name="Accelerator">The choice.</param>
/// <param name="Reason">One sentence for users and logs.</param>
public sealed record AcceleratorChoice(Accelerator Accelerator, string Reason);

/// <summary>
/// Finds out whether this machine can really run guests in hardware: by running one. A device node that is there and
/// opens proves nothing; there are machines whose KVM aborts QEMU or leaves every 64-bit guest hanging.
/// </summary>
/// <param name="cacheFile">Where the result is kept; it holds until the next boot, or until QEMU or the firmware change.</param>
/// <param name="bootId">The kernel's boot id.</param>
/// <param name="variable">Reads an environment variable; <c>LIMA_ACCEL</c> overrides everything.</param>
public sealed partial class AcceleratorProbe(string cacheFile, string bootId, Func<string, string?> variable)
{
    /// <summary>Environment variable that overrides the probe: <c>kvm</c>, <c>hvf</c> or <c>tcg</c>.</summary>
    public const string Override = "LIMA_ACCEL";

    private const string KvmDevice = "/dev/kvm";

    // A healthy guest answers within a second, firmware included.
    private static readonly TimeSpan RunLimit = TimeSpan.FromSeconds(8);

    // One guest at a time: a fleet that starts together runs the probe once.
    private static readonly SemaphoreSlim Running = new(1, 1);

    /// <summary>Chooses for a guest architecture.</summary>
    /// <param name="qemu">The QEMU to be used.</param>
    /// <param name="arch">Guest architecture.</param>
    /// <param name="firmware">UEFI image, or null.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="DriverException">Code <c>accelerator-unknown</c>: the override makes no sense.</exception>
    public async Task<AcceleratorChoice> ChooseAsync(QemuInstallation qemu, QemuArch arch, string? firmware, CancellationToken cancel)
    {
        if (Overridden() is { } forced) return forced;
        if (arch.Name != QemuArch.Host)
            return new(Accelerator.Tcg, $"the guest's architecture {arch.Name} is not this machine's ({QemuArch.Host}): instructions are translated");
        var wanted = OperatingSystem.IsMacOS() ? Accelerator.Hvf : Accelerator.Kvm;
        if (wanted == Accelerator.Kvm && KvmRefuses() is { } refusal) return new(Accelerator.Tcg, refusal);
        await Running.WaitAsync(cancel);
        try
        {
            var key = Key(qemu, arch, firmware);
            if (ReadCache(key) is { } known) return known;
            // Some machines run a guest now and then; only one that does it twice in a row is trusted.
            var (usable, how) = await RunAsync(qemu, arch, wanted, cancel);
            if (usable) (usable, how) = await RunAsync(qemu, arch, wanted, cancel);
            var choice = usable ? new AcceleratorChoice(wanted, how) : new AcceleratorChoice(Accelerator.Tcg, $"{how}; guests will be slow");
            WriteCache(key, choice);
            return choice;
        }
        finally
        {
            Running.Release();
        }
    }

    /// <summary>Runs the probe's guest, uncached.</summary>
    internal static async Task<(bool Usable, string How)> RunAsync(
        QemuInstallation qemu, QemuArch arch, Accelerator accelerator, CancellationToken cancel, TimeSpan? limit = null)
    {
        var word = accelerator.Word();
        if (ProbePayload.For(arch.Name) is not { } payload) return (true, $"{word} is there; no probe exists for {arch.Name}");
        var image = Path.Combine(Path.GetTempPath(), $"lima-probe-{Guid.NewGuid():N}");
        await File.WriteAllBytesAsync(image, payload, cancel);
        try
        {
            // A hang is normal here, so QEMU itself is told nothing of time: the runner ends it, and its output tells how far it came.
            var result = await ProcessRunner.TryRunAsync(Command(qemu, arch, accelerator, image), limit ?? RunLimit, cancel);
            if (result.Output.Contains(ProbePayload.Answer, StringComparison.Ordinal)) return (true, $"{word} works: a guest ran and answered");
            var stage = ProbePayload.Describe(result.Output);
            return result.TimedOut
                ? (false, $"{word} hangs: {stage} within {(limit ?? RunLimit).TotalSeconds:0.#} s")
                : (false, $"{word} fails: {stage}{(result.Error.Length > 0 ? $" ({result.LastError})" : "")}");
        }
        finally
        {
            File.Delete(image);
        }
    }

    private static ProcessSpec Command(QemuInstallation qemu, QemuArch arch, Accelerator accelerator, string image) => new(qemu.Program,
    [
        "-nodefaults", "-no-user-config", "-display", "none", "-m", "64", "-machine", $"{arch.Machine},accel={accelerator.Word()}",
        "-cpu", accelerator == Accelerator.Tcg ? "max" : "host", "-kernel", image,
        .. arch.Name == "x86_64" ? (string[])["-debugcon", "stdio", "-device", "isa-debug-exit,iobase=0xf4,iosize=1"] : ["-serial", "stdio"],
    ]);

    private AcceleratorChoice? Overridden() => variable(Override) switch
    {
        null or "" => null,
        "kvm" => new(Accelerator.Kvm, $"{Override}=kvm"),
        "hvf" => new(Accelerator.Hvf, $"{Override}=hvf"),
        "tcg" => new(Accelerator.Tcg, $"{Override}=tcg"),
        var other => throw new DriverException(
            "accelerator-unknown", "choosing the accelerator", $"{Override} is `{other}`", "set it to kvm, hvf or tcg, or unset it"),
    };

    private static string? KvmRefuses()
    {
        if (!File.Exists(KvmDevice)) return $"{KvmDevice} does not exist: instructions are translated, guests will be slow";
        try
        {
            using var device = File.OpenHandle(KvmDevice, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{KvmDevice} may not be opened ({e.Message}); add yourself to its group with `sudo usermod -aG kvm $USER`. Guests will be slow";
        }
    }

    private string Key(QemuInstallation qemu, QemuArch arch, string? firmware) => string.Join('|',
        bootId, arch.Name, qemu.Program, qemu.Version, Stamp(qemu.Program), firmware, firmware is null ? 0 : Stamp(firmware));

    private static long Stamp(string file) => File.GetLastWriteTimeUtc(file).Ticks;

    private AcceleratorChoice? ReadCache(string key)
    {
        try
        {
            var entries = JsonSerializer.Deserialize(File.ReadAllBytes(cacheFile), CacheJson.Default.DictionaryStringAcceleratorChoice);
            return entries?.GetValueOrDefault(key) is { Reason: not null } known ? known : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null; // No cache, or none that can be read: the probe runs again.
        }
    }

    private void WriteCache(string key, AcceleratorChoice choice)
    {
        Dictionary<string, AcceleratorChoice> entries;
        try
        {
            entries = JsonSerializer.Deserialize(File.ReadAllBytes(cacheFile), CacheJson.Default.DictionaryStringAcceleratorChoice) ?? [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            entries = [];
        }

        foreach (var old in entries.Keys.Where(k => !k.StartsWith(bootId, StringComparison.Ordinal)).ToArray()) entries.Remove(old);
        entries[key] = choice;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(cacheFile)!);
            var temporary = $"{cacheFile}.{Guid.NewGuid():N}.tmp";
            using (var file = new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }))
            {
                JsonSerializer.Serialize(file, entries, CacheJson.Default.DictionaryStringAcceleratorChoice);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, cacheFile, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not being able to remember costs the next start a moment, and is no reason to fail this one.
        }
    }

    [JsonSourceGenerationOptions(WriteIndented = true, UseStringEnumConverter = true)]
    [JsonSerializable(typeof(Dictionary<string, AcceleratorChoice>))]
    private sealed partial class CacheJson : JsonSerializerContext;
}
