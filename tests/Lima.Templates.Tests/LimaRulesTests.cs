using Lima.Templates.Validation;

namespace Lima.Templates.Tests;

/// <summary>Rules of mounts, networks, port forwards and platforms; and that all of them are looked at, in Lima's order.</summary>
public sealed class LimaRulesTests
{
    [Theory]
    [InlineData("networks: [{lima: nope}]", "field `networks[0].lima` references network `nope` which is not defined in networks.yaml", 2, 19)]
    [InlineData("networks: [{lima: shared}]", "field `networks[0].lima` is only supported on macOS right now", 2, 19)]
    [InlineData("networks: [{lima: user-v2, socket: /s}]", "field `networks[0].lima` and field `networks[0].socket` are mutually exclusive", 2, 36)]
    [InlineData("networks: [{lima: user-v2, vzNAT: true}]", "field `networks[0].lima` and field `networks[0].vzNAT` are mutually exclusive", 2, 35)]
    [InlineData("networks: [{socket: /socket, vzNAT: true}]", "field `networks[0].socket` and field `networks[0].vzNAT` are mutually exclusive", 2, 37)]
    [InlineData("networks: [{interface: x}]", "field `networks[0].lima` or field `networks[0].socket` must be set", 2, 12)]
    [InlineData("networks: [{socket: /file}]", "field `networks[0].socket` `/file` points to a non-socket file", 2, 21)]
    [InlineData("networks: [{lima: user-v2, macAddress: '52:55:55'}]", "field `networks[0].macAddress` must be a 48 bit (6 bytes) MAC address", 2, 40)]
    [InlineData("networks: [{lima: user-v2, interface: eth0}]", "must not be set to `eth0` because it is reserved for slirp", 2, 39)]
    [InlineData("networks: [{lima: user-v2, interface: abcdefghijklmnop}]", "must be less than 16 bytes, but is 16 bytes", 2, 39)]
    [InlineData("networks: [{lima: user-v2, interface: 'a/b'}]", "must not contain whitespace or slashes", 2, 39)]
    [InlineData("networks: [{lima: user-v2}, {lima: user-v2, interface: lima0}]", "field `networks[1].interface` value `lima0` has already been used by field `networks[0].interface`", 2, 56)]
    [InlineData("networks: [{lima: user-v2, metric: -1}]", "field `networks[0].metric` must be between 0", 2, 36)]
    [InlineData("portForwards: [{guestIPMustBeZero: true, guestIP: 127.0.0.1}]", "field `portForwards[0].guestIPMustBeZero` can only be true when field `portForwards[0].guestIP` is 0.0.0.0", 2, 36)]
    [InlineData("portForwards: [{guestPort: 22}]", "field `portForwards[0].guestPort` must not be 22", 2, 28)]
    [InlineData("portForwards: [{hostPort: 65536, guestPort: 1}]", "field `portForwards[0].hostPort` must be < 65536", 2, 27)]
    [InlineData("portForwards: [{guestPort: 2, guestPortRange: [1, 2]}]", "field `portForwards[0].guestPort` must match field `portForwards[0].guestPortRange[0]`", 2, 28)]
    [InlineData("portForwards: [{guestPortRange: [3, 2], hostPortRange: [1, 2]}]", "field `portForwards[0].guestPortRange[1]` must be greater than or equal to", 2, 33)]
    [InlineData("portForwards: [{guestPortRange: [0, 2]}]", "field `portForwards[0].guestPortRange[0]` must be set", 2, 33)]
    [InlineData("portForwards: [{guestPortRange: [1, 2], hostPortRange: [1, 3]}]", "field `portForwards[0].hostPortRange` must specify the same number of ports", 2, 56)]
    [InlineData("portForwards: [{guestPortRange: [1]}]", "field `portForwards[0].guestPortRange` must have 2 elements, got 1", 2, 33)]
    [InlineData("portForwards: [{guestSocket: a, hostSocket: /b}]", "field `portForwards[0].guestSocket` must be an absolute path, but is `a`", 2, 30)]
    [InlineData("portForwards: [{guestPort: 1, guestSocket: /a, hostSocket: /b}]", "field `portForwards[0].guestPort` must be 0 when field `portForwards[0].guestSocket` is set", 2, 28)]
    [InlineData("portForwards: [{hostSocket: /b}]", "field `portForwards[0].hostSocket` can only be mapped from a single port or socket. not a range", 2, 29)]
    [InlineData("portForwards: [{guestSocket: /b}]", "field `portForwards[0].guestSocket` can only be mapped to a single port or socket. not a range", 2, 30)]
    [InlineData("portForwards: [{guestPort: 1, proto: sctp}]", "field `portForwards[0].proto` must be `tcp`, `udp`, or `any`", 2, 38)]
    [InlineData("portForwards: [{guestPort: 1, reverse: true}]", "field `portForwards[0].reverse` must be false", 2, 40)]
    [InlineData("portForwards: [{guestIP: localhost}]", "field `portForwards[0].guestIP` must be an IP address, got `localhost`", 2, 26)]
    [InlineData("mounts: [{location: /file}]", "field `mounts[0].location` refers to a non-directory path: `/file`", 2, 21)]
    [InlineData("mounts: [{location: /locked}]", "field `mounts[0].location` refers to an inaccessible path: `/locked`", 2, 21)]
    [InlineData("mounts: [{location: /d, mountPoint: /home/user.guest}]", "field `mounts[0].mountPoint` is the reserved internal home directory", 2, 37)]
    [InlineData("mounts: [{location: /d, 9p: {msize: x}}]", "field `mounts[0].9p.msize` has an invalid value", 2, 37)]
    [InlineData("mounts: [{location: /d, virtiofs: {queueSize: 0}}]", "field `mounts[0].virtiofs.queueSize` must be between 1", 2, 47)]
    [InlineData("mountType: 9p\nmountTypesUnsupported: [9p]", "field `mountType` must not be one of [9p] (`mountTypesUnsupported`), got `9p`", 2, 12)]
    [InlineData("mountTypesUnsupported: [9p, reverse-sshfs]", "field `mountType` must not be one of [9p reverse-sshfs] (`mountTypesUnsupported`), got `reverse-sshfs`", 2, 24)]
    [InlineData("mountType: wsl2", "field `mountType` must be one of [reverse-sshfs 9p virtiofs] for QEMU driver on Linux, got `wsl2`", 2, 12)]
    [InlineData("audio: {interface: ac97}", "invalid audio.interface \"ac97\", must be \"hda\" or \"virtio\"", 2, 20)]
    [InlineData("os: Windows\nuser: {shell: bash}", "field `user.shell` must be one of [cmd.exe powershell.exe pwsh.exe] for Windows guest, got `bash`", 3, 15)]
    [InlineData("os: Darwin\nuser: {passwordlessSudo: true}", "`user.passwordlessSudo: true` is not supported on macOS guests", 3, 26)]
    [InlineData("provision: [{mode: ansible, playbook: /missing}]", "field `provision[0].playbook` refers to an inaccessible path: `/missing`", 2, 39)]
    [InlineData("containerd: {archives: [{location: x}]}", "field `containerd.archives[0].location` must be a URL, an absolute path", 2, 36)]
    public void Broken_rules_are_errors_at_their_place(string text, string message, int line, int column)
    {
        var problem = Assert.Single(Given.Read(Given.Image + text, Given.Host with { Look = Look }).Errors);
        Assert.Contains(message, problem.Message);
        Assert.Equal((line, column), (problem.Line, problem.Column));
    }

