using Lima.Templates.Schema;
using Lima.Templates.Yaml;

namespace Lima.Templates.Validation;

/// <summary>Processors, memory, disk, and what QEMU is told about them.</summary>
internal static class HardwareRules
{
    public static void CheckSizes(Reading reading)
    {
        if (reading.Root.Integer("cpus") is { } cpus and (< 0 or > 1024))
        {
            reading.Error(reading.Root, "cpus", $"field `cpus` must be between 1 and 1024, or 0 for the default; got {cpus}");
        }

        CheckSize(reading, "memory");
        CheckSize(reading, "disk");
    }

    public static void CheckDevices(Reading reading)
    {
        var root = reading.Root;
        if (root.Bool("tpm") == true && reading.Arch is not ("x86_64" or "aarch64" or "armv7l" or "riscv64"))
        {
            reading.Error(root, "tpm", $"field `tpm` is not supported on architecture `{Shown.Value(reading.Arch)}`");
        }

        var (audio, video, qemu, firmware) = (root.Map("audio"), root.Map("video"), root.Map("vmOpts").Map("qemu"), root.Map("firmware"));
        if (audio.Text("interface") is { } sound and not ("" or "hda" or "virtio"))
        {
            reading.Error(audio, "interface", $"invalid audio.interface \"{Shown.Value(sound)}\", must be \"hda\" or \"virtio\"");
        }

        if (video.Text("display") is { } display && display.Any(c => char.IsControl(c) || c == ' '))
        {
            reading.Error(video, "display", "field `video.display` must be a QEMU display name without blanks");
        }

        if (firmware.Bool("legacyBIOS") == true && reading.Arch is not ("x86_64" or "armv7l"))
        {
            reading.Warn(firmware, "legacyBIOS", $"field `firmware.legacyBIOS` is ignored on architecture `{Shown.Value(reading.Arch)}`");
        }

        PlatformRules.Version(reading, qemu, "minimumVersion");
        CheckCpuTypes(reading, qemu);
        CheckCpuTypes(reading, root);
        CheckConflicts(reading, qemu);
    }

    private static void CheckSize(Reading reading, string key)
    {
        if (reading.Root.Text(key) is not { } text) return;
        switch (SizeText.Parse(text))
        {
            case null:
                reading.Error(reading.Root, key, $"field `{key}` has an invalid value: `{Shown.Value(text)}` is no size; write a number and a unit, such as `4GiB`");
                break;
            case 0:
                reading.Error(reading.Root, key, $"field `{key}` has an invalid value: it must be more than 0");
                break;
        }
    }

    private static void CheckCpuTypes(Reading reading, Section section)
    {
        var path = section.FieldPath("cpuType");
        foreach (var (key, value, text) in section.Pairs("cpuType"))
        {
            var at = $"{path}.{Shown.Value(key.Value)}";
            if (!LimaSchema.Architectures.Contains(key.Value))
            {
                reading.Problems.Warning(key.At, at, $"`{at}` names no known architecture and is ignored");
            }

            if (text.Any(c => char.IsControl(c) || c == ' '))
            {
                reading.Problems.Error(value.At, at, $"field `{at}` must be a CPU model without blanks, got `{Shown.Value(text)}`");
            }
        }
    }

    private static void CheckConflicts(Reading reading, Section qemu)
    {
        var chosen = qemu.Pairs("cpuType").Where(pair => pair.Text.Length > 0).ToDictionary(pair => pair.Key.Value, pair => pair.Text);
        foreach (var (key, value, text) in reading.Root.Pairs("cpuType"))
        {
            if (text.Length == 0 || !chosen.TryGetValue(key.Value, out var kept) || kept == text) continue;
            reading.Problems.Warning(value.At, $"cpuType.{key.Value}",
                $"field `cpuType.{key.Value}` is ignored, since `vmOpts.qemu.cpuType.{key.Value}` says `{Shown.Value(kept)}`");
        }
    }
}
