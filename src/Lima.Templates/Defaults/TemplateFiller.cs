using Lima.Templates.Schema;
using Lima.Templates.Validation;
using Lima.Templates.Yaml;

namespace Lima.Templates.Defaults;

/// <summary>
/// Sets every default and expands every text of a merged template, as Lima does on each load; what depends on the
/// hypervisor's driver (the way of mounting, the screen's address) stays open.
/// </summary>
internal static class TemplateFiller
{
    public static YamlMap Fill(YamlMap merged, Filling filling)
    {
        var root = new Draft(merged, LimaSchema.Root, "", merged.At);
        filling.Os = Resolved(root, "os", "Linux");
        Edit(root, "user", user => UserDefaults.Fill(user, filling));
        filling.Arch = Resolved(root, "arch", filling.Host.Arch);
        ImageDefaults.Fill(root, filling);
        FillMachine(root, filling);
        FillAccess(root, filling);
        ProvisionDefaults.Fill(root, filling);
        ContainerdDefaults.Fill(root, filling);
        PortForwardDefaults.Fill(root, filling);
        NetworkDefaults.Fill(root, filling);
        MountDefaults.Fill(root, filling);
        FillGuest(root, filling);
        if (root.Bool("plain") == true) PlainMode(root);
        return root.ToMap();
    }

    /// <summary>Edits a struct in its place.</summary>
    public static void Edit(Draft parent, string key, Action<Draft> edit)
    {
        var map = parent.Map(key);
        edit(map);
        parent.Keep(key, map);
    }

    private static string Resolved(Draft root, string key, string usual)
    {
        if (root.Text(key) is null or "" or "default") root.Set(key, usual);
        return root.Text(key)!;
    }

    private static void FillMachine(Draft root, Filling filling)
    {
        if (root.Integer("cpus") is null or 0) root["cpus"] = Values.Integer(root["cpus"]?.At ?? root.At, HardwareDefaults.Cpus(filling.Host));
        if (root.Text("memory") is null or "") root.Set("memory", SizeText.Rounded(HardwareDefaults.MemoryBytes(filling.Host)));
        if (root.Text("disk") is null or "") root.Set("disk", HardwareDefaults.Disk);
        Edit(root, "audio", audio =>
        {
            audio.Default("device", "");
            audio.Default("interface", "");
        });
        Edit(root, "video", video =>
        {
            if (video.Text("display") is null or "") video.Set("display", "none");
        });
        Edit(root, "firmware", firmware => firmware.Default("legacyBIOS", false));
        root.Default("nestedVirtualization", false);
        root.Default("tpm", false);
    }

    private static void FillAccess(Draft root, Filling filling)
    {
        root.Default("timezone", filling.Host.Timezone);
        Edit(root, "ssh", ssh =>
        {
            ssh.Default("localPort", 0);
            foreach (var key in (string[])["loadDotSSHPubKeys", "forwardAgent", "forwardX11", "forwardX11Trusted"]) ssh.Default(key, false);
            OverrideVsock(ssh, filling);
        });
        Edit(root, "hostResolver", resolver =>
        {
            resolver.Default("enabled", true);
            resolver.Default("ipv6", false);
        });
        root.Default("propagateProxyEnv", true);
        Edit(root, "caCerts", certs => certs.Default("removeDefaults", false));
    }

    private static void OverrideVsock(Draft ssh, Filling filling)
    {
        const string Variable = "LIMA_SSH_OVER_VSOCK", Field = "ssh.overVsock";
        if (filling.Host.SshOverVsock is not { Length: > 0 } asked) return;
        filling.Problems.Warning(Field, $"the environment variable {Variable} is deprecated in favor of the YAML field .{Field}");
        if (asked is "1" or "t" or "T" or "true" or "TRUE" or "True") ssh.Set("overVsock", true);
        else if (asked is "0" or "f" or "F" or "false" or "FALSE" or "False") ssh.Set("overVsock", false);
        else filling.Problems.Warning(Field, $"invalid {Variable} value `{Yaml.Shown.Value(asked)}`");
    }

    private static void FillGuest(Draft root, Filling filling)
    {
        root.Default("guestInstallPrefix", "/usr/local");
        root.Default("upgradePackages", false);
        root.Default("mountInotify", false);
        root.Default("plain", false);
        var copies = root.Items("copyToHost");
        foreach (var copy in copies)
        {
            filling.ExpandGuest(copy, "guest");
            filling.ExpandHost(copy, "host");
        }

        root.Keep("copyToHost", copies);
    }

    private static void PlainMode(Draft root)
    {
        root.Keep("portForwards", root.Items("portForwards").FindAll(rule => rule.Bool("static") == true));
        root["mounts"] = null;
        Edit(root, "containerd", containerd =>
        {
            containerd.Set("system", false);
            containerd.Set("user", false);
        });
        root.Set("timezone", "");
    }
}
