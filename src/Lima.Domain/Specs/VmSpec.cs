using System.Collections.Immutable;

namespace Lima.Domain.Specs;

/// <summary>
/// What an instance is to be: <c>lima.yaml</c> with every default filled in and every value checked. Nothing downstream
/// of the template reader sees YAML.
/// </summary>
public sealed record VmSpec
{
    /// <summary>Hypervisor, by the name of its driver (<c>qemu</c>).</summary>
    public string VmType { get; init; } = "qemu";

    /// <summary>Guest operating system in Lima's words (<c>Linux</c>).</summary>
    public string Os { get; init; } = "Linux";

    /// <summary>Guest architecture in Lima's words (<c>x86_64</c>, <c>aarch64</c>, …).</summary>
    public required string Arch { get; init; }

    /// <summary>Virtual processors, at least 1.</summary>
    public required int Cpus { get; init; }

    /// <summary>Guest memory in bytes.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Virtual size of the main disk in bytes; the image is grown to it, never shrunk.</summary>
    public required long DiskBytes { get; init; }

    /// <summary>Candidate images, the most wanted first; those of another architecture are skipped.</summary>
    public required ImmutableArray<ImageSource> Images { get; init; }

    /// <summary>How the firmware is chosen.</summary>
    public FirmwareSpec Firmware { get; init; } = new();

