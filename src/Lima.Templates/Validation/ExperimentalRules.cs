namespace Lima.Templates.Validation;

/// <summary>What works and may yet change; each is a warning.</summary>
internal static class ExperimentalRules
{
    public static void Check(Reading reading)
    {
        var root = reading.Root;
        if (reading.Os != "Linux") reading.Warn(root, "os", $"`os: {Yaml.Shown.Value(reading.Os)}`: support for non-Linux guests is experimental");
        if (root.Text("mountType") == "virtiofs") reading.Warn(root, "mountType", "`mountType: virtiofs` on Linux is experimental");
        if (reading.Arch is "riscv64" or "armv7l" or "s390x" or "ppc64le") reading.Warn(root, "arch", $"`arch: {reading.Arch}` is experimental");
        var (video, audio, user) = (root.Map("video"), root.Map("audio"), root.Map("user"));
        if (video.Text("display")?.Contains("vnc", StringComparison.Ordinal) == true)
        {
            reading.Warn(video, "display", "`video.display: vnc` is experimental");
        }

        if (audio.Text("device") is { Length: > 0 })
        {
            reading.Warn(audio, "device", "`audio.device` is experimental");
            if (audio.Text("interface") is { Length: > 0 }) reading.Warn(audio, "interface", "`audio.interface` is experimental");
        }

        if (root.Bool("mountInotify") == true) reading.Warn(root, "mountInotify", "`mountInotify` is experimental");
        if (user.Bool("passwordlessSudo") != false) return;
        if (reading.Os != "Darwin") reading.Warn(user, "passwordlessSudo", "`user.passwordlessSudo: false` is experimental");
        if (root.Has("param"))
        {
            reading.Warn(root, "param", "`param` still relies on sudo, and may not work when `user.passwordlessSudo: false` is set");
        }
    }
}
