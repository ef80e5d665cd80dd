using Lima.Domain.Networks;
using static System.FormattableString;

namespace Lima.Drivers.Qemu;

/// <content>What the guest talks to: networks, screen, sound, trusted platform module.</content>
public static partial class QemuCommandLine
{
    private static readonly QemuVersion HasVirtioSound = new(8, 2, 0), ReconnectsStream = new(8, 0, 0);

    // The first card is always on QEMU's own network: SSH and the way out are there, whatever other networks do.
    private static IEnumerable<string[]> Network(QemuSpec spec, QemuArch arch)
    {
        yield return ["-netdev", Invariant($"user,id=net0,net=192.168.5.0/24,dhcpstart={UserNetwork.Guest},hostfwd=tcp:127.0.0.1:{spec.SshPort}-:22")];
        yield return ["-device", $"virtio-net-{arch.Bus},netdev=net0,mac={spec.MacAddress}"];
        for (var at = 0; at < spec.Networks.Length; at++)
        {
            var (network, id) = (spec.Networks[at], Invariant($"net{at + 1}"));
            yield return ["-netdev", network.OwnSocket is { } own ? Datagrams(id, own, network.Socket) : Stream(spec, id, network.Socket)];
            yield return ["-device", $"virtio-net-{arch.Bus},netdev={id},mac={network.MacAddress}"];
        }
    }

    /// <summary>QEMU connects by itself and again when the daemon was restarted; Lima hands it a connected descriptor instead.</summary>
    private static string Stream(QemuSpec spec, string id, string socket) =>
        $"stream,id={id},server=off,addr.type=unix,addr.path={Escape(socket)}{(spec.Version >= ReconnectsStream ? ",reconnect=1" : "")}";

    /// <summary>Without a connection there is none to lose: when the host dies, frames are lost until the next one takes them at the same path.</summary>
    private static string Datagrams(string id, string own, string port) =>
        $"dgram,id={id},local.type=unix,local.path={Escape(own)},remote.type=unix,remote.path={Escape(port)}";

    private static IEnumerable<string[]> Display(QemuSpec spec, QemuArch arch)
    {
        var display = spec.Vm.VideoDisplay.Length == 0 ? "none" : spec.Vm.VideoDisplay;
        var vnc = display == "vnc" || display.StartsWith("vnc=", StringComparison.Ordinal);
        // Without a password set later over QMP nobody can log in: closed until opened on purpose.
        yield return ["-display", vnc ? $"{(display == "vnc" ? $"vnc={spec.Vm.Vnc.Display}" : display)},password=on" : display];
        if (display == "none") yield break;
        yield return ["-device", arch.Name is "x86_64" or "riscv64" ? "virtio-vga" : "virtio-gpu"];
        yield return ["-device", $"virtio-keyboard-{arch.Bus}"];
        yield return ["-device", $"virtio-{(vnc ? "tablet" : "mouse")}-{arch.Bus}"];
    }

    /// <summary>A silent guest gets no sound card at all.</summary>
    private static IEnumerable<string[]> Sound(QemuSpec spec)
    {
        var audio = spec.Vm.Audio;
        if (audio.Device is "" or "none") yield break;
        yield return ["-audiodev", $"{(audio.Device == "default" ? "pa" : Escape(audio.Device))},id=snd0"];
        if (audio.Interface == "virtio" && spec.Version >= HasVirtioSound)
        {
            yield return ["-device", "virtio-sound-pci,audiodev=snd0"];
            yield break;
        }

        yield return ["-device", "ich9-intel-hda"];
        yield return ["-device", "hda-output,audiodev=snd0"];
    }

    private static IEnumerable<string[]> Tpm(QemuSpec spec, QemuArch arch)
    {
        if (spec.TpmSocket is null) yield break;
        yield return ["-chardev", $"socket,id=chrtpm,path={Escape(spec.TpmSocket)}"];
        yield return ["-tpmdev", "emulator,id=tpm0,chardev=chrtpm"];
        yield return ["-device", $"{(arch.Name == "x86_64" ? "tpm-crb" : "tpm-tis-device")},tpmdev=tpm0"];
    }
}