    [Theory]
    [InlineData("portForwards: [{}, {guestIP: 0.0.0.0}, {guestPort: 80, hostPort: 8080}, {guestPort: 80, hostSocket: x}, {guestSocket: /x, hostPort: 80}]")]
    [InlineData("portForwards: [{guestSocket: /x, hostSocket: y, reverse: true}, {guestIPMustBeZero: false, guestIP: 0.0.0.0, hostIP: '::1'}]")]
    [InlineData("networks: [{lima: user-v2, macAddress: 52-55-55-aa-bb-cc}, {socket: /socket}, {socket: /missing}, {vzNAT: true}]")]
    [InlineData("mounts: [{location: /d}, {location: '~'}, {location: /d, mountPoint: /mnt}]\nmountType: virtiofs")]
    [InlineData("additionalDisks: [a, {name: b, fsArgs: [-i, size=512]}]\naudio: {interface: virtio}\ntpm: true")]
    [InlineData("os: Windows\nuser: {shell: 'C:\\Windows\\System32\\CMD.EXE'}")]
    [InlineData("containerd: {user: false, archives: [{location: x}]}")]
    public void What_is_right_is_accepted(string text) =>
        Assert.Equal([], Given.Read(Given.Image + text, Given.Host with { Look = Look }).Errors.Select(error => error.ToString()));

