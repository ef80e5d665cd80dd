using Xunit.Abstractions;

namespace Lima.Drivers.Tests.BootScripts;

public sealed class EnvironmentTests(ITestOutputHelper output)
{
    private const string Variables = "boot.d/07-etc-environment.sh";
    private const string Zone = "boot.d/05-time-zone.sh";
    private const string Prompt = "boot.d/08-shell-prompt.sh";
    private const string Colours = "boot.d/11-colorterm-environment.sh";

    public static TheoryData<string> All => Shells.All;

    [Theory]
    [InlineData("ash", "127.0.0.1 localhost\n", "127.0.0.1 localhost\n192.168.5.2 host.lima.internal\n")]
    [InlineData("dash", "127.0.0.1 localhost\n", "127.0.0.1 localhost\n192.168.5.2 host.lima.internal\n")]
    [InlineData("dash", "10.0.0.1\thost.lima.internal\n::1 localhost", "::1 localhost\n192.168.5.2 host.lima.internal\n")]
    public void The_workstation_has_a_name(string shell, string before, string after)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        root.Write("/etc/hosts", before);
        root.Run("boot.d/06-etc-hosts.sh");
        Assert.Equal(after, root.Read("/etc/hosts"));
        root.RunAgainIdly("boot.d/06-etc-hosts.sh");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Variables_are_replaced_and_sessions_end_only_when_they_have_changed(string shell)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        root.StandIn("loginctl");
        root.Write("/etc/environment", "OWN=\"1\"\n#LIMA-START\nOLD=\"2\"\n#LIMA-END\n");
        root.Write(GuestRoot.Seed + "/etc_environment", "#LIMA-START\nNEW=\"a b $c\"\n#LIMA-END\n");
        root.Run(Variables);
        Assert.Equal("OWN=\"1\"\n#LIMA-START\nNEW=\"a b $c\"\n#LIMA-END\n", root.Read("/etc/environment"));
        Assert.Equal(["loginctl terminate-user alice"], root.Calls);
        root.RunAgainIdly(Variables);
        root.Run("boot.d/07-ssh-ready.sh");
        Assert.Equal("iid-1\n", root.Read("/run/lima-ssh-ready"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_time_zone_is_set_where_it_is_another(string shell)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        root.Write("/usr/share/zoneinfo/Europe/Paris", "paris");
        root.Write("/usr/share/zoneinfo/UTC", "utc");
        root.Write("/etc/timezone", "UTC\n");
        root.Shell("ln -s /usr/share/zoneinfo/UTC /etc/localtime");
        root.RunAgainIdly(Zone);
        root.Variables["TIMEZONE"] = "Europe/Paris";
        root.Run(Zone);
        Assert.Equal("/usr/share/zoneinfo/Europe/Paris", root.Shell("readlink /etc/localtime"));
        Assert.Equal("Europe/Paris\n", root.Read("/etc/timezone"));
        root.RunAgainIdly(Zone);
        root.Shell("rm /etc/localtime; cp /usr/share/zoneinfo/Europe/Paris /etc/localtime");
        root.RunAgainIdly(Zone);
        root.Variables["TIMEZONE"] = "Mars/Olympus";
        Assert.Contains("Mars/Olympus", root.Run(Zone), StringComparison.Ordinal);
        Assert.Equal("paris", root.Read("/etc/localtime"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_host_name_is_the_instances(string shell)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        root.Write("/proc/sys/kernel/hostname", "image\n");
        root.StandIn("hostname", "echo \"$1\" >/proc/sys/kernel/hostname");
        root.Run("boot.d/04-hostname.sh");
        Assert.Equal("lima-web\n", root.Read("/etc/hostname"));
        Assert.Equal(["hostname lima-web"], root.Calls);
        root.RunAgainIdly("boot.d/04-hostname.sh");
    }

    [Theory]
    [InlineData("ash", "default", "color_prompt=yes\n", true)]
    [InlineData("dash", "default", "color_prompt=yes\n", true)]
    [InlineData("dash", "default", "plain\n", false)]
    [InlineData("dash", "web", "color_prompt=yes\n", false)]
    public void The_prompt_of_the_default_instance_is_lime_green(string shell, string name, string rc, bool changed)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        root.Variables["NAME"] = name;
        root.Write("/home/alice.guest/.bashrc", rc);
        root.Run(Prompt);
        Assert.Equal(changed, root.Read("/home/alice.guest/.bashrc").Contains("\n# Lima PS1", StringComparison.Ordinal));
        Assert.StartsWith(rc, root.Read("/home/alice.guest/.bashrc"), StringComparison.Ordinal);
        root.RunAgainIdly(Prompt);
    }

    [Theory]
    [InlineData("ash", "Include /etc/ssh/sshd_config.d/*.conf\n")]
    [InlineData("dash", "Include /etc/ssh/sshd_config.d/*.conf\n")]
    public void The_server_takes_COLORTERM_by_a_file_of_its_own(string shell, string config)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        root.Shell("mkdir -p /run/systemd/system /etc/ssh/sshd_config.d");
        root.StandIn("systemctl", "[ \"$1 $3\" != '-q ssh' ]");
        root.Write("/etc/ssh/sshd_config", config);
        root.Run(Colours);
        Assert.Equal("AcceptEnv COLORTERM\n", root.Read("/etc/ssh/sshd_config.d/10-acceptenv-colorterm.conf"));
        Assert.Equal(config, root.Read("/etc/ssh/sshd_config"));
        Assert.Equal(["systemctl -q is-active ssh", "systemctl -q is-active sshd", "systemctl reload sshd"], root.Calls);
        root.RunAgainIdly(Colours);
    }

    [Theory]
    [InlineData("ash", "# AcceptEnv COLORTERM\nAcceptEnv LANG\n", "AcceptEnv COLORTERM\n# AcceptEnv COLORTERM\nAcceptEnv LANG\n")]
    [InlineData("dash", "# AcceptEnv COLORTERM\nAcceptEnv LANG\n", "AcceptEnv COLORTERM\n# AcceptEnv COLORTERM\nAcceptEnv LANG\n")]
    [InlineData("dash", "AcceptEnv LANG COLORTERM\n", "AcceptEnv LANG COLORTERM\n")]
    public void Else_by_a_line_at_the_top(string shell, string before, string after)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        root.Write("/etc/ssh/sshd_config", before);
        root.Run(Colours);
        Assert.Equal(after, root.Read("/etc/ssh/sshd_config"));
        root.RunAgainIdly(Colours);
    }
}
