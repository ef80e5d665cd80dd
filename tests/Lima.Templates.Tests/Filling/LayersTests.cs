namespace Lima.Templates.Tests.Filling;

/// <summary>The template between the user's defaults and overrides.</summary>
public sealed class LayersTests
{
    [Theory]
    [InlineData("cpus: 1", "cpus: 2", "cpus: 3", "cpus", "3")]
    [InlineData("cpus: 1", "cpus: 2", null, "cpus", "2")]
    [InlineData("cpus: 1", "", null, "cpus", "1")]
    [InlineData("cpus: 1", "cpus: null", "cpus: ~", "cpus", "1")]
    [InlineData("ssh: {localPort: 1, forwardAgent: true}", "ssh: {localPort: 2}", "ssh: {forwardX11: true}", "ssh",
        "{\"localPort\": 2, \"loadDotSSHPubKeys\": false, \"forwardAgent\": true, \"forwardX11\": true, \"forwardX11Trusted\": false}")]
    [InlineData("video: {vnc: {display: d}}", "", "video: {vnc: {display: o}}", "video.vnc.display", "o")]
    [InlineData("user: {name: d, shell: /bin/d}", "user: {name: y}", "user: {comment: o}", "user.name", "\"y\"")]
    [InlineData("user: {name: d}", "", null, "user.home", "/home/d.guest")]
    [InlineData("os: FreeBSD", "", null, "user.shell", "/bin/sh")]
    [InlineData("plain: true", "mounts: [{location: /x}]", null, "mounts", "null")]
    public void Single_values_are_the_overrides_else_the_templates_else_the_defaults(string d, string y, string? o, string path, string value) =>
        Assert.Equal(value, Fills.At(Fills.Of(y, d, o), path));

    [Theory]
    [InlineData("images: [{location: /d}]", "", "images: [{location: /o}]", "images",
        "[{\"location\": /o, \"arch\": x86_64}, {\"location\": /, \"arch\": x86_64}, {\"location\": /d, \"arch\": x86_64}]")]
    [InlineData("additionalDisks: [d]", "additionalDisks: [y]", "additionalDisks: [o]", "additionalDisks", "[{\"name\": o}, {\"name\": \"y\"}, {\"name\": d}]")]
    [InlineData("mountTypesUnsupported: [9p]", "mountTypesUnsupported: [virtiofs]", null, "mountTypesUnsupported", "[virtiofs, 9p]")]
    [InlineData("dns: [1.1.1.1]", "dns: [2.2.2.2]", "dns: [3.3.3.3]", "dns", "[\"3.3.3.3\"]")]
    [InlineData("dns: [1.1.1.1]", "dns: []", "dns: []", "dns", "[\"1.1.1.1\"]")]
    [InlineData("env: {A: d, B: d, C: d}", "env: {B: y, C: y}", "env: {C: o}", "env", "{\"A\": d, \"B\": \"y\", \"C\": o}")]
    [InlineData("hostResolver: {hosts: {a: d}}", "hostResolver: {hosts: {b: x}}", null, "hostResolver.hosts", "{\"a\": d, \"b\": x}")]
    [InlineData("vmOpts: {qemu: {minimumVersion: 8.0.0, cpuType: {x86_64: max}}}", "vmOpts: {qemu: {minimumVersion: 9.0.0}}", null, "vmOpts", "{\"qemu\": {\"minimumVersion\": 9.0.0}}")]
    [InlineData("caCerts: {files: [a, b]}", "caCerts: {files: [b, c]}", "caCerts: {files: [a, d]}", "caCerts.files", "[a, b, c, d]")]
    [InlineData("minimumLimaVersion: 1.0.0\nmessage: d", "", "message: o", "message", "null")]
    public void Lists_and_maps_are_joined_as_their_kind_asks(string d, string y, string? o, string path, string value) =>
        Assert.Equal(value, Fills.At(Fills.Of(y, d, o), path));

