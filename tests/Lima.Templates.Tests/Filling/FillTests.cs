using Lima.Templates.Defaults;
using Lima.Templates.Validation;

namespace Lima.Templates.Tests.Filling;

/// <summary>Defaults and expansions, one by one.</summary>
public sealed class FillTests
{
    [Theory]
    [InlineData("", "memory", "4GiB")]
    [InlineData("memory: ''", "memory", "4GiB")]
    [InlineData("memory: 4", "memory", "\"4\"")]
    [InlineData("arch: default\nos: ''", "arch", "x86_64")]
    [InlineData("os: default", "os", "Linux")]
    [InlineData("", "timezone", "Etc/UTC")]
    [InlineData("timezone: ''", "timezone", "\"\"")]
    [InlineData("", "containerd.user", "true")]
    [InlineData("arch: riscv64", "containerd.user", "false")]
    [InlineData("os: FreeBSD", "containerd.user", "false")]
    [InlineData("arch: riscv64", "containerd.archives[0].arch", "x86_64")]
    [InlineData("containerd: {archives: [{location: /x}]}", "containerd.archives", "[{\"location\": /x, \"arch\": x86_64}]")]
    [InlineData("os: Darwin", "user", "{\"name\": user, \"comment\": \"\", \"home\": /Users/user.guest, \"shell\": /bin/zsh, \"uid\": 1001, \"passwordlessSudo\": false}")]
    [InlineData("os: Windows", "user.shell", "cmd.exe")]
    [InlineData("user: {home: '/h/{{.User}}/{{.UID}}/{{.Name}}'}", "user.home", "/h/user/1001/my.vm")]
    [InlineData("os: FreeBSD\nprovision: [{mode: data, path: /x}]", "provision[0].owner", "root:wheel")]
    [InlineData("provision: [{mode: yq, path: /x, expression: '.a = \"{{.User}}\"', permissions: 0600}]", "provision[0]",
        "{\"mode\": yq, \"script\": \"\", \"owner\": root:root, \"path\": /x, \"permissions\": \"0600\", \"expression\": \".a = \\u0022user\\u0022\", \"format\": auto}")]
    [InlineData("provision: [{mode: dependency, script: x}]", "provision[0]", "{\"mode\": dependency, \"skipDefaultDependencyResolution\": false, \"script\": x}")]
    [InlineData("provision: [{script: x, playbook: '', file: a.sh}]", "provision[0]", "{\"mode\": system, \"script\": x, \"file\": {\"url\": a.sh}}")]
    [InlineData("mounts: [{location: /x/../y//z/}]", "mounts[0].location", "/y/z")]
    [InlineData("mounts: [{location: '~'}]", "mounts[0].location", "/home/user")]
    [InlineData("mounts: [{location: '~/{{.Name}}', mountPoint: '{{.Home}}/x'}]", "mounts[0].location", "/home/user/my.vm")]
    [InlineData("mounts: [{location: '~/{{.Name}}', mountPoint: '{{.Home}}/x'}]", "mounts[0].mountPoint", "/home/user.guest/x")]
    [InlineData("mounts: [{location: '{{.GlobalTempDir}}/a'}]", "mounts[0].mountPoint", "/tmp/a")]
    [InlineData("mounts: [{location: /x}]", "mounts[0].9p", "{\"securityModel\": none, \"protocolVersion\": 9p2000.L, \"msize\": 128KiB, \"cache\": fscache}")]
    [InlineData("mounts: [{location: /x, writable: true}]", "mounts[0].9p.cache", "mmap")]
    [InlineData("copyToHost: [{guest: '{{.Home}}/a', host: '{{.Dir}}/{{.Name}}/{{.User}}/{{.UID}}'}]", "copyToHost[0].host", "/home/user/.lima/my.vm/my.vm/user/1001")]
    [InlineData("param: {b: x}\ncopyToHost: [{guest: '/{{if .Param.b}}yes{{else}}no{{end}}', host: /a}]", "copyToHost[0].guest", "/yes")]
    [InlineData("additionalDisks: [{name: d, format: false, fsArgs: [-i, 1]}]", "additionalDisks[0]", "{\"name\": d, \"format\": false, \"fsArgs\": [\"-i\", \"1\"]}")]
    [InlineData("base: null\nenv: {}", "env", "null")]
    public void A_value_is_filled(string text, string path, string value) => Assert.Equal(value, Fills.At(Fills.Of(text), path));

