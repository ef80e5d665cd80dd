using Lima.Templates.Bases;

namespace Lima.Templates.Tests;

/// <summary>What becomes of comments, files and references when a template is put together.</summary>
public sealed class EmbeddingTests
{
    private static readonly EmbedOptions NotTemplates = new() { All = false };

    [Fact]
    public void Comments_travel_with_what_they_are_about()
    {
        Assert.Equal(
            "# VM Type is QEMU\nvmType: qemu  # QEMU\n\n# Arch is x86_64\narch: x86_64  # X86\n",
            Embed("base: b.yaml\n# VM Type is QEMU\nvmType: qemu # QEMU\n", ("b.yaml", "\n# Arch is x86_64\narch: x86_64 # X86\n")));
        Assert.Equal(
            "# Requires at least 1.0.2\nminimumLimaVersion: 1.0.2  # or later\n",
            Embed("base: b.yaml\n# Works with Lima 0.8.0 and later\nminimumLimaVersion: 0.8.0 # needs 0.8.0\n", ("b.yaml", "\n# Requires at least 1.0.2\nminimumLimaVersion: 1.0.2    # or later\n")));
        Assert.Equal(
            "# Mount additional disks\nadditionalDisks:  # comment\n- name: disk1  # One\n# This is disk2\n- name: disk2  # Two\n",
            Embed("base: b.yaml\nadditionalDisks:\n- name: disk1 # One\n", ("b.yaml", "\n# Mount additional disks\nadditionalDisks: # comment\n# This is disk2\n- name: disk2 # Two\n")));
    }

    [Fact]
    public void Combined_entries_keep_their_comments() => Assert.Equal(
        """
        # My mounts
        mounts:
        - location: loc1  # mountPoint loc1
        # will update mountPoint loc2
        - location: loc1
          mountPoint: loc2
          writable: true
          # SSHFS
          sshfs:  # ssh
            followSymlinks: true
        # will create new mountPoint loc3
        - location: loc1
          mountPoint: loc3
          writable: true

        """,
        Embed(
            "base: b.yaml\n# My mounts\nmounts:\n- location: loc1  # mountPoint loc1\n- location: loc1\n  mountPoint: loc2\n",
            ("b.yaml", """
                mounts:
                # will update mountPoint loc2
                - location: loc1
                  mountPoint: loc2
                  writable: true
                  # SSHFS
                  sshfs:  # ssh
                    followSymlinks: true
                # will create new mountPoint loc3
                - location: loc1
                  mountPoint: loc3
                  writable: true
                """)));

    [Fact]
    public void A_disk_of_one_word_becomes_a_map_when_there_is_more_to_say() => Assert.Equal(
        "# head comment\nadditionalDisks:  # line comment\n# my head comment\n- name: mine  # my line comment\n  format: true  # formatting is good for you\n",
        Embed(
            "base: b.yaml\nadditionalDisks:\n# my head comment\n- mine # my line comment\n",
            ("b.yaml", "# head comment\nadditionalDisks: # line comment\n- name: \"*\"\n  format: true # formatting is good for you\n")));

    [Fact]
    public void Files_are_put_in_by_the_key_of_their_mode() => Assert.Equal(
        """
        # Hi There!
        provision:
        # This script will be merged from an external file
        - script: |-  # This comment will move to the "script" key
            #!/usr/bin/env bash
            echo "This is s.sh"
        # This is just a data file
        - mode: data
          content: |-  # This comment will move to the "content" key
            #!/usr/bin/env bash
            echo "This is s.sh"
          path: /tmp/data
        - mode: yq
          expression: |-  # This comment will move to the "expression" key
            #!/usr/bin/env bash
            echo "This is s.sh"
          path: /tmp/yq
        probes:
        - script: |-
            #!/usr/bin/env bash
            echo "This is s.sh"
          description: of a map

        # b.yaml has nothing else
        """ + "\n",
        Embed(
            """
            base: b.yaml
            # Hi There!
            provision:
            # This script will be merged from an external file
            - file: s.sh # This comment will move to the "script" key
            # This is just a data file
            - mode: data
              file: s.sh # This comment will move to the "content" key
              path: /tmp/data
            - mode: yq
              file: s.sh # This comment will move to the "expression" key
              path: /tmp/yq
            probes:
            - file: {url: s.sh}
              description: of a map
            """,
            ("b.yaml", "\n# b.yaml has nothing else"),
            ("s.sh", "#!/usr/bin/env bash\necho \"This is s.sh\"")));

