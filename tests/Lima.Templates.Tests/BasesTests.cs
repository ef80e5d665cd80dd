using Lima.Templates.Yaml;

namespace Lima.Templates.Tests;

public sealed class BasesTests
{
    private const string Image = "https://example.com/lima-linux-riscv64.img";

    [Theory]
    [InlineData("", "vmType: qemu", "vmType: qemu")]
    [InlineData("vmType: vz", "arch: aarch64\nvmType: qemu", "vmType: vz\narch: aarch64")]
    [InlineData("mountTypesUnsupported: [9p, reverse-sshfs]", "mountTypesUnsupported: [9p, virtiofs]", "mountTypesUnsupported: [9p, reverse-sshfs, virtiofs]")]
    [InlineData("minimumLimaVersion: 0.8.0", "minimumLimaVersion: 1.0.2", "minimumLimaVersion: 1.0.2")]
    [InlineData("minimumLimaVersion: 2.0.0", "minimumLimaVersion: 1.0.2", "minimumLimaVersion: 2.0.0")]
    [InlineData("vmOpts: {qemu: {minimumVersion: 8.2.1}}", "vmOpts: {qemu: {minimumVersion: 9.1.0, cpuType: {x86_64: max}}}", "vmOpts: {qemu: {minimumVersion: 9.1.0, cpuType: {x86_64: max}}}")]
    [InlineData("dns: [1.1.1.1]", "dns: [8.8.8.8, 1.2.3.4]", "dns: [1.1.1.1]")]
    [InlineData("dns: []", "dns: [8.8.8.8]", "dns: [8.8.8.8]")]
    [InlineData("provision: [{script: own}]", "provision: [{script: base}]", "provision: [{script: base}, {script: own}]")]
    [InlineData("probes: [{script: own}]", "probes: [{script: base}]", "probes: [{script: base}, {script: own}]")]
    [InlineData("images: [{location: /own}]", "images: [{location: /base}]", "images: [{location: /own}, {location: /base}]")]
    [InlineData("images: []", "images: [{location: /base}]", "images: [{location: /base}]")]
    [InlineData("cpus: null\nmounts: null", "cpus: 3\nmounts: [{location: /base}]", "cpus: null\nmounts: null")]
    [InlineData("caCerts: {files: [a]}", "caCerts: {files: [b], removeDefaults: true}", "caCerts: {files: [a, b], removeDefaults: true}")]
    [InlineData("", "mountTypesUnsupported: [9p, 9p]", "mountTypesUnsupported: [9p]")]
    [InlineData("", "x: &x {a: 1}\nenv: {<<: *x, b: 2}", "x: {a: 1}\nenv: {b: 2, a: 1}")]
    [InlineData("additionalDisks: [{name: disk1}]", "additionalDisks: [{name: disk2},{name: disk1, format: true}]", "additionalDisks: [{name: disk1, format: true},{name: disk2}]")]
    [InlineData("additionalDisks: [mine]", "additionalDisks: [{name: '*', format: true}]", "additionalDisks: [{name: mine, format: true}]")]
    [InlineData("additionalDisks: [{name: disk1}, {name: disk2}, {name: disk3, format: false}]", "additionalDisks: [{name: disk4}, {name: '*', format: true, fsArgs: [a]}, {name: disk5}]", "additionalDisks: [{name: disk1, format: true, fsArgs: [a]}, {name: disk2, format: true, fsArgs: [a]}, {name: disk3, format: false, fsArgs: [a]}, {name: disk4, format: true, fsArgs: [a]}, {name: disk5}]")]
    [InlineData("mounts: [{location: loc1}, {location: loc1, mountPoint: loc2}]", "mounts: [{location: loc1, mountPoint: loc2, writable: true, sshfs: {followSymlinks: true}}, {location: loc1, mountPoint: loc3, writable: true}]", "mounts: [{location: loc1}, {location: loc1, mountPoint: loc2, writable: true, sshfs: {followSymlinks: true}}, {location: loc1, mountPoint: loc3, writable: true}]")]
    [InlineData("mounts: [{location: a, sshfs: {cache: false}}]", "mounts: [{location: b, mountPoint: c}, {location: '*', writable: true, sshfs: {cache: true, followSymlinks: true}}]", "mounts: [{location: a, sshfs: {cache: false, followSymlinks: true}, writable: true}, {location: b, mountPoint: c, writable: true, sshfs: {cache: true, followSymlinks: true}}]")]
    [InlineData("networks: [{interface: lima1}]", "networks: [{interface: lima2}, {metric: 250}, {interface: lima1, metric: 100}, {interface: '*', metric: 123}]", "networks: [{interface: lima1, metric: 100}, {interface: lima2, metric: 123}, {metric: 250}]")]
    [InlineData("networks: [{interface: a, lima: user-v2}]", "networks: [{interface: a, socket: /s, macAddress: m}]", "networks: [{interface: a, lima: user-v2, macAddress: m}]")]
    [InlineData("", "base: https://example.com/lima-linux-riscv64.img", "os: Linux\narch: riscv64\nimages: [{location: \"https://example.com/lima-linux-riscv64.img\", arch: riscv64}]")]
    [InlineData("env: {A: own}", "env: {A: base, B: base}", "env: {A: own, B: base}")]
    [InlineData("cpus: 2", "cpus: null", "cpus: 2")]
    public void A_template_over_a_base(string own, string from, string merged)
    {
        var templates = Given.Templates(("template:b", from), (Image, Lima.Templates.Locators.ImageLocator.Template(Image, "x86_64").Yaml));
        var result = TemplateReader.Embed($"base: template:b\n{own}\n", "template:t", templates);
        Assert.Empty(result.Errors);
        Assert.Equal(YamlTests.Flat(YamlTests.Parse(merged)), YamlTests.Flat(YamlTests.Parse(result.Text)));
    }