    [Fact]
    public void Provisioning_probes_and_forwards_begin_with_the_overrides()
    {
        static string Texts(string letter) =>
            $"provision: [{{script: {letter}1}}]\nprobes: [{{script: '#!{letter}'}}]\nportForwards: [{{guestSocket: /{letter}, hostSocket: /{letter}}}]\n"
            + $"copyToHost: [{{guest: /{letter}, host: /{letter}}}]\nfirmware: {{images: [{{location: /{letter}}}]}}\ncontainerd: {{archives: [{{location: /{letter}}}]}}\n";
        var root = Fills.Of(Texts("y"), Texts("d"), Texts("o"));
        string[] order = ["o", "y", "d"];
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal($"{order[i]}1", Fills.At(root, $"provision[{i}].script").Trim('"'));
            Assert.Equal($"user probe {i + 1}/3", Fills.At(root, $"probes[{i}].description"));
            Assert.Equal($"\"#!{order[i]}\"", Fills.At(root, $"probes[{i}].script"));
            foreach (var path in (string[])["portForwards[{0}].guestSocket", "copyToHost[{0}].guest", "firmware.images[{0}].location", "containerd.archives[{0}].location"])
            {
                Assert.Equal("/" + order[i], Fills.At(root, string.Format(path, i)));
            }
        }
    }

    [Fact]
    public void Mounts_are_united_by_mount_point_and_begin_with_the_defaults()
    {
        var root = Fills.Of(
            "mounts: [{location: /y, mountPoint: /m, sshfs: {cache: false}}, {location: /y2}]",
            "mounts: [{location: /d, mountPoint: /m, writable: false, 9p: {msize: 256KiB, cache: loose}}]",
            "mounts: [{location: /o, mountPoint: /m, writable: true, virtiofs: {queueSize: 512}}, {location: /y2, writable: true}, {location: /y2, mountPoint: /other}]");
        Assert.Equal(("/d", "/m", "true"), (Fills.At(root, "mounts[0].location"), Fills.At(root, "mounts[0].mountPoint"), Fills.At(root, "mounts[0].writable")));
        Assert.Equal(("256KiB", "loose"), (Fills.At(root, "mounts[0].9p.msize").Trim('"'), Fills.At(root, "mounts[0].9p.cache")));
        Assert.Equal(("false", "512"), (Fills.At(root, "mounts[0].sshfs.cache"), Fills.At(root, "mounts[0].virtiofs.queueSize")));
        Assert.Equal(("/y2", "true", "mmap"), (Fills.At(root, "mounts[1].location"), Fills.At(root, "mounts[1].writable"), Fills.At(root, "mounts[1].9p.cache")));
        Assert.Equal(("/other", "null"), (Fills.At(root, "mounts[2].mountPoint"), Fills.At(root, "mounts[3]")));
    }

    [Fact]
    public void Networks_are_united_by_interface_and_begin_with_the_defaults()
    {
        var root = Fills.Of(
            "networks: [{lima: user-v2, interface: def0}, {lima: user-v2}]",
            "networks: [{socket: /d, interface: def0, macAddress: '52:55:55:00:00:01', metric: 5}]",
            "networks: [{interface: def0, metric: 7}, {socket: /o}]");
        Assert.Equal("{\"lima\": user-v2, \"macAddress\": \"52:55:55:00:00:01\", \"interface\": def0, \"metric\": 7}", Fills.At(root, "networks[0]"));
        Assert.Equal(("user-v2", "lima1"), (Fills.At(root, "networks[1].lima"), Fills.At(root, "networks[1].interface")));
        Assert.Equal(("/o", "lima2", "null"), (Fills.At(root, "networks[2].socket"), Fills.At(root, "networks[2].interface"), Fills.At(root, "networks[3]")));
    }

    [Fact]
    public void Parameters_of_the_other_files_reach_variables_and_not_texts()
    {
        var root = Fills.Of("param: {A: y}\nprovision: [{script: '{{.Param.A}} $PARAM_A'}]", "param: {B: d}", "param: {A: o}");
        Assert.Equal("{\"A\": o, \"B\": d}", Fills.At(root, "param"));
        Assert.Equal("y $PARAM_A", Fills.At(root, "provision[0].script").Trim('"'));
    }

    [Theory]
    [InlineData("cpus: x", null, "_config/default.yaml", 1, 7, "cpus")]
    [InlineData(null, "\nuser:\n  shell: sh", "_config/override.yaml", 3, 10, "user.shell")]
    [InlineData("a: [", null, "_config/default.yaml", 2, 1, "")]
    [InlineData(null, "memory: lots", "_config/override.yaml", 1, 9, "memory")]
    [InlineData("portForwards: [{proto: ip}]", null, "_config/default.yaml", 1, 24, "portForwards[0].proto")]
    public void A_problem_names_the_file_that_it_is_in(string? d, string? o, string file, int line, int column, string field)
    {
        var result = TemplateReader.Read(Fills.Layers("", d, o), Given.Host, Given.Instance);
        var error = Assert.Single(result.Errors);
        Assert.Equal((file, line, field), (error.File, error.Line, error.Field));
        if (field.Length > 0) Assert.Equal(column, error.Column);
    }

    [Fact]
    public void What_the_other_files_set_without_effect_or_by_a_wrong_name_is_told_with_the_file()
    {
        var result = TemplateReader.Read(Fills.Layers("", "tpm: true", "cpuz: 3"), Given.Host, Given.Instance);
        Assert.Empty(result.Errors);
        Assert.Contains(result.Warnings, warning => warning is { File: "_config/override.yaml", Line: 1 } && warning.Message.Contains("unknown key `cpuz`"));
        Assert.DoesNotContain(result.NotYetInEffect, entry => !entry.Contains("_config/default.yaml"));
        Assert.True(result.Spec!.Tpm);
    }

    [Fact]
    public void The_text_that_is_kept_is_the_templates_alone()
    {
        var result = TemplateReader.Read(Fills.Layers("cpus: 3\n", "memory: 2GiB", "disk: 9GiB"), Given.Host, Given.Instance);
        Assert.Equal(Given.Image + "cpus: 3\n", result.Text);
        Assert.Equal((3, 2L << 30, 9L << 30), (result.Spec!.Cpus, result.Spec.MemoryBytes, result.Spec.DiskBytes));
    }
}
