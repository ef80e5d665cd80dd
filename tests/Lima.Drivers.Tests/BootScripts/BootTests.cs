using System.Globalization;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.BootScripts;

/// <summary>All of the scripts together, as <c>boot.sh</c> runs them.</summary>
public sealed class BootTests(ITestOutputHelper output)
{
    public static TheoryData<string> All => Shells.All;

    [Theory]
    [MemberData(nameof(All))]
    public void Essential_scripts_come_first_and_all_in_order(string shell)
    {
        if (Guest(shell) is not { } root) return;
        using var _ = root;
        Boot(root);
        var expected = Scripts(root, "boot.essential").Concat(Scripts(root, "boot.d")).ToArray();
        Assert.True(expected.Length > 20, string.Join(' ', expected));
        Assert.Equal(expected, Ran(root));
        Assert.DoesNotContain(Log(root), line => line.Contains(" warn ", StringComparison.Ordinal));
        Assert.Equal("iid-1\n", root.Read("/run/lima-boot-done"));
        Assert.Equal("iid-1\n", root.Read("/run/lima-ssh-ready"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void In_plain_mode_only_the_essential_ones_run(string shell)
    {
        if (Guest(shell) is not { } root) return;
        using var _ = root;
        root.Write(GuestRoot.Seed + "/lima.env", "LIMA_CIDATA_PLAIN=1\n");
        var hosts = root.Read("/etc/hosts");
        Boot(root);
        Assert.Equal(Scripts(root, "boot.essential"), Ran(root));
        Assert.Equal(hosts, root.Read("/etc/hosts"));
        Assert.Equal("iid-1\n", root.Read("/run/lima-boot-done"));
        Assert.Equal("iid-1\n", root.Read("/run/lima-ssh-ready"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_second_boot_changes_nothing(string shell)
    {
        if (Guest(shell) is not { } root) return;
        using var _ = root;
        Boot(root);
        root.Shell("rm -rf /run/lima*");
        var before = root.Snapshot();
        Boot(root);
        Assert.Equal(before, root.Snapshot());
        Assert.DoesNotContain(Log(root), line => line.Contains(" line ", StringComparison.Ordinal));
        Assert.True(root.Exists("/run/lima-boot-done"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_script_that_has_the_guest_reboot_is_the_last_one(string shell)
    {
        if (Guest(shell) is not { } root) return;
        using var _ = root;
        root.Write(GuestRoot.Seed + "/boot.essential/00-aa.sh", ": >\"$LIMA_REBOOT_REQUIRED\"\n");
        Boot(root);
        Assert.Equal(["00-aa"], Ran(root));
        Assert.False(root.Exists("/run/lima-boot-done"));
        Assert.False(root.Exists("/run/lima-ssh-ready"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_script_that_fails_is_reported_and_the_others_run(string shell)
    {
        if (Guest(shell) is not { } root) return;
        using var _ = root;
        root.Write(GuestRoot.Seed + "/boot.d/00-aa.sh", "exit 7\n");
        Assert.Equal(1, Boot(root));
        Assert.Contains(Log(root), line => line.EndsWith(" warn script 00-aa exit 7", StringComparison.Ordinal));
        Assert.Equal(Scripts(root, "boot.d")[^1], Ran(root)[^1]);
        Assert.True(root.Exists("/run/lima-boot-done"));
    }

    private GuestRoot? Guest(string shell)
    {
        var root = GuestRoot.Make(output, shell);
        root?.Write("/etc/hosts", "127.0.0.1 localhost\n");
        root?.Write("/proc/sys/kernel/hostname", "lima-web\n");
        return root;
    }

    // What has gone into the pipe is in the log a moment later.
    private static int Boot(GuestRoot root) => int.Parse(root.Shell(
        $"""
        sh {GuestRoot.Seed}/boot.sh
        code=$?
        echo end-of-boot >/run/lima/progress
        tries=0
        until grep -qs end-of-boot /var/log/lima-boot.log || [ "$tries" -gt 600 ]; do tries=$((tries + 1)); sleep 0.1; done
        sed -i /end-of-boot/d /var/log/lima-boot.log
        echo $code
        """), CultureInfo.InvariantCulture);

    private static string[] Scripts(GuestRoot root, string folder) =>
        [.. Directory.GetFiles(root[$"{GuestRoot.Seed}/{folder}"]).Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal)!];

    private static string[] Log(GuestRoot root) => File.ReadAllLines(root["/var/log/lima-boot.log"]);

    private static string[] Ran(GuestRoot root) =>
        [.. Log(root).Where(line => line.Contains(" phase script ", StringComparison.Ordinal)).Select(line => line.Split(' ')[^1])];
}
