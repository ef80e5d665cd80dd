namespace Lima.Templates.Tests;

/// <summary>One row per rule: the text that breaks it, what is said, and where.</summary>
public sealed class RulesTests
{
    private const string Sha = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Fact]
    public void An_empty_document_lacks_images()
    {
        foreach (var text in (string[])["", "# nothing\n", "{}", "---\n", "images: []", "images:", "null"])
        {
            var problem = Assert.Single(Given.Read(text).Errors);
            Assert.Equal("field `images` must be set", problem.Message);
        }
    }

    [Theory]
    [InlineData("[a, b]", "the file must be a map, got a list")]
    [InlineData("just text", "the file must be a map, got `just text`")]
    public void A_document_must_be_a_map(string text, string message) => Assert.Equal(message, Assert.Single(Given.Read(text).Errors).Message);

    [Theory]
    [InlineData("minimumLimaVersion: 99.0.0", "template requires Lima version `99.0.0`; this is only `2.2.0`", 2, 21)]
    [InlineData("minimumLimaVersion: invalid", "field `minimumLimaVersion` must be a semvar value, got `invalid`: invalid is not in dotted-tri format", 2, 21)]
    [InlineData("vmType: hyperv", "vmType `hyperv` is not a registered driver", 2, 9)]
    [InlineData("vmOpts: {qemu: {minimumVersion: new}}", "field `vmOpts.qemu.minimumVersion` must be a semvar value, got `new`", 2, 33)]
    [InlineData("vmOpts: {qemu: {cpuType: {x86_64: 'a b'}}}", "field `vmOpts.qemu.cpuType.x86_64` must be a CPU model without blanks", 2, 35)]
    [InlineData("cpus: -1", "field `cpus` must be between 1 and 1024", 2, 7)]
    [InlineData("video: {display: 'a b'}", "field `video.display` must be a QEMU display name", 2, 18)]
    [InlineData("arch: s390x\ntpm: true", "field `tpm` is not supported on architecture `s390x`", 3, 6)]
    [InlineData("firmware: {images: [{arch: x86_64}]}", "field `firmware.images[0].location` must be set", 2, 21)]
    [InlineData("firmware: {images: [{location: 'recipe:x'}]}", "recipes make disk images only", 2, 32)]
    [InlineData("additionalDisks: ['']", "field `additionalDisks[0].name is invalid`: identifier must not be empty", 2, 19)]
    [InlineData("additionalDisks: [{name: a..b}]", "must be letters and digits", 2, 19)]
    [InlineData("mounts: [{location: .}]", "field `mounts[0].location` must be an absolute path, got `.`", 2, 21)]
    [InlineData("mounts: [{location: /x, mountPoint: /etc/}]", "must not be a system path such as /etc or /usr", 2, 37)]
    [InlineData("mounts: [{location: /x, mountPoint: ~/y}]", "must not start with `~`", 2, 37)]
    [InlineData("copyToHost: [{guest: a, host: /b}]", "field `CopyToHost[0].guest` must be an absolute path, got `a`", 2, 22)]
    [InlineData("copyToHost: [{guest: /a}]", "field `CopyToHost[0].host` must be an absolute path, got ``", 2, 14)]
    [InlineData("ssh: {localPort: -1}", "field `ssh.localPort` must be > 0", 2, 18)]
    [InlineData("ssh: {localPort: 22}", "field `ssh.localPort` must not be 22", 2, 18)]
    [InlineData("ssh: {localPort: 65536}", "field `ssh.localPort` must be < 65536", 2, 18)]
    [InlineData("user: {name: root}", "field `user.name` must not be `root`", 2, 14)]
    [InlineData("user: {name: 'a b'}", "field `user.name` must be a login name", 2, 14)]
    [InlineData("user: {uid: 0}", "field `user.uid` must not be 0", 2, 13)]
    [InlineData("user: {uid: -5}", "field `user.uid` must be a user id", 2, 13)]
    [InlineData("user: {shell: bash}", "field `user.shell` must be an absolute path, got `bash`", 2, 15)]
    [InlineData("user: {home: here}", "field `user.home` must be an absolute path, got `here`", 2, 14)]
    [InlineData("user: {passwordlessSudo: false}", "`user.passwordlessSudo: false` requires `plain: true`", 2, 26)]
    [InlineData("dns: [1.1.1.1]", "field `dns` must be empty when field `HostResolver.Enabled` is true", 2, 6)]
    [InlineData("hostResolver: {enabled: false}\ndns: [one]", "field `dns[0]` must be an IP address, got `one`", 3, 7)]
    [InlineData("hostResolver: {enabled: false}\ndns: [1.1]", "field `dns[0]` must be an IP address, got `1.1`", 3, 7)]
    [InlineData("env: {'A B': c}", "`A B` is no name of a variable", 2, 7)]
    [InlineData("env: {A: \"b\\nc\"}", "field `env.A` must be a single line", 2, 10)]
    [InlineData("timezone: ../../etc/passwd", "field `timezone` must be a name such as `Europe/Paris`", 2, 11)]
    [InlineData("provision: [{mode: invalid, script: x}]", "field `provision[0].mode` must one of `system`, `user`, `boot`, `data`, `dependency`, `ansible`, or `yq`", 2, 20)]
    [InlineData("provision: [{mode: system}]", "field `provision[0].script` must not be empty", 2, 13)]
    [InlineData("provision: [{script: x, owner: y}]", "field `provision[0].owner` can only be set when mode is `data`", 2, 32)]
    [InlineData("provision: [{mode: ansible, script: x, playbook: y}]", "field `provision[0].script` must be empty if `playbook` is set", 2, 37)]
    [InlineData("provision: [{script: x, skipDefaultDependencyResolution: true}]", "only valid on scripts of type `dependency`", 2, 58)]
    [InlineData("provision: [{mode: data, content: y}]", "field `provision[0].path` must not be empty when mode is `data`", 2, 13)]
    [InlineData("provision: [{mode: data, path: /x, permissions: 9}]", "must be an octal number", 2, 49)]
    [InlineData("provision: [{mode: yq, path: tmp, expression: x}]", "field `provision[0].path` must be an absolute path, got `tmp`", 2, 30)]
    [InlineData("provision: [{mode: yq, path: /tmp}]", "field `provision[0].expression` must not be empty when mode is `yq`", 2, 13)]
    [InlineData("provision: [{mode: system, file: x.sh}]", "field `provision[0].file.url` must be empty during validation", 2, 34)]
    [InlineData("probes: [{script: foo}]", "field `probe[0].script` must start with a '#!' line", 2, 19)]
    [InlineData("probes: [{mode: liveness, script: '#!x'}]", "field `probe[0].mode` can only be `readiness`", 2, 17)]
    [InlineData("param: {_Name: x}\nmessage: ''", "param name `_Name` does not match regex", 2, 9)]
    [InlineData("param: {3Name: x}", "does not match regex", 2, 9)]
    [InlineData("param: {Last.Name: x}", "does not match regex", 2, 9)]
    [InlineData("param: {name: x}", "field `param` key `name` is not used in any provision, probe, copyToHost, or portForward", 2, 9)]
    [InlineData("param: {a: \"x\\n\"}\nprovision: [{script: echo $PARAM_a}]", "value contains unprintable character", 2, 12)]
    [InlineData("param: {a: \"x\\r\"}\nprovision: [{script: echo $PARAM_a}]", "value contains unprintable character", 2, 12)]
    [InlineData("param: {a: \"x\\u200by\"}\nprovision: [{script: echo $PARAM_a}]", "value contains unprintable character", 2, 12)]
    [InlineData("param: {a: \"x\\u2028y\"}\nprovision: [{script: echo $PARAM_a}]", "value contains unprintable character", 2, 12)]
    [InlineData("base: template:x", "field `base` must be empty for YAML validation", 2, 7)]
    [InlineData("os: Windows\nvmType: vz", "currently Windows guest is only supported on `qemu`; got `vz`", 3, 9)]
    [InlineData("os: Windows\narch: armv7l", "currently Windows guest is only supported on [`x86_64`, `aarch64`]; got `armv7l`", 3, 7)]
    [InlineData("os: Windows\nprovision: [{mode: boot, script: x}]", "provision mode `boot` is not supported on Windows VM", 3, 20)]
    public void Broken_rules_are_errors_at_their_place(string text, string message, int line, int column)
    {
        var problem = Given.OneError(text);
        Assert.Contains(message, problem.Message);
        Assert.Equal((line, column), (problem.Line, problem.Column));
        Assert.Equal("lima.yaml", problem.File);
    }

    [Theory]
    [InlineData("{arch: x86_64}", "field `images[0].location` must be set")]
    [InlineData("{location: relative.img}", "must be a URL, an absolute path")]
    [InlineData("{location: '~other/x'}", "must be a URL, an absolute path")]
    [InlineData("{location: 'ftp://x/y'}", "unknown scheme `ftp://`; use http, https or file")]
    [InlineData("{location: 'recipe:../x'}", "names no recipe")]
    [InlineData("{location: 'recipe:'}", "names no recipe")]
    [InlineData("{location: /, digest: " + Sha + "}", "field `images[0].digest` is invalid: " + Sha + ": invalid checksum digest format")]
    [InlineData("{location: /, digest: 'sha001:" + Sha + "'}", "unsupported digest algorithm")]
    [InlineData("{location: /, digest: 'sha256:abc'}", "invalid checksum digest length")]
    [InlineData("{location: /, digest: 'sha256:X123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'}", "invalid checksum digest format")]
    [InlineData("{location: /, arch: i386}", "field `images[0].arch` must be one of [x86_64 aarch64")]
    [InlineData("{location: /, arch: aarch64, kernel: {location: /k, arch: x86_64}}", "field `images[0].kernel` has unexpected architecture `x86_64`, must be `aarch64`")]
    [InlineData("{location: /, initrd: {location: /k, arch: aarch64}}", "field `images[0].initrd` has unexpected architecture `aarch64`, must be `x86_64`")]
    [InlineData("{location: /, kernel: {cmdline: x}}", "field `images[0].kernel.location` must be set")]
    public void Broken_images_are_errors(string image, string message)
    {
        var problem = Assert.Single(Given.Read($"images: [{image}]").Errors);
        Assert.Contains(message, problem.Message);
        Assert.Equal(1, problem.Line);
    }

    [Theory]
    [InlineData("{location: 'https://example.com/x.qcow2', digest: 'sha256:" + Sha + "'}")]
    [InlineData("{location: 'file:///x'}")]
    [InlineData("{location: 'recipe:debian-12'}")]
    [InlineData("{location: '~/x'}")]
    [InlineData("{location: /, digest: ''}")]
    [InlineData("{location: /, arch: default, kernel: {location: /k, arch: x86_64, cmdline: a b}, initrd: {location: /i}}")]
    [InlineData("{location: /, digest: 'sha512:" + Sha + Sha + "'}")]
    public void Images_that_are_right(string image) => Given.Valid($"images: [{image}]");

    [Theory]
    [InlineData("1.1.0", "1.1.1-114-g5bf5e513", true)]
    [InlineData("1.1.2", "1.1.1-114-g5bf5e513", false)]
    [InlineData("2.2.0", "v2.2.0", true)]
    [InlineData("99.0.0", "<unknown>", true)]
    public void Minimum_versions(string wanted, string own, bool accepted)
    {
        var result = Given.Read(Given.Image + $"minimumLimaVersion: {wanted}", Given.Host with { LimaVersion = own });
        Assert.Equal(accepted, result.Spec is not null);
    }

    [Theory]
    [InlineData("provision: [{script: 'echo {{.Param.name}}'}]")]
    [InlineData("provision: [{script: 'echo $PARAM_name'}]")]
    [InlineData("provision: [{script: 'echo ${PARAM_name}x'}]")]
    [InlineData("provision: [{script: '{{if eq .Param.name \"true\"}}x{{end}}'}]")]
    [InlineData("provision: [{mode: data, path: '/{{.Param.name}}'}]")]
    [InlineData("provision: [{mode: data, path: /x, content: '{{.Param.name}}'}]")]
    [InlineData("provision: [{mode: yq, path: /x, expression: '.a = {{.Param.name}}'}]")]
    [InlineData("probes: [{script: '#!/bin/sh {{.Param.name}}'}]")]
    [InlineData("copyToHost: [{guest: '/{{.Param.name}}', host: /x}]")]
    [InlineData("copyToHost: [{guest: /x, host: '/{{.Param.name}}'}]")]
    [InlineData("portForwards: [{guestSocket: '/{{.Param.name}}', hostSocket: x}]")]
    [InlineData("portForwards: [{guestSocket: /x, hostSocket: '{{.Param.name}}'}]")]
    [InlineData("mounts: [{location: '/{{.Param.name}}'}]")]
    [InlineData("mounts: [{location: /x, mountPoint: '/{{.Param.name}}'}]")]
    public void A_param_is_used(string by) => Given.Valid(Given.Image + "param: {name: 'true'}\n" + by);

    [Theory]
    [InlineData("provision: [{script: 'echo {{.Param.Name}} {{.Param.names}} .Param.name'}]")]
    [InlineData("provision: [{script: 'echo MY_PARAM_name PARAM_name2 PARAM_NAME'}]")]
    [InlineData("message: '{{.Param.name}}'")]
    public void A_param_is_not_used(string by) =>
        Assert.Contains(Given.Read(Given.Image + "param: {name: 'true'}\n" + by).Errors, problem => problem.Message.Contains("key `name` is not used"));

    [Fact]
    public void Params_may_hold_text_with_blanks_tabs_and_symbols_and_one_is_exempt_from_use()
    {
        var spec = Given.Valid(Given.Image + "param: {a: \"foo bar\\t🙂\", b: , c: true, internal_netplanOptional: \"true\"}\nprovision: [{script: $PARAM_a $PARAM_b $PARAM_c}]");
        Assert.Equal(("foo bar\t🙂", "", "true"), (spec.Params["a"], spec.Params["b"], spec.Params["c"]));
    }

    [Fact]
    public void A_probe_file_with_a_digest_is_two_errors()
    {
        var errors = Given.Read(Given.Image + "probes: [{file: {digest: x}}]").Errors;
        Assert.Equal(["field `probe[0].file.digest` support is not yet implemented", "field `probe[0].script` must start with a '#!' line"], errors.Select(e => e.Message));
    }

    [Theory]
    [InlineData("os: FreeBSD", "support for non-Linux guests is experimental")]
    [InlineData("arch: riscv64", "`arch: riscv64` is experimental")]
    [InlineData("arch: aarch64\nfirmware: {legacyBIOS: true}", "field `firmware.legacyBIOS` is ignored")]
    [InlineData("plain: true\nuser: {passwordlessSudo: false}", "experimental")]
    [InlineData("provision: [{script: echo $LIMA_CIDATA_NAME}]", "LIMA_CIDATA")]
    [InlineData("cpuType: {vax: x}", "names no known architecture")]
    [InlineData("user: {home: '/home/{{.User.Name}}'}", "field `user.home` is left as written")]
    public void Things_to_know_are_warnings(string text, string message)
    {
        var result = Given.Read(Given.Image + text);
        Assert.NotNull(result.Spec);
        Assert.Contains(result.Warnings, warning => warning.Message.Contains(message));
    }
}
