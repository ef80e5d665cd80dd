using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using Lima.Domain.Specs;
using Lima.Drivers.CloudInit;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.CloudInit;

/// <summary>Reads the seed's YAML with PyYAML, which is what cloud-init does.</summary>
public sealed class SeedYamlTests(ITestOutputHelper output)
{
    private const string Program = "import sys, yaml, json; json.dump(yaml.safe_load(sys.stdin.buffer.read()), sys.stdout)";

    [Theory]
    [InlineData("plain")]
    [InlineData("quotes \" ' and \\ back")]
    [InlineData("{{.User}}: - # & * ! | > % @ `")]
    [InlineData("tab\t, bell\a, escape\e, delete\u007f, next line\u0085, separators \u2028\u2029, mark \ufeff")]
    [InlineData("Ünïcode 日本 🐧")]
    public void Quoted_texts_come_back_as_they_were(string text) => AssertReadsBack($"x: {YamlText.Quote(text)}\n", text);

    [Theory]
    [InlineData("one line\n")]
    [InlineData("#!/bin/sh\n\n  indented\n\ttab\ntrailing blank \n   \nend\n")]
    [InlineData("no line feed at the end")]
    [InlineData("two at the end\n\n")]
    [InlineData("  begins with blanks\nx\n")]
    [InlineData("\nbegins with a line feed\n")]
    [InlineData("carriage\r\nreturn\r\n")]
    [InlineData("--- \nÜnïcode\n")]
    [InlineData("\n")]
    [InlineData("")]
    public void Blocks_come_back_as_they_were(string text) => AssertReadsBack($"x:{YamlText.Block(text, indent: 2)}y: 1\n", text);

    [Fact]
    public void Directories_disks_networks_and_authorities_are_read_as_meant()
    {
        const string certificate = "-----BEGIN CERTIFICATE-----\nZm9v\n-----END CERTIFICATE-----\n";
        var seed = CidataBuilder.Build((Seeds.Minimal with
        {
            HostHome = "/home/alice", AuthorityFiles = [certificate], NameServersOf = ImmutableDictionary<string, string>.Empty.Add("user-v2", "192.168.104.2"),
        }) with
        {
            Spec = Seeds.Spec with
            {
                Mounts = new MountsSpec
                {
                    Directories =
                    [
                        new MountSpec("/home/alice", "/home/alice", Writable: false),
                        new MountSpec("/srv/b", "/mnt/with space", Writable: true) { NineP = new NinePSpec { ProtocolVersion = "9p2000.u", MsizeBytes = 262144, Cache = "mmap" } },
                    ],
                },
                CaCerts = new CaCertsSpec { RemoveDefaults = true },
                AdditionalDisks = [new DiskSpec("data"), new DiskSpec("swap") { Format = false, FsType = "xfs", FsArgs = ["-i", "size=512"] }],
                Networks = [new NetworkSpec { Socket = "/run/net.sock", MacAddress = "52:55:55:00:00:07", Interface = "lima0" }, new NetworkSpec { Lima = "user-v2", MacAddress = "52:55:55:00:00:08", Interface = "lima1" }],
            },
        });
        var env = seed.Text("lima.env").Split('\n');
        Assert.Contains("LIMA_CIDATA_HOSTHOME_MOUNTPOINT=/home/alice", env);
        Assert.Contains("LIMA_CIDATA_MOUNTS_1_MOUNTPOINT='/mnt/with space'", env);
        Assert.Contains("LIMA_CIDATA_DISK_1_DEVICE=vdc", env);
        Assert.Contains("LIMA_CIDATA_DISK_1_FSARGS='-i size=512'", env);
        Assert.Contains("LIMA_CIDATA_CA_CERTS_REMOVE_DEFAULTS=1", env);
        Assert.Equal(certificate, seed.Text("ca-certs.pem"));
        if (Read(seed.Text("user-data")) is not { } user) return;
        Assert.Equal(
            ["lima-37f3810809d0851e|/home/alice|9p|ro,trans=virtio,version=9p2000.L,msize=131072,cache=fscache,nofail|0|0", $"{Lima.Drivers.Mounts.MountTag.Of(new MountSpec("/srv/b", "/mnt/with space", true))}|/mnt/with\\040space|9p|rw,trans=virtio,version=9p2000.u,msize=262144,cache=mmap,nofail|0|0"],
            user.GetProperty("mounts").EnumerateArray().Select(row => string.Join('|', row.EnumerateArray().Select(cell => cell.GetString()))));
        Assert.True(user.GetProperty("ca_certs").GetProperty("remove_defaults").GetBoolean());
        Assert.Equal(certificate, user.GetProperty("ca_certs").GetProperty("trusted")[0].GetString());
        Assert.Equal("192.168.5.3", user.GetProperty("resolv_conf").GetProperty("nameservers")[0].GetString());
        var cards = Read(seed.Text("network-config"))!.Value.GetProperty("ethernets");
        Assert.Equal(["eth0", "lima0", "lima1"], cards.EnumerateObject().Select(card => card.Name));
        Assert.Equal(100, cards.GetProperty("lima0").GetProperty("dhcp4-overrides").GetProperty("route-metric").GetInt32());
        Assert.False(cards.GetProperty("lima0").TryGetProperty("nameservers", out _));
        Assert.Equal("192.168.104.2", cards.GetProperty("lima1").GetProperty("nameservers").GetProperty("addresses")[0].GetString());
        // Names of instances are asked in the network of ours, all others at the first card.
        Assert.Equal(["lima.internal", "~internal"], cards.GetProperty("lima1").GetProperty("nameservers").GetProperty("search").EnumerateArray().Select(domain => domain.GetString()));
    }

