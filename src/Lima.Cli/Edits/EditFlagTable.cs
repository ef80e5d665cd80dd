using Lima.Cli.Output;

namespace Lima.Cli.Edits;

/// <summary>
/// Every flag that changes a template, in the order in which their expressions are applied, whatever their order on the
/// command line. Names, meanings and order are Lima's.
/// </summary>
internal static class EditFlagTable
{
    private static readonly string[] Switches = ["true", "false"];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<EditFlag> All { get; } =
    [
        new("cpus", "N", "number of processors; 0 is the default", (v, _) => [".cpus = " + EditValues.Cpus(v[^1])]) { Candidates = EditCandidates.Cpus },
        new("dns", "IP", "name servers of the guest, separated by commas; turns the host resolver off", Dns) { Commas = true },
        new("memory", "GIB", "memory in GiB", (v, _) => [".memory = " + EditValues.Gibibytes(v[^1])]) { Candidates = EditCandidates.Memory },
        new("mount", "DIR[:w]", "directory to mount as well, `:w` for writable; may be repeated", Mounts) { Commas = true },
        new("mount-only", "DIR[:w]", "directory to mount instead of those of the template; may be repeated", (v, i) => [".mounts = " + MountList(v, i)]) { Commas = true },
        new("mount-none", null, "mount nothing", NoMounts),
        Text("mount-type", "TYPE", "how directories are mounted: reverse-sshfs, 9p or virtiofs", ".mountType", "reverse-sshfs", "9p", "virtiofs"),
        Text("vm-type", "TYPE", "kind of virtual machine: qemu", ".vmType", "qemu"),
        Switch("mount-inotify", "tell the guest of changes in mounted directories", ".mountInotify") with { Experimental = true },
        Switch("mount-writable", "make all mounts writable", ".mounts[].writable"),
        new("network", "NAME", "network to join: lima:NAME; may be repeated", Networks) { Commas = true, Candidates = () => ["lima:user-v2", "lima:shared", "lima:bridged", "lima:host", "vzNAT"] },
        Switch("nested-virt", "let the guest run virtual machines itself", ".nestedVirtualization"),
        new("rosetta", null, "run programs for Intel by Rosetta (vz only)", (v, _) => Rosetta(EditValues.Bool(v[^1]))) { Candidates = () => Switches },
        new("set", "EXPR", "yq expression applied to the template; may be repeated", (v, _) => v),
        new("param", "NAME=VALUE", "parameter of the template; may be repeated", (v, i) => v.Select(one => EditValues.Param(one, i.Params))),
        new("video", null, "show the guest's display in a window", (v, _) => [$".video.display = \"{(EditValues.Bool(v[^1]) == "true" ? "default" : "none")}\""]) { Candidates = () => Switches },
        Text("audio-device", "DEVICE", "sound of the guest: pa, none, …", ".audio.device") with { CreateOnly = true, Experimental = true },
        Text("audio-interface", "NAME", "sound card of the guest: hda or virtio", ".audio.interface", "hda", "virtio") with { CreateOnly = true, Experimental = true },
        new("ssh-port", "PORT", "port of SSH on the host; 0 is a random one", (v, _) => [".ssh.localPort = " + EditValues.Port(v[^1])]),
        Variant("image-variant", "variant of the image", ".variant"),
        Variant("arch-variant", "generation of the architecture, for example v3", ".archVariant"),
        Text("arch", "ARCH", "architecture: x86_64, aarch64, riscv64, armv7l, s390x or ppc64le", ".arch", "x86_64", "aarch64", "riscv64", "armv7l", "s390x", "ppc64le") with { CreateOnly = true, NewOnly = true },
        new("containerd", "MODE", "containerd: user, system, user+system or none", (v, _) => [Containerd(v[^1])]) { CreateOnly = true, NewOnly = true, Candidates = () => ["user", "system", "user+system", "none"] },
        new("disk", "GIB", "size of the disk in GiB", (v, _) => [".disk = " + EditValues.Gibibytes(v[^1])]) { Candidates = () => ["10", "30", "50", "100", "200"] },
        Switch("plain", "nothing but SSH in the guest: no mounts, no forwards, no containerd", ".plain") with { CreateOnly = true, NewOnly = true },
        new("port-forward", "HOST:GUEST", "port to forward, `,static=true` for always; may be repeated", Forwards) { CreateOnly = true },
        Text("shell", "PATH", "login shell of the user in the guest", ".user.shell", "/bin/bash", "/bin/zsh"),
    ];

    private static EditFlag Text(string name, string valueName, string description, string path, params string[] candidates) =>
        new(name, valueName, description, (v, _) => [$"{path} = {EditValues.Quote(v[^1])}"]) { Candidates = () => candidates };

    private static EditFlag Switch(string name, string description, string path) =>
        new(name, null, description, (v, _) => [$"{path} = {EditValues.Bool(v[^1])}"]) { Candidates = () => Switches };

    private static EditFlag Variant(string name, string description, string path) => new(name, "NAME", description, (v, _) => v[^1].Length > 0
        ? [$".images = [.images[] | select({path} == {EditValues.Quote(v[^1])})]"]
        : throw new FormatException($"`--{name}` must not be empty")) { CreateOnly = true, NewOnly = true };

    private static IEnumerable<string> Dns(IReadOnlyList<string> values, EditInput input)
    {
        var servers = string.Join(",", values.Select(EditValues.Address));
        input.Warn($"Disabling HostResolver, as custom DNS addresses ({string.Join(' ', values)}) are specified");
        return [$".dns += [{servers}]", ".dns |= unique", ".hostResolver.enabled = false"];
    }

    // What the command line names goes before what the template mounts; of several, the last named comes first.
    private static IEnumerable<string> Mounts(IReadOnlyList<string> values, EditInput input) => input["mount-only"].Count == 0
        ? [$".mounts = {MountList([.. values.Reverse()], input)} + .mounts"]
        : throw new FormatException("flag `--mount` conflicts with `--mount-only`");

    private static IEnumerable<string> NoMounts(IReadOnlyList<string> values, EditInput input)
    {
        foreach (var other in new[] { "mount", "mount-only" })
            if (input[other].Count > 0) throw new FormatException($"flag `--mount-none` conflicts with `--{other}`");
        return EditValues.Bool(values[^1]) == "true" ? [".mounts = null"] : [];
    }

    private static string MountList(IReadOnlyList<string> values, EditInput input) =>
        $"[{string.Join(",", values.Select(value => EditValues.Mount(value, input.Locations)))}]";

    private static IEnumerable<string> Networks(IReadOnlyList<string> values, EditInput input) =>
        [$".networks += [{string.Join(",", values.Select(EditValues.Network))}]", ".networks |= unique_by(.lima)"];

    private static IEnumerable<string> Forwards(IReadOnlyList<string> values, EditInput input) =>
        [$".portForwards += [{string.Join(",", values.Select(EditValues.PortForward))}]"];

    private static IEnumerable<string> Rosetta(string on) => [$".vmOpts.vz.rosetta.enabled = {on}", $".vmOpts.vz.rosetta.binfmt = {on}"];

    private static string Containerd(string mode)
    {
        var (user, system) = mode switch
        {
            "user" => ("true", "false"),
            "system" => ("false", "true"),
            "user+system" or "system+user" => ("true", "true"),
            "none" => ("false", "false"),
            _ => throw new FormatException($"expected one of [`user`, `system`, `user+system`, `none`], got `{mode}`"),
        };
        return $".containerd.user = {user} | .containerd.system = {system}";
    }
}
