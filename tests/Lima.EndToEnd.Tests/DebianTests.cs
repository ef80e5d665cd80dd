using Lima.EndToEnd.Tests.Support;

namespace Lima.EndToEnd.Tests;

/// <summary>A whole distribution with systemd and cloud-init, from its recipe to its second boot.</summary>
public sealed class DebianTests(LimaHome home) : IClassFixture<LimaHome>
{
    private const string Name = "deb";

    // Packages are fetched and an image is made; plain emulation is slow.
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan BootLimit = TimeSpan.FromMinutes(6);
    private readonly Limactl _cli = home.Cli;

    private const string Template = $$$"""
        images:
        - location: "recipe:debian-12"
          arch: "x86_64"
        cpus: 2
        memory: 1GiB
        disk: 8GiB
        env:
          GREETING: "hello world"
        param:
          COLOUR: blue
        networks:
        - lima: user-v2
        provision:
        - mode: system
          script: |
            #!/bin/sh
            echo "$(id -u) {{.Param.COLOUR}} $PARAM_COLOUR" >/var/tmp/system
            echo boot >>/var/tmp/boots
        - mode: user
          script: |
            #!/bin/sh
            echo "$(id -un) $HOME" >/var/tmp/user
        {{{GuestNames.Hosts}}}
        """;

    [ProductFact]
    public async Task Debian_boots_is_provisioned_and_boots_again()
    {
        var file = home["deb.yaml"];
        await File.WriteAllTextAsync(file, Template);
        (await _cli.RunAsync(BuildLimit + BootLimit, "start", "--tty=false", $"--name={Name}", file)).Ok();

        var instance = await _cli.ShowAsync(Name);
        Assert.Equal("Running", instance.Status);
        Assert.Null(instance.Degraded);
        Assert.StartsWith("Linux lima-deb ", await _cli.GuestAsync(Name, "uname", "-a"));
        Assert.Contains("VERSION_ID=\"12\"", await _cli.GuestAsync(Name, "cat", "/etc/os-release"));
        Assert.Equal("systemd", await _cli.GuestAsync(Name, "cat", "/proc/1/comm"));
        Assert.Equal(instance.User, await _cli.GuestAsync(Name, "id", "-un"));
        Assert.Equal("0", await _cli.GuestAsync(Name, "sudo", "id", "-u"));
        Assert.Equal("0 blue blue", await _cli.GuestAsync(Name, "cat", "/var/tmp/system"));
        Assert.Equal($"{instance.User} {await _cli.GuestAsync(Name, "sh", "-c", "echo $HOME")}", await _cli.GuestAsync(Name, "cat", "/var/tmp/user"));
        Assert.Equal("hello world", await _cli.GuestAsync(Name, "printenv", "GREETING"));
        // The card of the network has an address, the way out is where it was, and names of instances are asked in that network.
        await _cli.GuestAsync(Name, "sh", "-c", "until ip -4 addr show lima0 | grep -q 'inet 192.168.104.3/24'; do sleep 1; done");
        Assert.Contains("default via 192.168.5.2 dev eth0", await _cli.GuestAsync(Name, "ip", "route"));
        Assert.DoesNotContain("lima0", await _cli.GuestAsync(Name, "ip", "route", "show", "default"));
        await _cli.GuestAsync(Name, "sh", "-c", "until getent hosts lima-deb.internal | grep -q 192.168.104.3; do sleep 1; done");
        // The root file system took the room that it was given.
        var root = long.Parse(await _cli.GuestAsync(Name, "stat", "-f", "-c", "%b", "/")) * long.Parse(await _cli.GuestAsync(Name, "stat", "-f", "-c", "%S", "/"));
        Assert.InRange(root, 6L << 30, 8L << 30);
        await GuestSettings.NoneFailedAsync(_cli, Name);
        await GuestSettings.CommonAsync(_cli, Name, instance.User!);
        await GuestSettings.OfSystemdAsync(_cli, Name, instance.User!);
        await GuestNames.AreFoundAsync(_cli, Name, "192.168.104.3");
        var settings = await GuestSettings.TimesAsync(_cli, Name);

        (await _cli.RunAsync(BootLimit, "stop", Name)).Ok();
        Assert.Equal(("Stopped", "requested"), ((await _cli.ShowAsync(Name)).Status, (await _cli.ShowAsync(Name)).Cause?.Code));
        Assert.DoesNotContain("stop-escalated", (await _cli.RunAsync("history", "--json", Name)).Ok());

        (await _cli.RunAsync(BootLimit, "start", "--tty=false", Name)).Ok();
        Assert.Equal("boot\nboot", await _cli.GuestAsync(Name, "cat", "/var/tmp/boots"));
        await GuestSettings.NoneFailedAsync(_cli, Name);
        await GuestSettings.CommonAsync(_cli, Name, instance.User!);
        await GuestSettings.OfSystemdAsync(_cli, Name, instance.User!);
        Assert.Equal(settings, await GuestSettings.TimesAsync(_cli, Name));
        await GuestNames.AreFoundAsync(_cli, Name, "192.168.104.3");
        (await _cli.RunAsync("stop", "-f", Name)).Ok();
    }
}
