using Lima.Domain.Specs;

namespace Lima.Drivers.CloudInit;

/// <summary>The files of variables on the seed.</summary>
internal static class SeedVariables
{
    /// <summary><c>lima.env</c>: what the boot scripts know of the instance. Switches are <c>1</c> or empty.</summary>
    public static string LimaEnv(SeedInput input, string instanceId)
    {
        var (spec, user) = (input.Spec, input.Spec.User);
        (string Key, string Value)[] variables =
        [
            ("DEBUG", input.Debug ? "true" : "false"),
            ("IID", instanceId),
            ("NAME", input.Name.Value),
            ("HOSTNAME", input.Name.Hostname),
            ("USER", user.Name),
            ("UID", $"{user.Uid}"),
            ("COMMENT", user.Comment),
            ("HOME", user.Home),
            ("SHELL", user.Shell),
            ("PLAIN", Switch(spec.Plain)),
            ("PASSWORDLESS_SUDO", Switch(user.PasswordlessSudo)),
            ("UPGRADE_PACKAGES", Switch(spec.UpgradePackages)),
            ("TIMEZONE", spec.Timezone),
            ("SLIRP_GATEWAY", input.SlirpGateway),
            ("SLIRP_DNS", input.SlirpDns),
            ("SLIRP_IP_ADDRESS", input.SlirpAddress),
            ("VMTYPE", spec.VmType),
        ];
        return string.Concat(variables.Select(variable => $"LIMA_CIDATA_{variable.Key}={ShellText.Quote(variable.Value)}\n"));
    }

    /// <summary><c>param.env</c>: the template's parameters.</summary>
    public static string ParamEnv(VmSpec spec) => string.Concat(Parameters(spec).Select(line => line + "\n"));

    /// <summary>The template's parameters as assignments for a shell, sorted.</summary>
    public static IEnumerable<string> Parameters(VmSpec spec) =>
        spec.Params.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"PARAM_{entry.Key}={ShellText.Quote(entry.Value)}");

    /// <summary><c>etc_environment</c>: the block for <c>/etc/environment</c>. PAM takes off the outer quotes and knows no escapes.</summary>
    public static string EtcEnvironment(VmSpec spec)
    {
        var lines = spec.Env.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}=\"{entry.Value}\"\n");
        return $"#LIMA-START\n{string.Concat(lines)}#LIMA-END\n";
    }

    private static string Switch(bool on) => on ? "1" : "";
}
