using Lima.Domain.Vms;
using static System.IO.Path;

namespace Lima.Drivers.Instances;

/// <summary>The files of one instance, by Lima's names.</summary>
/// <param name="Name">Name of the instance.</param>
/// <param name="Path">Absolute path of its directory.</param>
public sealed record InstanceDirectory(VmName Name, string Path)
{
    /// <summary>The one authoritative configuration.</summary>
    public string LimaYaml => Combine(Path, "lima.yaml");

    /// <summary>Version that created the instance.</summary>
    public string LimaVersion => Combine(Path, "lima-version");

    /// <summary>The generated identity (<see cref="VmId"/>); absent in directories that Lima made.</summary>
    public string IdFile => Combine(Path, "vm-id");

    /// <summary>Present when the instance must not be deleted.</summary>
    public string Protected => Combine(Path, "protected");

    /// <summary>Main disk.</summary>
    public string Disk => Combine(Path, "disk");

    /// <summary>CD to boot from, when the image is one.</summary>
    public string Iso => Combine(Path, "iso");

    /// <summary>What older versions of Lima called <see cref="Disk"/>.</summary>
    public string LegacyDisk => Combine(Path, "diffdisk");

    /// <summary>Kernel for direct boot, if any.</summary>
    public string Kernel => Combine(Path, "kernel");

    /// <summary>Command line for <see cref="Kernel"/>.</summary>
    public string KernelCmdline => Combine(Path, "kernel.cmdline");

    /// <summary>Initial RAM disk for <see cref="Kernel"/>, if any.</summary>
    public string Initrd => Combine(Path, "initrd");

    /// <summary>Archive of containerd for the guest, a link to the store; absent when there is none.</summary>
    public string ContainerdArchive => Combine(Path, "nerdctl-full.tgz");

    /// <summary>Cloud-init seed.</summary>
    public string Cidata => Combine(Path, "cidata.iso");

    /// <summary>QEMU's pid file; a hint, never proof.</summary>
    public string QemuPid => Combine(Path, "qemu.pid");

    /// <summary>Where the machine's TPM listens.</summary>
    public string TpmSocket => Combine(Path, "swtpm.sock");

    /// <summary>Directory of what the TPM keeps; mode 0700.</summary>
    public string TpmState => Combine(Path, "swtpm");

    /// <summary>What the TPM says.</summary>
    public string TpmLog => Combine(Path, "swtpm.log");

    /// <summary>QEMU's control socket.</summary>
    public string QmpSocket => Combine(Path, "qmp.sock");

    /// <summary>Another control socket of QEMU, for short talks: devices and forwards are plugged in over it.</summary>
    public string PlugSocket => Combine(Path, "plug.sock");

    /// <summary>QEMU's standard output and error.</summary>
    public string QemuLog => Combine(Path, "qemu.log");

    /// <summary>Console of the guest (ttyS0 or ttyAMA0).</summary>
    public string SerialLog => Combine(Path, "serial.log");

    /// <summary>Socket of <see cref="SerialLog"/>.</summary>
    public string SerialSocket => Combine(Path, "serial.sock");

    /// <summary>Virtio console of the guest (hvc0).</summary>
    public string VirtioSerialLog => Combine(Path, "serialv.log");

    /// <summary>Socket of <see cref="VirtioSerialLog"/>.</summary>
    public string VirtioSerialSocket => Combine(Path, "serialv.sock");

    /// <summary>Everything that the guest wrote to its progress port in this boot, kept by QEMU, so that a late reader misses nothing.</summary>
    public string ProgressLog => Combine(Path, "progress.log");

    /// <summary>Socket of the port by which host and guest agent speak; absent for a QEMU that was started without it.</summary>
    public string AgentSocket => Combine(Path, "ga.sock");

    /// <summary>OpenSSH configuration with the alias <c>lima-NAME</c>.</summary>
    public string SshConfig => Combine(Path, "ssh.config");

    /// <summary>OpenSSH's shared connection.</summary>
    public string SshControlSocket => Combine(Path, "ssh.sock");

    /// <summary>Port of the name server that the host is for this guest; absent when it is none.</summary>
    public string DnsPort => Combine(Path, "dns-port");

    /// <summary>Pattern of the names of our sockets for forwards.</summary>
    public const string ForwardSockets = "fwd*.sock";

    /// <summary>Control socket of the connection that carries forwards; no longer than <see cref="SshControlSocket"/>.</summary>
    public string ForwardControlSocket => Combine(Path, "fwd.sock");

    /// <summary>Where that connection takes requests for forwards to ports.</summary>
    public string ForwardSocksSocket => Combine(Path, "fwd-tcp.sock");

    /// <summary>Where it leads to a socket of the guest.</summary>
    public string ForwardSocket(int number) => Combine(Path, $"fwd-{number}.sock");

    /// <summary>Pattern of the names of QEMU's sockets for networks of ours.</summary>
    public const string NetworkSockets = "net*.sock";

    /// <summary>Where QEMU takes the frames for a card, counted from 0 among the networks of the configuration.</summary>
    public string NetworkSocket(int number) => Combine(Path, $"net{number}.sock");

    /// <summary>Private host key injected into the guest.</summary>
    public string SshHostKey => Combine(Path, "ssh_host_ed25519_key");

    /// <summary>Known-hosts file with the guest's one key.</summary>
    public string KnownHosts => Combine(Path, "known_hosts");
}
