using Lima.Templates.Schema;

namespace Lima.Templates.Tests;

public sealed class SchemaTests
{
    [Fact]
    public void Knows_42_top_level_keys_and_128_below()
    {
        Assert.Equal(42, LimaSchema.Root.Fields.Length);
        Assert.Equal(170, LimaSchema.All().Count());
        Assert.Equal(170, LimaSchema.All().Select(entry => entry.Path).Distinct().Count());
    }

    public static TheoryData<string> Paths() => new(LimaSchema.All().Select(entry => entry.Path));

    /// <summary>Every key with a value of a wrong type: an error, at the value's own line and column.</summary>
    [Theory]
    [MemberData(nameof(Paths))]
    public void A_wrong_type_is_an_error_at_the_value(string path)
    {
        var (at, field) = LimaSchema.All().Single(entry => entry.Path == path);
        var (wrong, says) = field.Type switch
        {
            FieldType.Integer => ("[1]", "must be a single value, got a list"),
            FieldType.Map or FieldType.TextMap when !field.OrSingle => ("word", "must be a map, got `word`"),
            FieldType.Map => ("[a]", "must be a map, got a list"),
            FieldType.List when !field.OrSingle => ("word", "must be a list, got `word`"),
            FieldType.List => ("{a: b}", "base"),
            _ => ("{a: b}", "must be a single value, got a map"),
        };
        var text = Under(path, wrong);
        var result = Given.Read(text, templates: Given.Templates());
        var line = text.Split('\n').Length;
        var indent = text.Split('\n')[^1].IndexOf(':') + 3;
        if (path.StartsWith("base", StringComparison.Ordinal)) Assert.Contains(result.Errors, problem => problem.Field.StartsWith("base", StringComparison.Ordinal) && problem.Line == line);
        else Assert.Contains(result.Errors, problem => problem.Message.Contains(says) && problem.Field == at.Replace("[]", "[0]") && problem.Line == line && problem.Column == indent);
    }

    /// <summary>Every key set to null is as if it were absent.</summary>
    [Theory]
    [MemberData(nameof(Paths))]
    public void Null_is_not_set(string path)
    {
        var result = Given.Read(Under(path, "null"), templates: Given.Templates());
        Assert.DoesNotContain(result.Errors, problem => problem.Message.Contains("must be a map") || problem.Message.Contains("must be a list") || problem.Message.Contains("single value"));
        Assert.Empty(result.Warnings);
    }

    /// <summary>The path as nested maps and one-item lists, with a value at its end.</summary>
    private static string Under(string path, string value)
    {
        var parts = path.Split('.');
        var text = "";
        var indent = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            var list = parts[i].EndsWith("[]", StringComparison.Ordinal);
            text += (i > 0 && parts[i - 1].EndsWith("[]", StringComparison.Ordinal) ? "" : new string(' ', indent)) + parts[i].TrimEnd('[', ']') + ":";
            if (i == parts.Length - 1) return text + " " + value;
            text += "\n" + (list ? new string(' ', indent) + "- " : "");
            indent += 2;
        }

