using Xunit.Abstractions;

namespace Lima.Drivers.Tests.BootScripts;

public sealed class GuestAgentTests(ITestOutputHelper output)
{
    private const string Script = "boot.d/00-guest-agent.sh";
    private const string Program = "/usr/local/bin/lima-guestagent";
    private const string Unit = "/etc/systemd/system/lima-guestagent.service";

    public static TheoryData<string> All => Shells.All;

    [Theory]
    [MemberData(nameof(All))]
    public void Without_an_agent_on_the_seed_nothing_is_done(string shell)
    {
        if (Make(shell) is not { } root) return;
        using var _ = root;
        root.StandIn("systemctl");
        root.Variables.Remove("AGENT");
        root.RunAgainIdly(Script);
        root.Variables["AGENT"] = "";
        root.RunAgainIdly(Script);
        Assert.False(root.Exists(Program));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void With_systemd_it_is_a_service_that_a_second_boot_only_starts(string shell)
    {
        if (Make(shell) is not { } root) return;
        using var _ = root;
        root.StandIn("systemctl");
        root.Write("/run/systemd/system/here", "");
        root.Run(Script);
        Assert.Equal(["systemctl daemon-reload", "systemctl --no-block restart lima-guestagent"], root.Calls);
        Assert.Equal(root.Read(GuestRoot.Seed + "/lima-guestagent"), root.Read(Program));
        Assert.Equal(GuestRoot.Program, File.GetUnixFileMode(root[Program]));
        Assert.Contains($"\nExecStart={Program} daemon\nEnvironment=LIMA_CIDATA_UID=1001\nRestart=always\n", root.Read(Unit), StringComparison.Ordinal);
        root.RunAgainIdly(Script, "systemctl --no-block start lima-guestagent");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Another_program_user_or_place_is_seen_and_so_is_what_was_lost(string shell)
    {
        if (Make(shell) is not { } root) return;
        using var _ = root;
        root.StandIn("systemctl");
        root.Write("/run/systemd/system/here", "");
        root.Run(Script);

        root.Write(GuestRoot.Seed + "/lima-guestagent", "#!/bin/sh\necho newer\n", GuestRoot.Program);
        root.Variables["AGENT"] = "0123456789abcdee";
        Assert.Equal(["systemctl --no-block restart lima-guestagent"], CallsOf(root));
        Assert.Equal("#!/bin/sh\necho newer\n", root.Read(Program));

        root.Variables["UID"] = "1002";
        Assert.Equal(["systemctl daemon-reload", "systemctl --no-block restart lima-guestagent"], CallsOf(root));
        Assert.Contains("UID=1002\n", root.Read(Unit), StringComparison.Ordinal);

        root.Variables["GUEST_INSTALL_PREFIX"] = "/opt/lima";
        CallsOf(root);
        Assert.True(root.Exists("/opt/lima/bin/lima-guestagent"));
        Assert.Contains("\nExecStart=/opt/lima/bin/lima-guestagent daemon\n", root.Read(Unit), StringComparison.Ordinal);

        File.Delete(root["/opt/lima/bin/lima-guestagent"]);
        File.Delete(root[Unit]);
        Assert.Equal(["systemctl daemon-reload", "systemctl --no-block restart lima-guestagent"], CallsOf(root));
        Assert.True(root.Exists("/opt/lima/bin/lima-guestagent") && root.Exists(Unit));
        root.RunAgainIdly(Script, "systemctl --no-block start lima-guestagent");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void With_OpenRC_it_is_supervised(string shell)
    {
        if (Make(shell) is not { } root) return;
        using var _ = root;
        root.StandIn("rc-service");
        root.Write("/sbin/openrc-run", "", GuestRoot.Program);
        root.Run(Script);
        Assert.Equal(["rc-service --ifstarted lima-guestagent stop", "rc-service --ifstopped lima-guestagent start"], root.Calls);
        Assert.Contains($"\nsupervisor=supervise-daemon\ncommand={Program}\n", root.Read("/etc/init.d/lima-guestagent"), StringComparison.Ordinal);
        Assert.Equal(GuestRoot.Program, File.GetUnixFileMode(root["/etc/init.d/lima-guestagent"]));
        root.RunAgainIdly(Script, "rc-service --ifstopped lima-guestagent start");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Where_nothing_keeps_services_running_it_is_begun_again_whenever_it_ends(string shell)
    {
        if (Make(shell) is not { } root) return;
        using var _ = root;
        root.Write(GuestRoot.Seed + "/lima-guestagent", "#!/bin/sh\necho \"$* $LIMA_CIDATA_UID\" >>/run/begun\n", GuestRoot.Program);
        var begun = root.Shell($"""
            sh {GuestRoot.Seed}/{Script}
            tries=0
            until [ "$(wc -l </run/begun 2>/dev/null || echo 0)" -ge 2 ] || [ $tries -gt 600 ]; do tries=$((tries + 1)); sleep 0.1; done
            cat /run/begun
            """);
        Assert.StartsWith("daemon 1001\ndaemon 1001", begun, StringComparison.Ordinal);
        // One loop is enough for a boot.
        var second = root.Shell($"""
            sleep 300 &
            mkdir -p /proc/$!
            echo $! >/run/lima/guest-agent
            rm /run/begun
            sh {GuestRoot.Seed}/{Script}
            ls /run
            """);
        Assert.DoesNotContain("begun", second, StringComparison.Ordinal);
    }

    private static string[] CallsOf(GuestRoot root)
    {
        File.Delete(root["/calls"]);
        root.Run(Script);
        return root.Calls;
    }

    private GuestRoot? Make(string shell)
    {
        var root = GuestRoot.Make(output, shell);
        root?.Write(GuestRoot.Seed + "/lima-guestagent", "#!/bin/sh\n", GuestRoot.Program);
        if (root is not null) root.Variables["AGENT"] = "0123456789abcdef";
        return root;
    }
}