    [Theory]
    [InlineData("{}", "{\"guestIPMustBeZero\": false, \"guestIP\": \"127.0.0.1\", \"guestPortRange\": [1, 65535], \"hostIP\": \"127.0.0.1\", \"hostPortRange\": [1, 65535], \"proto\": any}")]
    [InlineData("{guestIP: 0.0.0.0, proto: tcp}", "{\"guestIPMustBeZero\": true, \"guestIP\": \"0.0.0.0\", \"guestPortRange\": [1, 65535], \"hostIP\": \"127.0.0.1\", \"hostPortRange\": [1, 65535], \"proto\": tcp}")]
    [InlineData("{guestIPMustBeZero: true}", "{\"guestIPMustBeZero\": true, \"guestIP\": \"0.0.0.0\", \"guestPortRange\": [1, 65535], \"hostIP\": \"127.0.0.1\", \"hostPortRange\": [1, 65535], \"proto\": any}")]
    [InlineData("{guestPort: '80', hostPort: 8888}", "{\"guestIPMustBeZero\": false, \"guestIP\": \"127.0.0.1\", \"guestPort\": 80, \"guestPortRange\": [80, 80], \"hostIP\": \"127.0.0.1\", \"hostPort\": 8888, \"hostPortRange\": [8888, 8888], \"proto\": any}")]
    [InlineData("{guestSocket: /run/x, hostSocket: my.sock, static: false}", "{\"guestIPMustBeZero\": false, \"guestIP\": \"127.0.0.1\", \"guestPortRange\": [1, 65535], \"guestSocket\": /run/x, \"hostIP\": \"127.0.0.1\", \"hostPortRange\": [0, 0], \"hostSocket\": /home/user/.lima/my.vm/sock/my.sock, \"proto\": any}")]
    [InlineData("{guestPort: 80, hostSocket: '{{.Home}}/{{.Name}}', ignore: true}", "{\"guestIPMustBeZero\": false, \"guestIP\": \"127.0.0.1\", \"guestPort\": 80, \"guestPortRange\": [80, 80], \"hostIP\": \"127.0.0.1\", \"hostPortRange\": [0, 0], \"hostSocket\": /home/user/my.vm, \"proto\": any, \"ignore\": true}")]
    [InlineData("{guestIP: '::ffff:10.0.0.1', guestPort: 1, guestPortRange: [1, 3]}", "{\"guestIPMustBeZero\": false, \"guestIP\": \"10.0.0.1\", \"guestPort\": 1, \"guestPortRange\": [1, 3], \"hostIP\": \"127.0.0.1\", \"hostPortRange\": [1, 3], \"proto\": any}")]
    public void A_port_forward_is_filled(string rule, string filled) => Assert.Equal(filled, Fills.At(Fills.Of($"portForwards: [{rule}]"), "portForwards[0]"));

    [Fact]
    public void Hardware_addresses_depend_on_machine_file_and_index()
    {
        string Mac(string machine, string directory, int index) => Fills.At(
            Fills.Of("networks: [{lima: user-v2}, {lima: user-v2}]", host: Given.Host with { MachineId = machine }, instance: new InstanceFacts("a", directory)),
            $"networks[{index}].macAddress").Trim('"');
        Assert.Equal("52:55:55:82:cd:08", NetworkDefaults.MacAddress("m", "/d/lima.yaml#0"));
        Assert.Equal(NetworkDefaults.MacAddress("m", "/d/lima.yaml#0"), Mac("m", "/d", 0));
        Assert.Equal(4, new[] { Mac("m", "/d", 0), Mac("m", "/d", 1), Mac("m", "/e", 0), Mac("n", "/d", 0) }.Distinct().Count());
    }

    [Theory]
    [InlineData(4L << 30, "4GiB")]
    [InlineData(4163145728L, "3.877GiB")]
    [InlineData(1L << 29, "512MiB")]
    [InlineData(1000L, "1000B")]
    public void Memory_is_written_with_four_digits(long bytes, string text) => Assert.Equal(text, SizeText.Rounded(bytes));

    [Theory]
    [InlineData("/a/b/../c", "/a/c")]
    [InlineData("/../a", "/a")]
    [InlineData("a/../..", "..")]
    [InlineData("./a//b/", "a/b")]
    [InlineData("", ".")]
    [InlineData("/", "/")]
    public void Paths_are_written_in_their_shortest_form(string path, string clean) => Assert.Equal(clean, HostPath.Clean(path));

    [Theory]
    [InlineData("1.1.0-2", false)]
    [InlineData("0.9.1", true)]
    [InlineData("", true)]
    [InlineData("<unknown>", false)]
    [InlineData("3f2a", false)]
    public void An_old_instance_is_mounted_in_the_old_way(string createdBy, bool old)
    {
        var spec = Given.Valid(Given.Image, instance: Given.Instance with { CreatedBy = createdBy });
        Assert.Equal(old ? Domain.Specs.MountType.ReverseSshfs : Domain.Specs.MountType.NineP, spec.Mounts.Type);
    }

    [Fact]
    public void What_looks_like_something_else_is_written_in_quotes()
    {
        var root = TemplateReader.Fill(
            Fills.Layers("env: {A: '~', B: 'null', C: 'yes', D: '0x1F', E: '1_000', F: '2024-01-02', G: '12:30', H: 'a: b', I: '# c', J: ' d', K: 'e #f', L: '-', M: '3.', N: '.5', O: 'é'}"),
            Given.Host, Given.Instance);
        var text = root.Filled!.ToYaml();
        foreach (var quoted in (string[])["A: \"~\"", "B: \"null\"", "C: \"yes\"", "D: \"0x1F\"", "E: \"1_000\"", "F: \"2024-01-02\"", "G: \"12:30\"", "H: \"a: b\"", "I: \"# c\""])
        {
            Assert.Contains("  " + quoted + "\n", text);
        }

        Assert.Contains("- location: /\n  arch: x86_64\n", text);
        Assert.Equal(Typed.Lines(root.Filled.Root), Typed.Lines(YamlTests.Parse(text)));
    }
}
