using System.Collections.Immutable;
using static Lima.Templates.Schema.FieldEffect;
using static Lima.Templates.Schema.FieldPresence;

namespace Lima.Templates.Schema;

/// <summary>The keys, in the order in which Lima writes them.</summary>
public static partial class LimaSchema
{
    private static ImmutableArray<SchemaField> Machine() =>
    [
        List("base", Reference("", InEffect)) with { OrSingle = true },
        Text("minimumLimaVersion"),
        Text("vmType") with { Choices = VmTypes },
        Map("vmOpts", [
            Map("qemu", [Text("minimumVersion"), TextMap("cpuType")]),
            Map("vz", [Map("rosetta", [Bool("enabled", NotYet), Bool("binfmt", NotYet)]), Text("diskImageFormat", NotYet)]),
        ]) with { Open = true },
        Choice("os", OperatingSystems) with { QuotedChoices = true },
        Choice("arch", [.. Architectures, "default"]),
        Maps("images", InEffect, [
            .. File(),
            Map("kernel", [.. File(), Bare(Text("cmdline"))]) with { Presence = WhenSet },
            Map("initrd", File()) with { Presence = WhenSet },
            Bare(Text("variant")), Bare(Text("archVariant")),
        ]),
        TextMap("cpuType") with { ReplacedBy = "vmOpts.qemu.cpuType" },
        Integer("cpus"),
        Size("memory"),
        Size("disk"),
    ];

    private static ImmutableArray<SchemaField> Storage() =>
    [
        List("additionalDisks", Map("", [Text("name") with { Presence = Always }, Bool("format"), Text("fsType"), Texts("fsArgs")]) with { OrSingle = true }),
        Maps("mounts", InEffect, [
            Text("location") with { Presence = Always }, Text("mountPoint"), Bool("writable"),
            Map("sshfs", [Bool("cache"), Bool("followSymlinks"), Text("sftpDriver")]),
            Map("9p", [Text("securityModel"), Text("protocolVersion"), Size("msize"), Text("cache")]),
            Map("virtiofs", [Integer("queueSize")]),
        ]),
        Texts("mountTypesUnsupported"),
        Choice("mountType", [.. MountTypes, "default"]) with { QuotedChoices = true },
        Bool("mountInotify"),
        Map("ssh", [
            Integer("localPort"), Bool("loadDotSSHPubKeys"), Bool("forwardAgent"),
            Bool("forwardX11"), Bool("forwardX11Trusted"), Bool("overVsock", NotYet),
        ]),
        Map("firmware", [Bool("legacyBIOS"), Maps("images", InEffect, [.. File(), Bare(Text("vmType"))])]),
        Map("audio", [Text("device"), Text("interface")]),
        Map("video", [Text("display"), Map("vnc", [Text("display", NotYet)])]),
    ];

    private static ImmutableArray<SchemaField> Guest() =>
    [
        Maps("provision", InEffect, [
            Bare(Text("mode")) with { Usual = "system" },
            Bool("skipDefaultDependencyResolution", Accepted), Text("script"), Reference("file", Accepted), Bare(Text("playbook", Accepted)),
            Text("content", Accepted), Bool("overwrite", Accepted), Text("owner", Accepted), Text("path", Accepted), Text("permissions", Accepted),
            Text("expression", Accepted), Text("format", Accepted),
        ]),
        Bool("upgradePackages"),
        Map("containerd", [Bool("system"), Bool("user"), Maps("archives", Accepted, File())]),
        Text("guestInstallPrefix") with { Neutral = ["/usr/local"] },
        Maps("probes", InEffect, [
            Bare(Text("mode")) with { Usual = "readiness" },
            Bare(Text("description")), Text("script"), Reference("file", Accepted), Bare(Text("hint")),
        ]),
        Maps("portForwards", InEffect, [
            Bool("guestIPMustBeZero"), Address("guestIP"), Bare(Integer("guestPort")), Ports("guestPortRange"), Bare(Text("guestSocket")),
            Address("hostIP"), Bare(Integer("hostPort")), Ports("hostPortRange"), Bare(Text("hostSocket")),
            Bare(Text("proto")), Bare(Bool("reverse")), Bare(Bool("ignore")), Bare(Bool("static")),
        ]),
        Maps("copyToHost", InEffect, Bare(Text("guest")), Bare(Text("host")), Bare(Bool("skipIfMissing")), Bare(Bool("deleteOnStop"))),
        Bare(Text("message")),
    ];

    private static ImmutableArray<SchemaField> Access() =>
    [
        Maps("networks", InEffect, Bare(Text("lima")), Bare(Text("socket")), Bool("vzNAT", Accepted), Bare(Text("macAddress")), Bare(Text("interface")), Integer("metric")),
        TextMap("env"),
        TextMap("param"),
        List("dns", Text("") with { Address = true }),
        Map("hostResolver", [Bool("enabled"), Bool("ipv6"), TextMap("hosts")]),
        Bool("propagateProxyEnv"),
        Map("caCerts", [Bool("removeDefaults"), Texts("files"), Texts("certs")]),
        Map("rosetta", [Bool("enabled", NotYet), Bool("binfmt", NotYet)]) with { ReplacedBy = "vmOpts.vz.rosetta" },
        Bool("plain"),
        Text("timezone"),
        Bool("nestedVirtualization", NotYet),
        Map("user", [Text("name"), Text("comment"), Text("home"), Text("shell"), Integer("uid"), Bool("passwordlessSudo")]),
        Bool("tpm"),
        Map("osOpts", [Map("Windows", [Maps("virtioWin", NotYet, File())])]) with { Open = true },
    ];
}
