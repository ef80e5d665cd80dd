using Lima.Domain.Specs;

namespace Lima.Templates.Tests;

public sealed class DefaultsTests
{
    [Fact]
    public void What_is_not_said_has_Limas_defaults()
    {
        var spec = Given.Valid(Given.Image);
        Assert.Equal(("qemu", "Linux", "x86_64", 2, 4L << 30, 100L << 30), (spec.VmType, spec.Os, spec.Arch, spec.Cpus, spec.MemoryBytes, spec.DiskBytes));
        Assert.Equal(new UserSpec("user", "", "/home/user.guest", "/bin/bash", 1001), spec.User);
        Assert.Equal(("Etc/UTC", "none", "", ""), (spec.Timezone, spec.VideoDisplay, spec.Message, spec.QemuMinimumVersion));
        Assert.Equal(new SshSpec(), spec.Ssh);
        Assert.Equal((false, false, true), (spec.Plain, spec.UpgradePackages, spec.PropagateProxyEnv));
        Assert.Empty(spec.Provision);
        Assert.Equal(new ImageSource("/", "x86_64"), Assert.Single(spec.Images));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 3)]
    [InlineData(16, 4)]
    public void Processors_are_those_of_the_host_up_to_four(int host, int cpus)
    {
        Assert.Equal(cpus, Given.Valid(Given.Image, Given.Host with { Cpus = host }).Cpus);
        Assert.Equal(cpus, Given.Valid(Given.Image + "cpus: 0", Given.Host with { Cpus = host }).Cpus);
        Assert.Equal(9, Given.Valid(Given.Image + "cpus: 9", Given.Host with { Cpus = host }).Cpus);
    }

    [Theory]
    [InlineData(2L << 30, 1L << 30)]
    [InlineData(64L << 30, 4L << 30)]
    public void Memory_is_half_of_the_hosts_up_to_4_GiB(long host, long memory) =>
        Assert.Equal(memory, Given.Valid(Given.Image, Given.Host with { MemoryBytes = host }).MemoryBytes);

    [Theory]
    [InlineData("alice", 1000, "alice", 1000)]
    [InlineData("admin", 1000, "lima", 1000)]
    [InlineData("use@example.com", 1000, "lima", 1000)]
    [InlineData("Alice", 1000, "lima", 1000)]
    [InlineData("root", 0, "lima", 1000)]
    [InlineData("", 501, "lima", 501)]
    public void The_user_is_the_hosts_unless_that_is_none_for_a_guest(string host, int uid, string name, int guestUid)
    {
        var user = Given.Valid(Given.Image, Given.Host with { UserName = host, Uid = uid, UserComment = "A\u0007 B" }).User;
        Assert.Equal(new UserSpec(name, "A B", $"/home/{name}.guest", "/bin/bash", guestUid), user);
    }

    [Theory]
    [InlineData(null, "/home/lima.guest")]
    [InlineData("v2.1.0\n", "/home/lima.guest")]
    [InlineData("2.0.3", "/home/lima.linux")]
    [InlineData("", "/home/admin.linux")]
    [InlineData("0.23.0", "/home/admin.linux")]
    public void Instances_of_older_Limas_keep_their_names(string? createdBy, string home) =>
        Assert.Equal(home, Given.Valid(Given.Image, Given.Host with { UserName = "admin" }, Given.Instance with { CreatedBy = createdBy }).User.Home);

    [Fact]
    public void Everything_that_is_said_is_taken()
    {
        var spec = Given.Valid("""
            arch: aarch64
            images:
            - {location: ~/a.qcow2, variant: server, archVariant: v3, kernel: {location: /k, cmdline: a=b}, initrd: {location: ~/i}}
            - {location: /b, arch: x86_64}
            cpus: 3
            memory: 512MiB
            disk: 10G
            firmware: {images: [{location: ~/fw}, {location: /vz, vmType: vz}]}
            vmOpts: {qemu: {minimumVersion: 8.2.1, cpuType: {aarch64: cortex-a72, x86_64: ''}}}
            video: {display: sdl}
            ssh: {localPort: 60022, loadDotSSHPubKeys: true, forwardAgent: true, forwardX11: true, forwardX11Trusted: true}
            user: {name: dev, comment: "Dev\tUser", home: "/home/{{.User}}-{{ .UID }}-{{.Hostname}}", shell: /bin/sh, uid: 4242}
            hostResolver: {enabled: false}
            dns: [1.1.1.1, "2606:4700::1111"]
            env: {A: 1, B: "x y", C: }
            timezone: Europe/Paris
            upgradePackages: true
            propagateProxyEnv: false
            message: hello {{.Name}} in {{.Dir}}
            """);
        Assert.Equal(("aarch64", 3, 512L << 20, 10L << 30), (spec.Arch, spec.Cpus, spec.MemoryBytes, spec.DiskBytes));
        var first = new ImageSource("/home/user/a.qcow2", "aarch64", "", new KernelSource("/k", "", "a=b"), new FileSource("/home/user/i")) { Variant = "server", ArchVariant = "v3" };
        Assert.Equal([first, new ImageSource("/b", "x86_64")], spec.Images.ToArray());
        Assert.Equal("/home/user/fw", Assert.Single(spec.Firmware.Images).Location);
        Assert.Equal("cortex-a72", Assert.Single(spec.CpuTypes).Value);
        Assert.Equal(("8.2.1", "sdl", "Europe/Paris"), (spec.QemuMinimumVersion, spec.VideoDisplay, spec.Timezone));
        Assert.Equal(new SshSpec { LocalPort = 60022, LoadDotSshPubKeys = true, ForwardAgent = true, ForwardX11 = true, ForwardX11Trusted = true }, spec.Ssh);
        Assert.Equal(new UserSpec("dev", "DevUser", "/home/dev-4242-lima-my-vm", "/bin/sh", 4242), spec.User);
        Assert.Equal(["1.1.1.1", "2606:4700::1111"], spec.Dns.ToArray());
        Assert.Equal(("1", "x y", ""), (spec.Env["A"], spec.Env["B"], spec.Env["C"]));
        Assert.Equal((true, false), (spec.UpgradePackages, spec.PropagateProxyEnv));
        Assert.Equal("hello my.vm in /home/user/.lima/my.vm", spec.Message);
    }

    [Fact]
    public void Plain_mode_drops_the_time_zone_and_the_agent()
    {
        var spec = Given.Valid(Given.Image + "plain: true\ntimezone: Europe/Paris\nssh: {forwardAgent: true}\nuser: {passwordlessSudo: false}");
        Assert.Equal((true, "", false, false), (spec.Plain, spec.Timezone, spec.Ssh.ForwardAgent, spec.User.PasswordlessSudo));
    }

    [Fact]
    public void Scripts_and_files_are_expanded_and_taken_in_order()
    {
        var spec = Given.Valid(Given.Image + """
            param: {FOO: bar}
            provision:
            - script: system {{.Param.FOO}} $PARAM_FOO
            - mode: user
              script: user {{.User}} {{.UID}} {{.Home}} {{.Hostname}} {{.Name}}
            - {mode: data, path: "/x/{{.User}}", content: "{{.UID}}"}
            - {mode: boot, script: boot}
            """);
        Assert.Equal(
            [new("system", "system bar $PARAM_FOO"), new("user", "user user 1001 /home/user.guest lima-my-vm my.vm"),
                new("data", "") { File = new ProvisionFile("/x/user") { Content = "1001" } }, new ProvisionSpec("boot", "boot")],
            spec.Provision.ToArray());
    }

    [Theory]
    [InlineData("a {{.Name}} b", "a my.vm b")]
    [InlineData("a {{- .Name -}} b", "amy.vmb")]
    [InlineData("a\n{{- /* no */}}", "a")]
    [InlineData("{{ .Name }}{{.User}}", "my.vmuser")]
    [InlineData("{{if .Name}}x{{end}} {{.Name}}", "x my.vm")]
    [InlineData("{{if .Name}}x", null)]
    [InlineData("{{.User.Name}}", null)]
    [InlineData("{{.Nothing}}", "<no value>")]
    [InlineData("{{.Param.unset}}", "<no value>")]
    [InlineData("{{.Name", null)]
    [InlineData("{{}}", null)]
    [InlineData("{{-}}", null)]
    [InlineData("{ {.Name} } }}", "{ {.Name} } }}")]
    public void Texts_are_expanded_as_a_whole_or_left_with_a_warning(string script, string? expanded)
    {
        var result = Given.Read(Given.Image + $"provision:\n- script: {System.Text.Json.JsonSerializer.Serialize(script)}\n");
        Assert.Equal(expanded ?? script, Assert.Single(result.Spec!.Provision).Script);
        Assert.Equal(expanded is null ? 1 : 0, result.Warnings.Length);
        Assert.All(result.Warnings, warning => Assert.Equal((3, "provision[0].script"), (warning.Line, warning.Field)));
    }

    [Theory]
    [InlineData("true", "false", true)]
    [InlineData("0", "true", false)]
    [InlineData("T", "null", true)]
    [InlineData("maybe", "true", true)]
    [InlineData("", "null", null)]
    public void The_environment_wins_over_ssh_overVsock_and_is_deprecated(string variable, string field, bool? over)
    {
        var result = Given.Read(Given.Image + $"ssh: {{overVsock: {field}}}\n", Given.Host with { SshOverVsock = variable });
        Assert.Equal(over, result.Spec!.Ssh.OverVsock);
        Assert.Equal(variable.Length > 0, result.Warnings.Any(w => w.Message.Contains("LIMA_SSH_OVER_VSOCK is deprecated in favor of the YAML field .ssh.overVsock")));
        Assert.Equal(variable == "maybe", result.Warnings.Any(w => w.Message.Contains("invalid LIMA_SSH_OVER_VSOCK value `maybe`")));
    }

    [Fact]
    public void Drivers_for_Windows_are_in_the_spec()
    {
        var spec = Given.Valid(Given.Image + "os: Windows\nplain: true\nosOpts: {Windows: {virtioWin: [{location: ~/virtio.iso, arch: x86_64}]}}\n");
        Assert.Equal(new Lima.Domain.Specs.ArchiveSource("/home/user/virtio.iso", "x86_64"), Assert.Single(spec.VirtioWin));
    }
}
