using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lima.EndToEnd.Tests.Support;

namespace Lima.EndToEnd.Tests;

/// <summary>
/// One template that asks for everything at once, on a whole distribution: each effect is looked for from inside, then again
/// after a restart. Boots one VM, twice.
/// </summary>
public sealed class EverythingTests(LimaHome home) : IClassFixture<LimaHome>
{
    private const string Name = "all";

    // Packages are fetched and an image is made; plain emulation is slow.
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan BootLimit = TimeSpan.FromMinutes(8);

    /// <summary>Proxies of the workstation: the first life of the host, and the second.</summary>
    private readonly Limactl _first = home.Cli.With("http_proxy", "http://localhost:3128").With("no_proxy", "localhost,.example");
    private readonly Limactl _cli = home.Cli.With("http_proxy", "http://user:secret@127.0.0.1:8888/").With("no_proxy", "localhost,.example");

    private readonly int _port = Echo.FreePort();

    private string Shared => home["a directory/with spaces"];

    private string Copied => home["copied/deep/everything.json"];

    private string Template(string certificate) => $$$"""
        images:
        - location: "recipe:debian-12"
          arch: "x86_64"
        cpus: 2
        memory: 1GiB
        disk: 6GiB
        containerd: {system: false, user: false}
        mounts:
        - location: {{{Shared}}}
          mountPoint: /mnt/with some spaces
          writable: true
        additionalDisks:
        - name: data
        - name: more
          fsType: swap
        portForwards:
        - guestPort: 8080
          hostPort: {{{_port}}}
          static: true
        user:
          name: john
          comment: John Doe
          uid: 4711
          shell: /bin/sh
        timezone: Europe/Paris
        env:
          GREETING: "hello world"
        caCerts:
          certs:
          - |
        {{{string.Join('\n', certificate.Split('\n').Select(line => "    " + line))}}}
        param:
          colour: "deep blue"
          file: /var/tmp/order
        provision:
        - mode: boot
          script: |
            echo "boot $PARAM_colour" >>"$PARAM_file"
            chmod 666 "$PARAM_file"
        - mode: dependency
          skipDefaultDependencyResolution: true
          script: |
            #!/bin/sh
            echo "dependency $PARAM_colour $(id -u)" >>"$PARAM_file"
        - mode: data
          path: /etc/everything.json
          content: '{"colour": "{{.Param.colour}}"}'
          permissions: "600"
        - mode: data
          path: "{{.Home}}/deep/er/kept file"
          owner: "{{.User}}"
          overwrite: false
          content: |
            first
        - mode: yq
          path: /etc/everything.json
          expression: .size = 3
          permissions: "600"
        - mode: yq
          path: "{{.Home}}/made/new.yaml"
          owner: "{{.User}}"
          permissions: "640"
          expression: .names = ["{{.Param.colour}}", "{{.Name}}"]
        - mode: system
          script: |
            #!/bin/bash
            echo "system $PARAM_colour {{.Param.colour}} $(id -u) $GREETING" >>"$PARAM_file"
        - mode: user
          script: |
            #!/bin/sh
            echo "user $PARAM_colour $(id -un) $HOME $XDG_RUNTIME_DIR" >>"$PARAM_file"
            : >/tmp/user-done
        probes:
        - description: the user's script
          script: |
            #!/bin/bash
            [[ $PARAM_colour == "deep blue" && $(id -un) == john && -e /tmp/user-done ]]
          hint: see /var/log/lima-boot.log
        copyToHost:
        - guest: /etc/everything.json
          host: {{{Copied}}}
          deleteOnStop: true
        - guest: /no/such/file
          host: {{{home["copied/none"]}}}
          skipIfMissing: true
        message: |
          {{.Name}} is {{.Param.colour}}
        """;

    [ProductFact]
    public async Task Every_effect_is_there_and_stays_over_a_restart()
    {
        var certificate = Certificate();
        var file = home["all.yaml"];
        await File.WriteAllTextAsync(file, Template(certificate));
        Directory.CreateDirectory(Shared);
        await File.WriteAllTextAsync(Path.Combine(Shared, "of the host"), "shared");
        (await _first.RunAsync("disk", "create", "data", "--size=1GiB")).Ok();
        (await _first.RunAsync("disk", "create", "more", "--size=256MiB")).Ok();
        var started = await _first.RunAsync(BuildLimit + BootLimit, "start", "--tty=false", $"--name={Name}", file);
        started.Ok();
        Assert.True(started.Error.Contains("Message from the instance `all`:\\nall is deep blue", StringComparison.Ordinal), started.Error);
        Assert.Equal("all is deep blue\n", (await _first.RunAsync("list", "--format", "{{.Message}}", Name)).Ok().TrimEnd('\n') + "\n");
        await AllIsThereAsync(_first, certificate, boots: 1);
        await DisksMountsAndForwardsAsync(_first, diskMiB: 900);
        await ProxyIsAsync(_first, "http://192.168.5.2:3128");
        Assert.Equal("first", await InGuestAsync(_first, "cat \"$HOME/deep/er/kept file\""));

        await InGuestAsync(_first, "echo mine >\"$HOME/deep/er/kept file\"; sudo sh -c 'echo {} >/etc/everything.json'; echo kept >\"$HOME/file of mine\"");
        (await _first.RunAsync(BootLimit, "stop", Name)).Ok();
        for (var tries = 0; File.Exists(Copied) && tries < 300; tries++) await Task.Delay(100);
        Assert.False(File.Exists(Copied));
        (await _first.RunAsync("disk", "resize", "data", "--size=2GiB")).Ok();
        // The next host has the workstation's new proxies.
        (await _first.RunAsync("host", "stop")).Ok();
        (await _cli.RunAsync(BootLimit, "start", "--tty=false", Name)).Ok();
        await AllIsThereAsync(_cli, certificate, boots: 2);
        await DisksMountsAndForwardsAsync(_cli, diskMiB: 1900);
        Assert.Equal("kept", await InGuestAsync(_cli, "cat /mnt/lima-data/kept"));
        await ProxyIsAsync(_cli, "http://user:secret@192.168.5.2:8888/");
        Assert.Equal("mine", await InGuestAsync(_cli, "cat \"$HOME/deep/er/kept file\""));
        Assert.Equal("kept", await InGuestAsync(_cli, "cat \"$HOME/file of mine\""));
        (await _cli.RunAsync("stop", "-f", Name)).Ok();
    }