    [Fact]
    public void Bases_are_taken_depth_first()
    {
        var templates = Given.Templates(
            ("template:base1", "base: [base3]\nadditionalDisks: [disk1]\nprovision: [{script: p1}]\ncpus: 1"),
            ("template:base2", "additionalDisks: [disk2]\nprovision: [{script: p2}]\ncpus: 2"),
            ("template:base3", "additionalDisks: [disk3]\nprovision: [{script: p3}]\ncpus: 3\nmemory: 3GiB"));
        var result = Given.Read("base: [base1, {url: base2}]\nadditionalDisks: [disk0]\nimages: [{location: /}]\nprovision: [{script: p0}]", templates: templates, source: "template:top");
        Assert.Empty(result.Errors);
        Assert.Equal((1, 3L << 30), (result.Spec!.Cpus, result.Spec.MemoryBytes));
        Assert.Equal(["p2", "p3", "p1", "p0"], result.Spec.Provision.Select(p => p.Script));
        Assert.Contains("additionalDisks: [disk0, disk1, disk3, disk2]\n", result.Text);
        Assert.DoesNotContain("base", result.Text);
        Assert.Empty(Given.Read(result.Text).Errors);
    }

    [Fact]
    public void A_text_without_bases_is_kept_to_the_letter()
    {
        const string Text = "# mine\nimages:   [ {location: /} ] # here\nbase: []\n";
        Assert.Equal(Text, Given.Read(Text).Text);
        Assert.Equal(Text, Given.Read(Text, templates: Given.Templates()).Text);
        Assert.Equal(Text, TemplateReader.Embed(Text, "x", Given.Templates()).Text);
    }