    [Theory]
    [InlineData("#! my script", "provision: [{script: '#! my script'}]\n")]
    [InlineData("tab\tinside", "provision: [{script: !!binary dGFiCWluc2lkZQ==}]\n")]
    [InlineData("#!\a123456789012345678901234567890123456789012345678901234567890", "provision:\n- script: !!binary |\n    IyEHMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0\n    NTY3ODkw\n")]
    public void A_file_that_cannot_be_shown_is_kept_as_base64(string file, string expected)
    {
        var embedded = Embed("provision: [{file: s.sh}]\n", ("s.sh", file));
        Assert.Equal(expected.Split('\n')[^2].Trim(), embedded.Split('\n')[^2].Trim());
        Assert.Equal(file, Given.Valid(Given.Image + embedded).Provision[0].Script);
    }

    [Fact]
    public void A_very_long_line_is_kept_as_base64()
    {
        Assert.Contains("!!binary", Embed("provision: [{file: s.sh}]\n", ("s.sh", "#!/bin/sh\n" + new string('x', 65_000))));
        Assert.DoesNotContain("!!binary", Embed("provision: [{file: s.sh}]\n", ("s.sh", "#!/bin/sh\n" + new string('x', 64_999))));
    }

    [Fact]
    public void References_to_templates_stay_when_only_others_are_embedded()
    {
        const string Base = "base: template:default\nprovision:\n- file:\n    url: template:provision.sh\nprobes:\n- file: template:probe.sh\n- file: probe.sh\n";
        var embedded = Embed(NotTemplates, "base: b.yaml\ncpus: 1\n", ("b.yaml", Base), ("probe.sh", "#!/bin/sh\n"));
        Assert.Equal(
            YamlTests.Flat(YamlTests.Parse(Base.Replace("- file: probe.sh", "- script: |\n    #!/bin/sh") + "cpus: 1")).Order(),
            YamlTests.Flat(YamlTests.Parse(embedded)).Order());
        Assert.Equal("base: template:a\ncpus: 1\n", Embed(NotTemplates, "base: template:a\ncpus: 1\n"));
        Assert.Equal("base:\n- template:a\n- template:b\ncpus: 1\n", Embed(NotTemplates, "base: [/x/b.yaml]\ncpus: 1\n", ("b.yaml", "base: [template:a, template:b]")));
    }

    [Theory]
    [InlineData("base: [template:default, c.yaml]", "cannot embed template `/x/c.yaml` after not embedding `template:default`")]
    [InlineData("base: [d.yaml, c.yaml]", "cannot embed template `/x/c.yaml` after not embedding `template:default`")]
    [InlineData("base: [{url: c.yaml, digest: deadbeef}]", "digest support is not yet implemented")]
    [InlineData("provision: [{file: {url: c.yaml, digest: deadbeef}}]", "field `provision[0].file.digest` support is not yet implemented")]
    [InlineData("provision: [{file: none.sh}]", "file `/x/none.sh` cannot be read: no such template")]
    [InlineData("probes: [{file: ../up.sh}]", "field `probes[0].file`: `../up.sh` must not contain '..'")]
    [InlineData("base: {digest: x}", "field `base` must be a locator such as `template:NAME`, got a map without `url`")]
    [InlineData("base: [loop.yaml]", "base template loop detected: template `/x/loop.yaml` already included")]
    [InlineData("base: [c.yaml]\nprovision: [{file: huge.sh}]", "exceeds the size limit of 4 MiB")]
    public void What_stands_in_the_way_is_said(string text, string message)
    {
        var templates = Templates(("c.yaml", "cpus: 1"), ("d.yaml", "base: template:default"), ("loop.yaml", "base: loop.yaml"), ("huge.sh", new string('x', 4 << 20)));
        var result = TemplateReader.Embed(text, "/x/t.yaml", templates, NotTemplates);
        Assert.Contains(message, Assert.Single(result.Errors).Message);
        Assert.Equal(text, result.Text);
    }