    [Fact]
    public void Wrong_words_of_the_platform_come_before_what_is_missing()
    {
        var errors = Given.Read("os: windows\narch: unsupported_arch\nportForwards: [{guestPort: 22}]\nprovision: [{mode: invalid, script: x}, {mode: data, script: x}]").Errors;
        Assert.Equal(["os", "arch", "images", "provision[0].mode", "provision[1].path", "portForwards[0].guestPort"], errors.Select(error => error.Field));
    }

    [Fact]
    public void Everything_is_reported_in_Limas_order()
    {
        var errors = Given.Read("""
            provision: [{mode: invalid}, {mode: data}]
            tpm: true
            portForwards: [{guestPort: 22}]
            networks: [{}]
            probes: [{script: x}]
            arch: unsupported_arch
            os: windows
            audio: {interface: x}
            ssh: {localPort: 22}
            additionalDisks: [a..b]
            mounts: [{location: .}]
            mountType: nfs
            memory: x
            vmType: y
            minimumLimaVersion: z
            copyToHost: [{guest: a, host: /b}]
            dns: [1.1.1.1]
            param: {_A: x}
            user: {shell: sh, passwordlessSudo: false}
            """).Errors;
        Assert.Equal(
            ["vmType", "minimumLimaVersion", "os", "arch", "user.shell", "images", "memory", "additionalDisks[0].name", "mounts[0].location", "ssh.localPort",
                "mountType", "provision[0].mode", "provision[0].script", "provision[1].path", "probes[0].script", "portForwards[0].guestPort",
                "copyToHost[0].guest", "dns", "networks[0].lima", "param._A", "user.passwordlessSudo", "tpm", "audio.interface"],
            errors.Select(error => error.Field));
    }

    [Theory]
    [InlineData("mounts: [{location: /missing}]", "field `mounts[0].location` refers to a non-existent directory: `/missing`")]
    [InlineData("mountType: virtiofs", "`mountType: virtiofs` on Linux is experimental")]
    [InlineData("video: {display: 'vnc'}", "`video.display: vnc` is experimental")]
    [InlineData("audio: {device: pa, interface: hda}", "`audio.interface` is experimental")]
    [InlineData("mountInotify: true", "`mountInotify` is experimental")]
    [InlineData("plain: true\nssh: {forwardAgent: true}", "field `ssh.forwardAgent` is ignored in plain mode")]
    [InlineData("plain: true\nportForwards: [{guestPortRange: [1000, 1010], static: true}]", "covers a range of more than 10 ports")]
    [InlineData("plain: true\nuser: {passwordlessSudo: false}\nparam: {a: x}\nprovision: [{script: $PARAM_a}]", "`param` still relies on sudo")]
    [InlineData("provision: [{mode: ansible, playbook: /file}]", "provision mode `ansible` is deprecated, use `ansible-playbook /file` instead")]
    [InlineData("rosetta: {enabled: true}", "field `rosetta` is deprecated; use `vmOpts.vz.rosetta` instead")]
    public void Things_to_know_are_warnings(string text, string message)
    {
        var result = Given.Read(Given.Image + text, Given.Host with { Look = Look });
        Assert.Equal([], result.Errors.Select(error => error.ToString()));
        Assert.Contains(result.Warnings, warning => warning.Message.Contains(message));
    }

    [Theory]
    [InlineData("100GiB", "50GiB", "field `disk`: shrinking the disk (100GiB --> 50GiB) is not supported")]
    [InlineData("100GiB", "102400MiB", null)]
    [InlineData("100GiB", "101GiB", null)]
    [InlineData("100GiB", null, null)]
    [InlineData(null, "1GiB", null)]
    [InlineData("100GiB", "x", null)]
    public void A_disk_only_grows(string? from, string? to, string? problem) => Assert.Equal(problem, DiskRules.ShrinkProblem(from, to));

    [Fact]
    public void Everything_wrong_with_one_entry_is_told()
    {
        var errors = Given.Read(Given.Image + "networks: [{interface: 'eth0 /and more', macAddress: x, metric: 99999999999}]").Errors;
        Assert.Equal(["networks[0].lima", "networks[0].macAddress", "networks[0].interface", "networks[0].metric"], errors.Select(error => error.Field));
    }

    private static PathKind Look(string path) => path switch
    {
        "/file" => PathKind.File,
        "/locked" => PathKind.Inaccessible,
        "/socket" => PathKind.Socket,
        "/missing" => PathKind.Missing,
        _ => PathKind.Directory,
    };
}