    [Theory]
    [InlineData("base: template:a", "base template loop detected: template `template:a` already included", "template:a", 1, 7)]
    [InlineData("base: [template:b, template:b]", "base template loop detected: template `template:b` already included", "template:top", 1, 20)]
    [InlineData("base: template:missing", "base `template:missing` cannot be read: no such template", "template:top", 1, 7)]
    [InlineData("base: {url: template:b, digest: x}", "support is not yet implemented", "template:top", 1, 7)]
    [InlineData("base: ../b", "must not contain '..'", "template:top", 1, 7)]
    [InlineData("base: ..\\b", "must not contain '..'", "template:top", 1, 7)]
    [InlineData("base: template:../b", "must not contain '..'", "template:top", 1, 7)]
    [InlineData("base: template:list", "base `template:list` must be a map, got a list", "template:top", 1, 7)]
    [InlineData("base: template:broken", "not valid YAML", "template:broken", 1, 4)]
    [InlineData("base: template:wrong", "field `cpus` must be a whole number, got `x`", "template:wrong", 2, 7)]
    [InlineData("base: [[a]]", "must be a locator such as `template:NAME`, got a list", "template:top", 1, 8)]
    public void What_stands_in_the_way_is_an_error_in_the_text_that_it_is_in(string text, string message, string file, int line, int column)
    {
        var templates = Given.Templates(
            ("template:a", "base: template:a"), ("template:b", "cpus: 1"), ("template:list", "[a]"), ("template:broken", "a: [}"), ("template:wrong", "\ncpus: x"));
        var result = Given.Read(text + "\nimages: [{location: /}]\n", templates: templates, source: "template:top");
        var problem = Assert.Single(result.Errors);
        Assert.Contains(message, problem.Message);
        Assert.Equal(file, problem.File);
        Assert.Equal(line, problem.Line);
        if (!message.StartsWith("not valid", StringComparison.Ordinal)) Assert.Equal(column, problem.Column);
        Assert.Equal(text + "\nimages: [{location: /}]\n", result.Text);
    }

    [Theory]
    [InlineData("template:foo", "bar.yaml", "template:bar.yaml")]
    [InlineData("template:experimental/foo", "bar", "template:experimental/bar")]
    [InlineData("/a/b.yaml", "c.yaml", "/a/c.yaml")]
    [InlineData("/a/b.yaml", "x/c.yaml", "/a/x/c.yaml")]
    [InlineData("https://host/a/foo", "foo", "https://host/a/foo")]
    [InlineData("/a/b.yaml", "/c", "/c")]
    [InlineData("/a/b.yaml", "~/c", "~/c")]
    [InlineData("/a/b.yaml", "template:c", "template:c")]
    [InlineData("/a/b.yaml", "template://c", "template:c")]
    [InlineData("-", "https://x/y.yaml", "https://x/y.yaml")]
    public void Locators_are_relative_to_their_template(string source, string written, string absolute)
    {
        var result = Given.Read($"base: {written}", templates: Given.Templates((absolute, "images: [{location: /}]")), source: source == "https://host/a/foo" ? "https://host/a/bar" : source);
        Assert.Empty(result.Errors);
    }

    [Fact]
    public void A_text_from_standard_input_has_no_relatives() =>
        Assert.Contains("STDIN", Assert.Single(Given.Read("base: b\nimages: [{location: /}]", templates: Given.Templates(), source: "-").Errors).Message);

    [Fact]
    public void A_chain_without_end_is_cut()
    {
        var texts = Enumerable.Range(0, 100).Select(i => ($"template:{i}", $"base: template:{i + 1}")).ToArray();
        var result = Given.Read("base: template:0\nimages: [{location: /}]", templates: Given.Templates(texts));
        Assert.Contains("nested deeper than 16", Assert.Single(result.Errors).Message);
    }

    [Fact]
    public void What_a_base_sets_without_effect_is_listed_with_its_text()
    {
        var result = Given.Read("base: template:m\nimages: [{location: /}]", templates: Given.Templates(("template:m", "\nnestedVirtualization: true")));
        Assert.Equal(["nestedVirtualization (template:m line 2)"], result.NotYetInEffect.ToArray());
    }
}
