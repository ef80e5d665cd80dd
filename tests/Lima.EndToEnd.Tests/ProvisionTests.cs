using System.Text.Json;
using Lima.EndToEnd.Tests.Support;

namespace Lima.EndToEnd.Tests;

/// <summary>Provisioning and readiness of a tiny VM: what scripts do, what is said when one fails, and how that heals.</summary>
public sealed class ProvisionTests(LimaHome home) : IClassFixture<LimaHome>
{
    private static readonly TimeSpan Patient = TimeSpan.FromMinutes(8);
    private readonly Limactl _cli = home.Cli;

    [ProductFact]
    public async Task Files_are_written_and_changed_before_scripts_run_and_boots_are_timed()
    {
        (await StartAsync("files", """
            param:
              colour: "deep blue"
            provision:
            - mode: data
              path: /etc/made/deep/data.json
              content: '{"colour": "{{.Param.colour}}"}'
              permissions: "640"
            - mode: yq
              path: /etc/made/deep/data.json
              expression: .size = 3
              permissions: "600"
            - mode: yq
              path: "{{.Home}}/settings/my file.yaml"
              owner: "{{.User}}"
              expression: .a.b = ["{{.Param.colour}}"]
            - mode: system
              script: |
                #!/bin/sh
                cat /etc/made/deep/data.json >/var/tmp/seen
                echo "$PARAM_colour" >>/var/tmp/seen
            """)).Ok();
        var user = await _cli.GuestAsync("files", "id", "-un");
        using (var data = JsonDocument.Parse(await _cli.GuestAsync("files", "sudo", "cat", "/etc/made/deep/data.json")))
            Assert.Equal(("deep blue", 3), (data.RootElement.GetProperty("colour").GetString(), data.RootElement.GetProperty("size").GetInt32()));
        var seen = await _cli.GuestAsync("files", "cat", "/var/tmp/seen");
        Assert.Contains("\"size\": 3", seen);
        Assert.EndsWith("deep blue", seen);
        Assert.Equal("600 root", await _cli.GuestAsync("files", "sudo", "stat", "-c", "%a %U", "/etc/made/deep/data.json"));
        Assert.Equal($"644 {user}", await _cli.GuestAsync("files", "sh", "-c", "stat -c '%a %U' \"$HOME/settings/my file.yaml\""));
        Assert.Equal("a:\n  b:\n    - deep blue", await _cli.GuestAsync("files", "sh", "-c", "cat \"$HOME/settings/my file.yaml\""));
        var boot = (await _cli.RunAsync("history", "files", "--boot")).Ok();
        foreach (var part in (string[])["kernel", "boot script 06-etc-hosts", "provision[0] (mode data)", "provision[1] (mode yq)", "provision[3] (mode system)"]) Assert.Contains(part, boot);
        using var json = JsonDocument.Parse((await _cli.RunAsync("history", "files", "--boot", "--json")).Ok());
        Assert.True(json.RootElement.GetProperty("data").GetProperty("seconds").GetDouble() > 0);
        (await _cli.RunAsync("delete", "-f", "files")).Ok();
    }

