using System.Collections.Immutable;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;
using Lima.Host.Specs;

namespace Lima.Host.Tests.Specs;

/// <summary>What a configuration says of forwards, changed in its text.</summary>
public sealed class PortYamlTests
{
    private const string Text = "# all of it\ncpus: 1\nportForwards:\n# web\n- guestPort: 80 # the usual\n  hostPort: 8080\n- {guestPortRange: [1, 9], ignore: true} # never\n";

    [Fact]
    public void New_rules_come_first_and_every_comment_stays()
    {
        var text = PortYaml.With(Text, [Rule("0.0.0.0:9090:90/udp"), Rule("9000-9001:8000-8001,static=true")], "lima.yaml");
        foreach (var comment in new[] { "# all of it", "# web", "# the usual", "# never" }) Assert.Contains(comment, text, StringComparison.Ordinal);
        Assert.True(text.IndexOf("9090", StringComparison.Ordinal) < text.IndexOf("8080", StringComparison.Ordinal));
        Assert.Contains("hostPort: 9090", PortYaml.With("cpus: 1\n", [Rule("9090:90")], "lima.yaml").Replace("\"", ""), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_form_of_a_rule_is_read_as_it_was_meant()
    {
        string[] all = ["8080:80", "0.0.0.0:8080:0.0.0.0:80/tcp", "[::]:53:[::1]:53/udp", "9000-9001:8000-8001,static=true", "/h.sock:/g.sock,reverse=true", "2375:/g.sock", "/h.sock:80"];
        PortForwardSpec[] rules = [.. all.Select(Rule), new() { GuestIp = "0.0.0.0", GuestPorts = new PortRange(7, 7), HostPorts = new PortRange(7, 7), Ignore = true }];
        Assert.Equal(rules, Read(PortYaml.With(Support.ApiClient.Yaml, rules, "lima.yaml"))!.Value.AsEnumerable());
    }

    [Fact]
    public void A_rule_is_taken_out_wherever_it_is_and_the_rest_stays()
    {
        var text = Support.ApiClient.Yaml + Text[Text.IndexOf("portForwards", StringComparison.Ordinal)..];
        var shorter = PortYaml.Without(text, Rule("8080:80"), Read, "lima.yaml")!;
        Assert.DoesNotContain("8080", shorter, StringComparison.Ordinal);
        Assert.Contains("# never", shorter, StringComparison.Ordinal);
        Assert.True(Assert.Single(Read(shorter)!.Value).Ignore);
        Assert.Null(PortYaml.Without(text, Rule("1:1"), Read, "lima.yaml"));
        Assert.Equal(text.Replace(" ", ""), PortYaml.Without(PortYaml.With(text, [Rule("1:1")], "lima.yaml"), Rule("1:1"), Read, "lima.yaml")!.Replace(" ", ""));
    }

    [Fact]
    public void Of_two_alike_one_goes() =>
        Assert.Single(Read(PortYaml.Without(PortYaml.With(Support.ApiClient.Yaml, [Rule("1:1"), Rule("1:1")], "lima.yaml"), Rule("1:1"), Read, "lima.yaml")!)!.Value);

    private static ImmutableArray<PortForwardSpec>? Read(string text)
    {
        using var directory = new Lima.Testing.TemporaryDirectory();
        var home = new Drivers.Instances.LimaHome(directory.Path);
        return new InstanceSpecs(home).Check(text, "lima.yaml", home.Instance(Domain.Vms.VmName.Parse("web"))).Spec?.PortForwards;
    }

    private static PortForwardSpec Rule(string text) => PortRuleText.TryParse(text, out var rule, out var problem) ? rule : throw new FormatException(problem);
}
