using System.Text.Json;
using System.Text.Json.Nodes;
using Lima.Templates.GoTemplates;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Templates.Tests.GoTemplates;

/// <summary>Instances and configurations as templates see them.</summary>
public sealed class GoFieldsTests(ITestOutputHelper output)
{
    private const string Entry = """
        {"name":"vm","status":"Running","dir":"/d","cpus":2,"memory":1073741824,"sshLocalPort":60022,"errors":["a b"],"protected":true,"HostOS":"linux",
         "param":{"A":"1"},"network":[{"lima":"user-v2","interface":"lima0","metric":100}],
         "config":{"cpus":2,"memory":"1GiB","plain":false,"vmOpts":{"qemu":{"minimumVersion":"8","n":[1,2.5,true,null]}},"dns":["1.1.1.1"],
          "images":[{"location":"/i","arch":"x86_64","digest":"sha256:0","kernel":{"location":"/k","cmdline":"a=b"}}],
          "mounts":[{"location":"~","writable":true,"9p":{"msize":"128KiB"}}],
          "portForwards":[{"guestPort":80,"guestPortRange":[80,80],"guestIP":"127.0.0.1","hostPortRange":[1,2]},{}],
          "provision":[{"mode":"data","path":"/p","content":"c"}],"user":{"uid":1001,"name":"u"},"firmware":{"legacyBIOS":true}}}
        """;

    [Theory]
    [InlineData("{{.Name}} {{.Status}} {{.CPUs}} {{.Memory}} {{.SSHLocalPort}} {{.Protected}} {{.Disk}} [{{.Message}}] {{.HostOS}}", "vm Running 2 1073741824 60022 true 0 [] linux")]
    [InlineData("{{.Instance.Name}} {{.Instance.Config.CPUs}} {{.Config.CPUs}} {{.Config.Memory}}", "vm 2 2 1GiB")]
    [InlineData("{{.Errors}} {{len .Errors}} {{index .Errors 0}} {{.AdditionalDisks}} {{.Param}} {{.Param.A}} {{.Param.B}}", "[a b] 1 a b [] map[A:1] 1 <no value>")]
    [InlineData("{{.Networks}} {{range .Networks}}{{.Lima}} {{.VZNAT}} {{.Metric}}{{end}}", "[{user-v2  <nil>  lima0 100}] user-v2 <nil> 100")]
    [InlineData("{{.Config.Plain}} {{if .Config.Plain}}set{{end}} {{.Config.TPM}} {{if .Config.TPM}}set{{end}}", "false set <nil> ")]
    [InlineData("{{.Config.VMOpts}} {{.Config.VMOpts.qemu.minimumVersion}} {{.Config.VMOpts.vz.rosetta.enabled}}", "map[qemu:map[minimumVersion:8 n:[1 2.5 true <nil>]]] 8 <no value>")]
    [InlineData("{{range .Config.Images}}{{.Location}} {{.File.Arch}} {{.Digest}} {{.Kernel.Cmdline}} {{.Kernel.Location}} {{.Initrd}}{{end}}", "/i x86_64 sha256:0 a=b /k <nil>")]
    [InlineData("{{range .Config.Mounts}}{{.Location}} {{.Writable}} {{.NineP.Msize}} {{.SSHFS.Cache}} {{.Virtiofs}}{{end}}", "~ true 128KiB <nil> {<nil>}")]
    [InlineData("{{range .Config.PortForwards}}{{.GuestPort}} {{.GuestPortRange}} {{.GuestIP}} {{.HostPortRange}} {{.Static}};{{end}}", "80 [80 80] 127.0.0.1 [1 2] false;0 [0 0] <nil> [0 0] false;")]
    [InlineData("{{range .Config.Provision}}{{.Mode}} {{.Path}} {{.ProvisionData.Content}} {{.Script}}{{end}} {{.Config.DNS}} {{.Config.User.UID}} {{.Config.SSH.LocalPort}}", "data /p c <nil> [1.1.1.1] 1001 <nil>")]
    [InlineData("{{json .Param}} {{json .Config.Mounts}} {{json .Config.Base}}", """{"A":"1"} [{"location":"~","writable":true,"sshfs":{},"9p":{"msize":"128KiB"},"virtiofs":{}}] null""")]
    [InlineData("{{yaml .Config.Firmware}} {{eq .CPUs 2}} {{printf \"%T %T\" .Memory .Config}}", "---\nlegacyBIOS: true true int64 *limatype.LimaYAML")]
    public void Fields_have_their_names_and_types_of_Go(string template, string expected) =>
        Assert.Equal(expected, GoData.Execute(template, LimaFunctions.All, GoFields.Instance(JsonDocument.Parse(Entry).RootElement)));