    [ProductFact]
    public async Task A_script_that_fails_is_named_and_a_clean_boot_heals()
    {
        var start = await StartAsync("failing", """
            provision:
            - mode: system
              script: |
                #!/bin/sh
                [ ! -e /var/tmp/well ] || exit 0
                echo "the disk is made of cheese"
                exit 7
            - mode: system
              script: |
                #!/bin/sh
                : >/var/tmp/second
            """);
        start.Fails(1, "provision[0] (mode system) failed with exit status 7", "the disk is made of cheese", "limactl restart failing");
        var instance = await _cli.ShowAsync("failing");
        Assert.Equal("Running", instance.Status);
        Assert.Equal("boot-scripts", Assert.Single(instance.Degraded!).Code);
        Assert.Contains("made of cheese", Assert.Single(instance.Errors!));
        Assert.Matches(@"(?m)^failing +Running \(degraded\) ", (await _cli.RunAsync("list")).Ok());
        Assert.Contains("provision[0] (mode system) (failed, exit status 7)", (await _cli.RunAsync("history", "failing", "--boot")).Ok());
        // The others have been run.
        await _cli.GuestAsync("failing", "sudo", "test", "-e", "/var/tmp/second");
        await _cli.GuestAsync("failing", "sudo", "touch", "/var/tmp/well");
        await _cli.GuestAsync("failing", "sync");

        var restart = await _cli.RunAsync(Patient, "restart", "failing");
        restart.Ok();
        Assert.Contains("well again: boot-scripts", restart.Error);
        Assert.Null((await _cli.ShowAsync("failing")).Degraded);
        (await _cli.RunAsync("delete", "-f", "failing")).Ok();
    }

    [ProductFact]
    public async Task A_probe_that_does_not_hold_in_time_is_named_with_its_hint_and_heals_when_it_does()
    {
        var copy = home["copied/deep/file"];
        var start = await StartAsync("late", $$$"""
            param:
              file: /var/tmp/it is there
            probes:
            - description: the file to be there
              script: |
                #!/bin/sh
                test -e "$PARAM_file"
              hint: make that file
            copyToHost:
            - guest: /etc/lima-secret
              host: {{{copy}}}
              deleteOnStop: true
            - guest: /no/such/file
              host: {{{home["copied/none"]}}}
              skipIfMissing: true
            provision:
            - mode: system
              script: |
                #!/bin/sh
                umask 077
                echo secret >/etc/lima-secret
            """, "--timeout=25s");
        start.Fails(1, "the file to be there", "make that file");
        Assert.Equal("requirements", Assert.Single((await _cli.ShowAsync("late")).Degraded!).Code);
        Assert.False(File.Exists(copy));
        await _cli.GuestAsync("late", "sudo", "touch", "/var/tmp/it is there");
        await _cli.UntilAsync("late", instance => instance is { Status: "Running", Degraded: null }, TimeSpan.FromMinutes(2));
        Assert.Contains("well again: requirements", (await _cli.RunAsync("history", "late")).Ok());
        // What only root may read is read by sudo, and is the owner's alone here.
        Assert.Equal("secret\n", await File.ReadAllTextAsync(copy));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(copy));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(home["copied/deep"]));
        Assert.False(File.Exists(home["copied/none"]));
        (await _cli.RunAsync(Patient, "stop", "late")).Ok();
        Assert.False(File.Exists(copy));
        (await _cli.RunAsync("delete", "-f", "late")).Ok();
    }

    [ProductFact]
    public async Task Plain_mode_has_SSH_and_provisioning_and_no_more()
    {
        (await StartAsync("plain", """
            plain: true
            provision:
            - mode: dependency
              script: |
                #!/bin/sh
                : >/var/tmp/dependency
            - mode: data
              path: /var/tmp/data
              content: x
            - mode: user
              script: |
                #!/bin/sh
                : >/tmp/user
            """)).Ok();
        Assert.Equal("x", await _cli.GuestAsync("plain", "cat", "/var/tmp/data"));
        await _cli.GuestAsync("plain", "test", "-e", "/tmp/user");
        await _cli.GuestAsync("plain", "test", "!", "-e", "/var/tmp/dependency");
        await _cli.GuestAsync("plain", "sh", "-c", "! grep -q host.lima.internal /etc/hosts");
        (await _cli.RunAsync("delete", "-f", "plain")).Ok();
    }

    private async Task<Ran> StartAsync(string name, string yaml, params string[] flags)
    {
        var file = home[$"{name}.yaml"];
        await File.WriteAllTextAsync(file, "base: template:tiny\n" + yaml);
        return await _cli.RunAsync(Patient, ["start", "--tty=false", .. flags, $"--name={name}", file]);
    }
}
