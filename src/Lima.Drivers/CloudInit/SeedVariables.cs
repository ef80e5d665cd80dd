using System.Collections.Immutable;
using Lima.Domain.Mounts;
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
            ("CA_CERTS_REMOVE_DEFAULTS", Switch(spec.CaCerts.RemoveDefaults)),
            ("SLIRP_GATEWAY", input.SlirpGateway),
            ("SLIRP_DNS", input.SlirpDns),
            ("SLIRP_IP_ADDRESS", input.SlirpAddress),
            ("UDP_DNS_LOCAL_PORT", $"{input.DnsPort}"),
            ("TCP_DNS_LOCAL_PORT", $"{input.DnsPort}"),
            ("VMTYPE", spec.VmType),
            ("AGENT", GuestProgram.AgentStamp(input)),
            ("GUEST_INSTALL_PREFIX", spec.GuestInstallPrefix),
            ("CONTAINERD_USER", Switch(spec.Containerd.User)),
            ("CONTAINERD_SYSTEM", Switch(spec.Containerd.System)),
            ("CONTAINERD_ASKED", Switch(spec.Containerd.Asked)),
            ("ROSETTA_ENABLED", Word(spec.Vz.RosettaEnabled)),
            ("ROSETTA_BINFMT", Word(spec.Vz.RosettaBinfmt)),
            .. Mounts(spec.Mounts, input.HostHome),
            .. Disks(spec.AdditionalDisks),
            .. Provisioning(spec.Provision),
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

    private static IEnumerable<(string, string)> Mounts(MountsSpec mounts, string hostHome)
    {
        yield return ("HOSTHOME_MOUNTPOINT", mounts.Directories.LastOrDefault(mount => mount.Location == hostHome)?.MountPoint ?? "");
        yield return ("MOUNTTYPE", MountTypes.Word(mounts.Type));
        yield return ("MOUNTS", $"{mounts.Directories.Length}");
        foreach (var (at, mount) in mounts.Directories.Index()) yield return ($"MOUNTS_{at}_MOUNTPOINT", mount.MountPoint);
    }

    private static IEnumerable<(string, string)> Disks(ImmutableArray<DiskSpec> disks)
    {
        yield return ("DISKS", $"{disks.Length}");
        foreach (var (at, disk) in disks.Index())
        {
            yield return ($"DISK_{at}_NAME", disk.Name);
            yield return ($"DISK_{at}_DEVICE", GuestDevice.Name(at + 1));
            yield return ($"DISK_{at}_FORMAT", Word(disk.Format));
            yield return ($"DISK_{at}_FSTYPE", disk.FsType);
            yield return ($"DISK_{at}_FSARGS", string.Join(' ', disk.FsArgs));
        }
    }

    private static IEnumerable<(string, string)> Provisioning(ImmutableArray<ProvisionSpec> provision)
    {
        foreach (var (at, entry) in provision.Index())
        {
            if (entry.File is not { } file) continue;
            var prefix = $"{(entry.Mode == "data" ? "DATAFILE" : "YQ_PROVISION")}_{at:D8}_";
            yield return entry.Mode == "data" ? (prefix + "OVERWRITE", Word(file.Overwrite)) : (prefix + "FORMAT", file.Format);
            yield return (prefix + "OWNER", file.Owner);
            yield return (prefix + "PATH", file.Path);
            yield return (prefix + "PERMISSIONS", file.Permissions);
        }

        yield return ("SKIP_DEFAULT_DEPENDENCY_RESOLUTION", Switch(provision.Any(entry => entry.SkipDefaultDependencyResolution)));
    }

    private static string Word(bool on) => on ? "true" : "false";

    private static string Switch(bool on) => on ? "1" : "";
}