    [Theory]
    [InlineData("{{.Foo}}", "template: main:1:2: executing \"main\" at <.Foo>: can't evaluate field Foo in type store.FormatData")]
    [InlineData("{{.Config.Foo}}", "template: main:1:9: executing \"main\" at <.Config.Foo>: can't evaluate field Foo in type *limatype.LimaYAML")]
    [InlineData("{{.name}}", "template: main:1:2: executing \"main\" at <.name>: can't evaluate field name in type store.FormatData")]
    [InlineData("{{.Config.TPM.x}}", "template: main:1:9: executing \"main\" at <.Config.TPM.x>: nil pointer evaluating *bool.x")]
    [InlineData("{{eq .Config.CPUs 2}}", "template: main:1:2: executing \"main\" at <eq .Config.CPUs 2>: error calling eq: incompatible types for comparison")]
    public void Other_fields_are_named(string template, string problem) =>
        Assert.Equal(problem, GoData.Problem(template, data: GoFields.Instance(JsonNode.Parse(Entry)!.AsObject())));

    [Fact]
    public void A_broken_instance_has_no_configuration()
    {
        var instance = GoFields.Instance(new JsonObject { ["name"] = "b", ["status"] = "Broken" });
        Assert.Equal("b <nil> []", GoData.Execute("{{.Name}} {{.Config}} {{.Networks}}", data: instance));
        Assert.Contains("nil pointer evaluating *limatype.LimaYAML.CPUs", GoData.Problem("{{.Config.CPUs}}", data: instance));
    }

    [Fact]
    public void A_configuration_alone_is_read_too() => Assert.Equal(
        "4 <nil> map[]", GoData.Execute("{{.CPUs}} {{.Memory}} {{.Param}}", data: GoFields.Config(new JsonObject { ["cpus"] = 4 })));

    [Fact]
    public void Fields_of_the_list_are_the_documented_ones() => Assert.Equal(
        "AdditionalDisks Arch AutoStartedIdentifier CPUs Config Dir Disk DriverPID Errors HostAgentPID Hostname LimaVersion Memory Message Name Networks Param Protected SSHAddress SSHConfigFile SSHLocalPort Status VMType",
        string.Join(' ', GoFields.InstanceFieldNames.Order(StringComparer.Ordinal)));

    [Fact]
    public void Json_of_Limas_instances_is_what_Lima_wrote()
    {
        if (Need.DirectoryAbove(output, "shared/lima/instances") is not { } root) return;
        var files = Directory.GetFiles(root, "list.json", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            var text = File.ReadAllText(file);
            var instance = GoFields.Instance(JsonDocument.Parse(text).RootElement);
            var written = JsonNode.Parse(GoData.Execute("{{json .}}", LimaFunctions.All, instance))!;
            WithoutEmpty(written);

            // Lima leaves empty objects out of its list after the template.
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(text), written), file);
            Assert.Equal(JsonNode.Parse(text)!.AsObject().Select(member => member.Key), written.AsObject().Select(member => member.Key));
            Assert.StartsWith("---\nname: ", GoData.Execute("{{yaml .}}", LimaFunctions.All, instance));
        }
    }

    private static bool WithoutEmpty(JsonNode? node)
    {
        if (node is JsonArray list) return list.ToList().TrueForAll(WithoutEmpty) || true;
        if (node is not JsonObject map) return true;
        foreach (var (key, value) in map.ToList())
        {
            if (!WithoutEmpty(value)) map.Remove(key);
        }

        return map.Count > 0;
    }

    [Fact]
    public void Every_action_in_Limas_templates_is_understood()
    {
        if (Need.DirectoryAbove(output, "shared/lima/templates") is not { } root) return;
        var actions = 0;
        foreach (var file in Directory.GetFiles(root, "*.yaml", SearchOption.AllDirectories))
        {
            var text = File.ReadAllText(file);
            foreach (var scalar in Texts(text).Where(scalar => scalar.Contains("{{", StringComparison.Ordinal)))
            {
                Assert.True(GoTemplate.TryParse(scalar, file, out var template, out var problem), problem);
                Assert.NotEqual(0, template.ToString().Length);
                actions++;
            }
        }

        Assert.InRange(actions, 40, int.MaxValue);
    }

    /// <summary>The scalars of a YAML text.</summary>
    private static IEnumerable<string> Texts(string yaml)
    {
        var parser = new YamlDotNet.Core.Parser(new StringReader(yaml));
        while (parser.MoveNext())
        {
            if (parser.Current is YamlDotNet.Core.Events.Scalar scalar) yield return scalar.Value;
        }
    }
}