    private async Task AllIsThereAsync(Limactl cli, string certificate, int boots)
    {
        var instance = await cli.ShowAsync(Name);
        Assert.Equal("Running", instance.Status);
        Assert.Null(instance.Degraded);
        Assert.Equal("john:x:4711:4711:John Doe:/home/john.guest:/bin/sh", Strip(await InGuestAsync(cli, "getent passwd john")));
        Assert.Contains("Europe/Paris", await InGuestAsync(cli, "readlink -f /etc/localtime"));
        Assert.Equal("hello world", await InGuestAsync(cli, "printenv GREETING"));
        Assert.Equal("1", await InGuestAsync(cli, $"grep -cF '{certificate.Split('\n')[1]}' /etc/ssl/certs/ca-certificates.crt"));

        // Scripts of every kind, in their order, with the parameters, at every boot.
        string[] once =
        [
            "boot deep blue", "dependency deep blue 0", "system deep blue deep blue 0 hello world", "user deep blue john /home/john.guest /run/user/4711",
        ];
        Assert.Equal(Enumerable.Repeat(once, boots).SelectMany(lines => lines), (await InGuestAsync(cli, "cat /var/tmp/order")).Split('\n'));

        // Files: written anew, changed after that, owned as wanted, with what lies above them.
        Assert.Equal("deep blue 3", await InGuestAsync(cli, "sudo cat /etc/everything.json | tr -d '{}\",\\n' | sed 's/ *colour: //; s/ *size: / /'"));
        Assert.Equal("600 root root", await InGuestAsync(cli, "sudo stat -c '%a %U %G' /etc/everything.json"));
        Assert.Equal("644 john 755 john", await InGuestAsync(cli, "stat -c '%a %U' \"$HOME/deep/er/kept file\" \"$HOME/deep\" | tr '\\n' ' '"));
        Assert.Equal("names:\n  - deep blue\n  - all", await InGuestAsync(cli, "cat \"$HOME/made/new.yaml\""));
        Assert.Equal("640 john", await InGuestAsync(cli, "stat -c '%a %U' \"$HOME/made/new.yaml\""));

        // Out of the guest, though only root may read it there.
        Assert.Contains("deep blue", await File.ReadAllTextAsync(Copied));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Copied));
        Assert.False(File.Exists(home["copied/none"]));

        var boot = (await cli.RunAsync("history", Name, "--boot")).Ok();
        foreach (var part in (string[])["provision[1] (mode dependency)", "provision[2] (mode data)", "provision[4] (mode yq)", "provision[7] (mode user)"]) Assert.Contains(part, boot);
        Assert.Contains("probe-0: ready", (await cli.RunAsync("history", Name)).Ok());
    }

    private async Task DisksMountsAndForwardsAsync(Limactl cli, int diskMiB)
    {
        Assert.InRange(int.Parse(await InGuestAsync(cli, "df --output=size -BM /mnt/lima-data | tail -1 | tr -dc '0-9'"), System.Globalization.CultureInfo.InvariantCulture), diskMiB, diskMiB + 200);
        Assert.Equal("ext4", await InGuestAsync(cli, "findmnt -no FSTYPE /mnt/lima-data"));
        Assert.Contains("/dev/vd", await InGuestAsync(cli, "cat /proc/swaps"));
        await InGuestAsync(cli, "echo kept | sudo tee /mnt/lima-data/kept");

        Assert.Equal("shared", await InGuestAsync(cli, "cat '/mnt/with some spaces/of the host'"));
        // As root: john is not who owns the directory on the host.
        await InGuestAsync(cli, "echo back | sudo tee '/mnt/with some spaces/of the guest'");
        Assert.Equal("back\n", await File.ReadAllTextAsync(Path.Combine(Shared, "of the guest")));

        await InGuestAsync(cli, "nohup systemd-socket-activate --accept --inetd -l 127.0.0.1:8080 cat >/dev/null 2>&1 &");
        await Echo.AnswersAsync(Echo.Port(_port));
    }

    private static async Task ProxyIsAsync(Limactl cli, string url)
    {
        foreach (var variable in (string[])["http_proxy", "HTTP_PROXY"])
        {
            Assert.Equal(url, await InGuestAsync(cli, $"printenv {variable}"));
            Assert.Equal($"{variable}=\"{url}\"", await InGuestAsync(cli, $"grep ^{variable}= /etc/environment"));
        }

        Assert.Equal("localhost,.example", await InGuestAsync(cli, "printenv NO_PROXY"));
    }

    private static async Task<string> InGuestAsync(Limactl cli, string script) => (await cli.GuestAsync(Name, "sh", "-c", script)).TrimEnd();

    // Some systems write empty fields of the comment.
    private static string Strip(string line) => line.Replace(",", "", StringComparison.Ordinal);

    private static string Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Lima test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1));
        return made.ExportCertificatePem();
    }
}