        return text;
    }

    [Theory]
    [InlineData("cpus: \"2\"")]
    [InlineData("cpus: 0x2")]
    [InlineData("cpus: 0b10")]
    [InlineData("cpus: 0o2")]
    [InlineData("cpus: +2")]
    [InlineData("cpus: '2'")]
    public void Strings_and_other_notations_are_accepted_for_integers(string text) => Assert.Equal(2, Given.Valid(Given.Image + text).Cpus);

    [Theory]
    [InlineData("cpus: two", "field `cpus` must be a whole number, got `two`", 2, 7)]
    [InlineData("cpus: 2.5", "field `cpus` must be a whole number, got `2.5`", 2, 7)]
    [InlineData("cpus: 99999999999999999999", "field `cpus` must be a whole number", 2, 7)]
    [InlineData("cpus: 0xfg", "field `cpus` must be a whole number", 2, 7)]
    [InlineData("cpus: \"\"", "field `cpus` must be a whole number", 2, 7)]
    [InlineData("plain: yes", "field `plain` must be `true` or `false`, got `yes`", 2, 8)]
    [InlineData("plain: \"true\"", "without quotes", 2, 8)]
    [InlineData("memory: lots", "field `memory` has an invalid value: `lots` is no size", 2, 9)]
    [InlineData("memory: 0", "field `memory` has an invalid value: it must be more than 0", 2, 9)]
    [InlineData("disk: -1GiB", "field `disk` has an invalid value", 2, 7)]
    [InlineData("disk: 1XiB", "field `disk` has an invalid value", 2, 7)]
    [InlineData("os: linux", "field `os` must be one of [`Linux` `Darwin` `FreeBSD` `Windows`]; got `linux`", 2, 5)]
    [InlineData("arch: amd64", "field `arch` must be one of [x86_64 aarch64 armv7l ppc64le riscv64 s390x]; got `amd64`", 2, 7)]
    [InlineData("mountType: nfs", "field `mountType` must be one of [`reverse-sshfs` `9p` `virtiofs` `wsl2`]; got `nfs`", 2, 12)]
    [InlineData("ssh:\n  localPort: [22]", "field `ssh.localPort` must be a single value, got a list", 3, 14)]
    [InlineData("env: {A: [1]}", "field `env.A` must be a single value, got a list", 2, 10)]
    [InlineData("provision:\n- mode: system\n  script: {a: b}", "field `provision[0].script` must be a single value, got a map", 4, 11)]
    public void Types_are_checked(string text, string message, int line, int column)
    {
        var problem = Given.Read(Given.Image + text).Errors[0];
        Assert.StartsWith(message, problem.Message.Contains(message, StringComparison.Ordinal) ? message : problem.Message);
        Assert.Equal((line, column), (problem.Line, problem.Column));
    }

    [Theory]
    [InlineData("1", 1L)]
    [InlineData("1b", 1L)]
    [InlineData("1k", 1024L)]
    [InlineData("1 KB", 1024L)]
    [InlineData("1M", 1048576L)]
    [InlineData("1mib", 1048576L)]
    [InlineData("0.5GiB", 536870912L)]
    [InlineData("4GiB", 4294967296L)]
    [InlineData("2TB", 2199023255552L)]
    [InlineData("1P", 1125899906842624L)]
    [InlineData("", null)]
    [InlineData("GiB", null)]
    [InlineData("1GiBs", null)]
    [InlineData("1 0", null)]
    [InlineData("1e3", null)]
    [InlineData("-1", null)]
    [InlineData("99999999P", null)]
    public void Sizes(string text, long? bytes) => Assert.Equal(bytes, Validation.SizeText.Parse(text));

    [Theory]
    [InlineData(4294967296L, "4GiB")]
    [InlineData(1610612736L, "1536MiB")]
    [InlineData(1000L, "1000B")]
    [InlineData(0L, "0B")]
    public void Sizes_are_written_in_the_largest_unit_that_divides(long bytes, string text) => Assert.Equal(text, Validation.SizeText.Format(bytes));

    [Fact]
    public void Unknown_keys_are_warnings()
    {
        var result = Given.Read(Given.Image + "ssh:\n  localport: 1\nnonsense: {a: b}\nvmOpts: {krunkit: {gpu: 1}}\n");
        Assert.NotNull(result.Spec);
        Assert.Equal(
            ["lima.yaml:3:3: unknown key `ssh.localport` is ignored; did you mean `localPort`?", "lima.yaml:4:1: unknown key `nonsense` is ignored; please check for typos"],
            result.Warnings.Select(warning => warning.ToString()));
        Assert.Equal(["vmOpts.krunkit (line 5)"], result.NotYetInEffect.ToArray());
    }

    [Fact]
    public void Deprecated_keys_are_warnings_and_still_count()
    {
        var result = Given.Read(Given.Image + "cpuType: {x86_64: Haswell-v4, aarch64: max}\nvmOpts: {qemu: {cpuType: {aarch64: cortex-a72}}}\n");
        Assert.Equal(["use `vmOpts.qemu.cpuType` instead", "`vmOpts.qemu.cpuType.aarch64` says `cortex-a72`"], result.Warnings.Select(w => w.Message[w.Message.LastIndexOf(w.Message.Contains("use") ? "use" : "`vm", StringComparison.Ordinal)..]));
        Assert.Equal("Haswell-v4", result.Spec!.CpuTypes["x86_64"]);
        Assert.Equal("cortex-a72", result.Spec.CpuTypes["aarch64"]);
    }

    [Fact]
    public void All_problems_are_reported_at_once_in_order()
    {
        var result = Given.Read("cpus: x\nmemory: y\nos: windows\nprovision:\n- mode: invalid\n- mode: data\nuser: {shell: bash}\n");
        Assert.Equal(
            ["cpus", "os", "user.shell", "images", "memory", "provision[0].mode", "provision[0].script", "provision[1].path"],
            result.Errors.Select(problem => problem.Field));
    }

    [Theory]
    [InlineData("", true, false)]
    [InlineData("containerd: {user: null}", true, false)]
    [InlineData("containerd: {archives: [{location: /x}]}", true, false)]
    [InlineData("containerd: {user: true}", true, true)]
    [InlineData("containerd: {system: true}", true, true)]
    [InlineData("containerd: {user: false}", false, false)]
    [InlineData("containerd: {user: true}\nplain: true", false, false)]
    public void What_nobody_asked_for_is_told_from_what_is_set(string text, bool wanted, bool asked)
    {
        var spec = Given.Read(Given.Image + text).Spec!;
        Assert.Equal((wanted, asked), (spec.Containerd.Wanted, spec.Containerd.Asked));
    }

    [Theory]
    [InlineData("mounts: [{location: ~/x}]", null)]
    [InlineData("portForwards: [{guestPort: 80}]", null)]
    [InlineData("networks: [{lima: user-v2}]", null)]
    [InlineData("additionalDisks: [data]", null)]
    [InlineData("probes: [{script: '#!x'}]", null)]
    [InlineData("copyToHost: [{guest: /a, host: /b}]", null)]
    [InlineData("tpm: true", null)]
    [InlineData("nestedVirtualization: true", "nestedVirtualization (line 2)")]
    [InlineData("vmType: vz", "vmType (line 2)")]
    [InlineData("hostResolver: {hosts: {a: b}}", null)]
    [InlineData("provision: [{mode: ansible, playbook: y}]", null)]
    [InlineData("audio: {device: pa, interface: virtio}", null)]
    [InlineData("caCerts: {removeDefaults: true, certs: [x]}", null)]
    [InlineData("audio: {device: none, interface: ''}", null)]
    [InlineData("mounts: []", null)]
    [InlineData("containerd: {system: true, user: true}", null)]
    [InlineData("containerd: {system: false, user: false, archives: [{location: /x}]}", null)]
    [InlineData("containerd:", null)]
    [InlineData("nestedVirtualization: false", null)]
    [InlineData("guestInstallPrefix: /usr/local", null)]
    [InlineData("hostResolver: {enabled: true, ipv6: true, hosts: {}}", null)]
    [InlineData("mountTypesUnsupported: [9p]\nmountType: virtiofs", null)]
    [InlineData("provision: [{mode: system, script: x}, {mode: user, script: x}, {mode: boot, script: x}]", null)]
    public void What_is_set_and_not_in_effect_is_listed(string text, string? listed)
    {
        var result = Given.Read(Given.Image + text);
        Assert.Empty(result.Errors);
        Assert.Equal(listed is null ? [] : [listed], result.NotYetInEffect.ToArray());
    }
}