    [Fact]
    public void A_whole_seed_is_read_as_meant()
    {
        var script = "#!/bin/bash\nset -e\ncat <<'EOF'\n  \"quoted\" \\n: # \t\nEOF\nexit 3";
        var seed = CidataBuilder.Build(Seeds.With(spec => spec with
        {
            User = spec.User with { Comment = "Zoë \"Z\" # x" },
            Dns = ["1.1.1.1"],
            Provision = [new ProvisionSpec("boot", script)],
        }));
        if (Read(seed.Text("user-data")) is not { } user) return;
        var account = user.GetProperty("users")[0];
        Assert.Equal("Zoë \"Z\" # x", account.GetProperty("gecos").GetString());
        Assert.Equal("1001", account.GetProperty("uid").GetString());
        Assert.True(account.GetProperty("lock_passwd").GetBoolean());
        Assert.Equal(Seeds.PrivateKey, user.GetProperty("ssh_keys").GetProperty("ed25519_private").GetString());
        Assert.Equal(0, user.GetProperty("ssh_genkeytypes").GetArrayLength());
        Assert.Equal(Seeds.Minimal.Scripts.PerBoot, user.GetProperty("write_files")[0].GetProperty("content").GetString());
        Assert.Equal("0755", user.GetProperty("write_files")[0].GetProperty("permissions").GetString());
        Assert.Equal($"(\n{script}\n)", user.GetProperty("bootcmd")[1].GetString());
        Assert.Contains("52:55:55:e7:b1:fa=eth0", user.GetProperty("bootcmd")[0].GetString());
        var card = Read(seed.Text("network-config"))!.Value.GetProperty("ethernets").GetProperty("eth0");
        Assert.Equal("52:55:55:e7:b1:fa", card.GetProperty("match").GetProperty("macaddress").GetString());
        Assert.Equal(200, card.GetProperty("dhcp4-overrides").GetProperty("route-metric").GetInt32());
        Assert.Equal(seed.InstanceId, Read(seed.Text("meta-data"))!.Value.GetProperty("instance-id").GetString());
    }

    private void AssertReadsBack(string yaml, string expected)
    {
        if (Read(yaml) is { } document) Assert.Equal(expected, document.GetProperty("x").GetString());
    }

    private JsonElement? Read(string yaml)
    {
        if (!Need.Programs(output, "python3")) return null;
        var start = new ProcessStartInfo("python3", ["-c", Program])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Write(yaml);
        process.StandardInput.Close();
        var json = process.StandardOutput.ReadToEnd();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (error.Contains("No module named 'yaml'", StringComparison.Ordinal))
        {
            output.WriteLine("SKIP: PyYAML is not installed");
            return null;
        }

        Assert.True(process.ExitCode == 0, error);
        return JsonDocument.Parse(json).RootElement;
    }
}
