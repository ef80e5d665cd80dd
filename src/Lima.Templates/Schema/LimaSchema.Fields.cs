using System.Collections.Immutable;
using static Lima.Templates.Schema.FieldEffect;

namespace Lima.Templates.Schema;

public static partial class LimaSchema
{
    private static ImmutableArray<SchemaField> Hardware() =>
    [
        List("base", Reference("", InEffect)) with { OrSingle = true },
        Text("minimumLimaVersion"),
        Text("vmType"),
        Map("vmOpts", [
            Map("qemu", [Text("minimumVersion"), TextMap("cpuType")]),
            Map("vz", [Map("rosetta", [Bool("enabled", NotYet), Bool("binfmt", NotYet)]), Text("diskImageFormat", NotYet)]),
        ]) with { Open = true },
        Choice("os", OperatingSystems) with { QuotedChoices = true },
        Map("osOpts", [Map("Windows", [Maps("virtioWin", NotYet, File())])]) with { Open = true },
        Architecture(),
        Maps("images", InEffect, [
            .. File(), Text("variant"), Text("archVariant"),
            Map("kernel", [.. File(), Text("cmdline")]),
            Map("initrd", File()),
        ]),
        TextMap("cpuType") with { ReplacedBy = "vmOpts.qemu.cpuType" },
        Integer("cpus"),
        Size("memory"),
        Size("disk"),
        Map("firmware", [Bool("legacyBIOS"), Maps("images", InEffect, [.. File(), Text("vmType")])]),
        Bool("nestedVirtualization", NotYet),
        Bool("tpm", NotYet),
        Map("rosetta", [Bool("enabled", NotYet), Bool("binfmt", NotYet)]) with { ReplacedBy = "vmOpts.vz.rosetta" },
        Map("audio", [Text("device", NotYet) with { Neutral = ["none"] }, Text("interface", NotYet)]),
        Map("video", [Text("display"), Map("vnc", [Text("display", NotYet)])]),
    ];

    private static ImmutableArray<SchemaField> Storage() =>
    [
        List("additionalDisks", Map("", [Text("name"), Bool("format"), Text("fsType"), List("fsArgs", Text(""))]) with { OrSingle = true }, NotYet),
        Maps("mounts", NotYet, [
            Text("location"), Text("mountPoint"), Bool("writable"),
            Map("sshfs", [Bool("cache"), Bool("followSymlinks"), Text("sftpDriver")]),
            Map("9p", [Text("securityModel"), Text("protocolVersion"), Size("msize"), Text("cache")]),
            Map("virtiofs", [Integer("queueSize")]),
        ]),
        Choice("mountType", ["reverse-sshfs", "9p", "virtiofs", "wsl2", "default"], Accepted) with { QuotedChoices = true },
        List("mountTypesUnsupported", Text(""), Accepted),
        Bool("mountInotify", NotYet),
        Maps("copyToHost", NotYet, Text("guest"), Text("host"), Bool("skipIfMissing"), Bool("deleteOnStop")),
    ];

    private static ImmutableArray<SchemaField> Access() =>
    [
        Map("ssh", [
            Integer("localPort"), Bool("loadDotSSHPubKeys"), Bool("forwardAgent"),
            Bool("forwardX11"), Bool("forwardX11Trusted"), Bool("overVsock", NotYet),
        ]),
        Map("user", [Text("name"), Text("comment"), Text("home"), Text("shell"), Integer("uid"), Bool("passwordlessSudo")]),
        Maps("networks", NotYet, Text("lima"), Text("socket"), Bool("vzNAT"), Text("macAddress"), Text("interface"), Integer("metric")),
        Maps("portForwards", NotYet, [
            Text("guestIP"), Bool("guestIPMustBeZero"), Integer("guestPort"), List("guestPortRange", Integer("")), Text("guestSocket"),
            Text("hostIP"), Integer("hostPort"), List("hostPortRange", Integer("")), Text("hostSocket"),
            Text("proto"), Bool("reverse"), Bool("ignore"), Bool("static"),
        ]),
        List("dns", Text("")),
        Map("hostResolver", [Bool("enabled", Accepted), Bool("ipv6", Accepted), TextMap("hosts", NotYet)]),
        Bool("propagateProxyEnv"),
        TextMap("env"),
        Map("caCerts", [Bool("removeDefaults", NotYet), List("files", Text(""), NotYet), List("certs", Text(""), NotYet)]),
    ];

    private static ImmutableArray<SchemaField> Guest() =>
    [
        Bool("upgradePackages"),
        Map("containerd", [Bool("system", NotYet), Bool("user", NotYet), Maps("archives", Accepted, File())]),
        Text("guestInstallPrefix", NotYet) with { Neutral = ["/usr/local"] },
        Maps("provision", InEffect, [
            Text("mode"), Text("script"), Bool("skipDefaultDependencyResolution", Accepted), Reference("file", Accepted), Text("playbook", Accepted),
            Text("content", Accepted), Bool("overwrite", Accepted), Text("owner", Accepted), Text("path", Accepted), Text("permissions", Accepted),
            Text("expression", Accepted), Text("format", Accepted),
        ]),
        Maps("probes", NotYet, Text("mode"), Text("description"), Text("script"), Reference("file", Accepted), Text("hint")),
        Text("message"),
        TextMap("param"),
        Text("timezone"),
        Bool("plain"),
    ];
}