    [Fact]
    public void The_default_base_beats_the_others_and_not_the_template()
    {
        var options = new EmbedOptions { DefaultBase = "/x/first.yaml" };
        var first = ("first.yaml", "cpus: 7\nmemory: 7GiB\ndisk: 7GiB");
        Assert.Equal("memory: 1GiB\n\ncpus: 7\ndisk: 7GiB\n", Embed(options, "base: b.yaml\nmemory: 1GiB\n", first, ("b.yaml", "cpus: 1\ndisk: 1GiB\n")));
        Assert.Equal("memory: 1GiB\n\ncpus: 7\ndisk: 7GiB\n", Embed(options, "base: [{url: b.yaml}]\nmemory: 1GiB\n", first, ("b.yaml", "cpus: 1")));
        Assert.Equal("cpus: 7\nmemory: 7GiB\ndisk: 7GiB\n", Embed(options, "", first));
    }

    [Theory]
    [InlineData("template:foo", "arch: aarch64\n", "arch: aarch64\n")]
    [InlineData("template:foo", "base: bar.yaml\n", "base: template:bar.yaml\n")]
    [InlineData("template://foo", "base: bar.yaml\n", "base: template:bar.yaml\n")]
    [InlineData("template:foo", "base: [{url: bar.yaml, digest: deadbeef}]\n", "base: [{url: 'template:bar.yaml', digest: deadbeef}]\n")]
    [InlineData("template:foo", "base: [bar.yaml, baz.yaml]\n", "base: ['template:bar.yaml', 'template:baz.yaml']\n")]
    [InlineData("template:foo", "base:\n- bar.yaml\n- template:my\n- https://example.com/my.yaml\n- baz.yaml # kept\n", "base:\n- template:bar.yaml\n- template:my\n- https://example.com/my.yaml\n- template:baz.yaml  # kept\n")]
    [InlineData("template:experimental/foo", "provision:\n- file: userscript.sh\n- file:\n    url: ~/systemscript.sh\n    digest: abc123\nprobes:\n- file: probe.sh\n", "provision:\n- file: template:experimental/userscript.sh\n- file:\n    url: /home/user/systemscript.sh\n    digest: abc123\nprobes:\n- file: template:experimental/probe.sh\n")]
    public void Locators_are_made_absolute(string source, string text, string expected)
    {
        var result = TemplateReader.MakeAbsolute(text, source, "/home/user");
        Assert.Empty(result.Errors);
        Assert.Equal(YamlTests.Flat(YamlTests.Parse(expected)), YamlTests.Flat(YamlTests.Parse(result.Text)));
        if (!text.Contains('[')) Assert.Equal(expected, result.Text);
    }

    private static string Embed(string text, params (string Name, string Text)[] files) => Embed(EmbedOptions.Everything, text, files);

    private static string Embed(EmbedOptions options, string text, params (string Name, string Text)[] files)
    {
        var result = TemplateReader.Embed(text, "/x/t.yaml", Templates(files), options);
        Assert.Empty(result.Errors);
        return result.Text;
    }

    private static ITemplateSource Templates(params (string Name, string Text)[] files) => Given.Templates([.. files.Select(file => ("/x/" + file.Name, file.Text))]);
}