    /// <summary>CPU model per architecture, where the user chose one.</summary>
    public ImmutableDictionary<string, string> CpuTypes { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Oldest QEMU that the template accepts, as written (<c>8.2.1</c>); empty when any will do.</summary>
    public string QemuMinimumVersion { get; init; } = "";

    /// <summary>Video: <c>none</c> or a QEMU display name.</summary>
    public string VideoDisplay { get; init; } = "none";

    /// <summary>The screen over the network, used when <see cref="VideoDisplay"/> is <c>vnc</c>.</summary>
    public VncSpec Vnc { get; init; } = new();

    /// <summary>Sound.</summary>
    public AudioSpec Audio { get; init; } = new();

    /// <summary>A trusted platform module.</summary>
    public bool Tpm { get; init; }

    /// <summary>Let the guest run virtual machines itself.</summary>
    public bool NestedVirtualization { get; init; }

    /// <summary>Options of Apple's hypervisor.</summary>
    public VzSpec Vz { get; init; } = new();

    /// <summary>Drivers that a Windows guest is installed with.</summary>
    public ImmutableArray<ArchiveSource> VirtioWin { get; init; } = [];

    /// <summary>Further disks, in the order of their device names.</summary>
    public ImmutableArray<DiskSpec> AdditionalDisks { get; init; } = [];

    /// <summary>Directories of the host in the guest.</summary>
    public MountsSpec Mounts { get; init; } = new();

    /// <summary>Networks, in the order of the guest's cards.</summary>
    public ImmutableArray<NetworkSpec> Networks { get; init; } = [];

    /// <summary>The user's rules for port forwards; the first that matches decides.</summary>
    public ImmutableArray<PortForwardSpec> PortForwards { get; init; } = [];

    /// <summary>How the host reaches the guest by SSH.</summary>
    public SshSpec Ssh { get; init; } = new();

    /// <summary>The account made in the guest.</summary>
    public required UserSpec User { get; init; }

    /// <summary>Variables for the guest's <c>/etc/environment</c>.</summary>
    public ImmutableDictionary<string, string> Env { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Parameters of the template, exported to scripts as <c>PARAM_NAME</c>.</summary>
    public ImmutableDictionary<string, string> Params { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>What sets the guest up, of every mode, in the order of the template.</summary>
    public ImmutableArray<ProvisionSpec> Provision { get; init; } = [];

    /// <summary>Scripts that say whether the guest is ready, in their order.</summary>
    public ImmutableArray<ProbeSpec> Probes { get; init; } = [];

    /// <summary>Files that are copied out once the guest is ready.</summary>
    public ImmutableArray<CopyToHostSpec> CopyToHost { get; init; } = [];

    /// <summary>containerd in the guest.</summary>
    public ContainerdSpec Containerd { get; init; } = new();

    /// <summary>Directory in the guest that programs are installed under.</summary>
    public string GuestInstallPrefix { get; init; } = "/usr/local";

    /// <summary>Authorities that the guest trusts.</summary>
    public CaCertsSpec CaCerts { get; init; } = new();

    /// <summary>The name server that the host is for the guest.</summary>
    public HostResolverSpec HostResolver { get; init; } = new();

    /// <summary>DNS servers for the guest; empty leaves the choice to the network.</summary>
    public ImmutableArray<string> Dns { get; init; } = [];

    /// <summary>Time zone of the guest (<c>Europe/Paris</c>); empty leaves the image's.</summary>
    public string Timezone { get; init; } = "";

    /// <summary>Upgrade the guest's packages at its first boot.</summary>
    public bool UpgradePackages { get; init; }

    /// <summary>Pass the host's proxy variables on to the guest.</summary>
    public bool PropagateProxyEnv { get; init; } = true;

    /// <summary>Lima's plain mode: SSH and provisioning, nothing else inside the guest.</summary>
    public bool Plain { get; init; }

    /// <summary>What the user is told once the VM runs; empty for nothing.</summary>
    public string Message { get; init; } = "";
}

/// <summary>One image that the main disk may be made from.</summary>
/// <param name="Location">URL, absolute path, or <c>recipe:NAME</c> for an image built on this machine.</param>
/// <param name="Arch">Architecture that the image is for.</param>
/// <param name="Digest">OCI digest (<c>sha256:…</c>) or empty when none is known.</param>
/// <param name="Kernel">Kernel to boot directly, if not the image's own loader.</param>
/// <param name="Initrd">Initial RAM disk for <paramref name="Kernel"/>.</param>
public sealed record ImageSource(string Location, string Arch, string Digest = "", KernelSource? Kernel = null, FileSource? Initrd = null)
{
    /// <summary>Variant of the image (<c>server</c>, <c>minimal</c>); the first image of the architecture says which are eligible.</summary>
    public string Variant { get; init; } = "";

    /// <summary>Processor generation that the image is built for (<c>v3</c>); chosen like <see cref="Variant"/>.</summary>
    public string ArchVariant { get; init; } = "";
}

/// <summary>A file by location with the digest it must have (empty: any).</summary>
public sealed record FileSource(string Location, string Digest = "");

/// <summary>A kernel for direct boot and its command line.</summary>
public sealed record KernelSource(string Location, string Digest = "", string Cmdline = "");

/// <summary>Firmware of the VM.</summary>
public sealed record FirmwareSpec
{
    /// <summary>Boot by the PC BIOS instead of UEFI (x86_64 and armv7l only).</summary>
    public bool LegacyBios { get; init; }

    /// <summary>UEFI images to try before those of the system.</summary>
    public ImmutableArray<ImageSource> Images { get; init; } = [];
}

/// <summary>How SSH into the guest works.</summary>
public sealed record SshSpec
{
    /// <summary>Port on the host's 127.0.0.1; 0 lets the host choose a free one.</summary>
    public int LocalPort { get; init; }

    /// <summary>Also accept the user's own public keys from <c>~/.ssh</c>.</summary>
    public bool LoadDotSshPubKeys { get; init; }

    /// <summary>Forward the user's SSH agent into sessions.</summary>
    public bool ForwardAgent { get; init; }

    /// <summary>Forward X11 into sessions.</summary>
    public bool ForwardX11 { get; init; }

    /// <summary>Forward X11 trusted.</summary>
    public bool ForwardX11Trusted { get; init; }

    /// <summary>Reach the guest without its network; null leaves it to the hypervisor's driver.</summary>
    public bool? OverVsock { get; init; }
}

/// <summary>The account made in the guest; never root.</summary>
/// <param name="Name">Login name.</param>
/// <param name="Comment">GECOS text.</param>
/// <param name="Home">Home directory, already expanded.</param>
/// <param name="Shell">Absolute path of the login shell.</param>
/// <param name="Uid">Numeric id, not 0.</param>
/// <param name="PasswordlessSudo">Whether sudo asks for nothing.</param>
public sealed record UserSpec(string Name, string Comment, string Home, string Shell, int Uid, bool PasswordlessSudo = true);
