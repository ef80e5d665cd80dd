using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Lima.Domain.Specs;
using Lima.Drivers.CloudInit;
using Lima.Drivers.Names;
using Lima.Templates.Yq;
using Xunit.Abstractions;

namespace Lima.Host.Tests.Compatibility;

/// <summary>The seed says what Lima's says, for every instance whose seed was recorded; docs/differences-from-lima.md names what differs on purpose.</summary>
public sealed partial class SeedValuesTests(ITestOutputHelper output)
{
    // Made anew at each start, or about programs that we do not have in the guest.
    private static readonly string[] NotCompared =
    [
        "DEBUG", "IID", "VSOCK_PORT", "VIRTIO_PORT", "NO_CLOUD_INIT", "CONTAINERD_ARCHIVE",
    ];

    public static TheoryData<string> Instances => RecordedInstance.Names("cidata/user-data");

    [Theory]
    [MemberData(nameof(Instances))]
    public void Variables_are_those_of_Lima(string name)
    {
        if (RecordedInstance.Read(name, output) is not { } instance) return;
        var lima = Variables(RecordedInstance.Text(instance.Path, "cidata/lima.env")).Where(pair => !NotCompared.Contains(pair.Key)).ToDictionary();
        var slirp = instance.Spec.Networks.IsEmpty ? new[] { "" } : ["SLIRP_GATEWAY", "SLIRP_DNS", "SLIRP_IP_ADDRESS"];
        var ours = Variables(Text(instance, "lima.env"));
        foreach (var (key, value) in lima.Where(pair => !slirp.Contains(pair.Key) && !IsDnsPort(pair.Key)))
            Assert.Equal($"{key}={value}", ours.TryGetValue(key, out var own) ? $"{key}={own}" : $"{key} is missing");
        // The numbers are free to choose; whether there are any is not. A plain guest has no rules that could use them.
        if (instance.Spec is { Networks.IsEmpty: true, Plain: false })
            Assert.All(lima.Where(pair => IsDnsPort(pair.Key)), pair => Assert.Equal($"{pair.Key}: {pair.Value != "0"}", $"{pair.Key}: {ours[pair.Key] != "0"}"));
        Assert.Equal(Lines(RecordedInstance.Text(instance.Path, "cidata/param.env")), Lines(Unquoted(Text(instance, "param.env"))));
        Assert.Equal(Lines(RecordedInstance.Text(instance.Path, "cidata/etc_environment")), Lines(Unquoted(Text(instance, "etc_environment"))));
    }

    [Theory]
    [MemberData(nameof(Instances))]
    public void Accounts_mounts_networks_and_authorities_are_those_of_Lima(string name)
    {
        if (RecordedInstance.Read(name, output) is not { } instance) return;
        var (lima, ours) = (Json(RecordedInstance.Text(instance.Path, "cidata/user-data")), Json(Text(instance, "user-data")));
        foreach (var key in (string[])["growpart", "timezone", "package_update", "package_upgrade", "package_reboot_if_required", "mounts", "manage_resolv_conf", "ca_certs"])
            Assert.Equal($"{key}: {Normal(lima[key])}", $"{key}: {Unescaped(key, Normal(ours[key]))}");
        var (theirs, own) = (lima["users"]![0]!.AsObject(), ours["users"]![0]!.AsObject());
        foreach (var account in (JsonObject[])[theirs, own])
            foreach (var keys in (string[])["ssh-authorized-keys", "ssh_authorized_keys"]) account.Remove(keys);
        Assert.Equal(Normal(theirs), Normal(own));
        // Networks of daemons are not there yet; what differs is only about them.
        if (instance.Spec.Networks.Length > 0) return;
        Assert.Equal(Normal(lima["resolv_conf"]), Normal(ours["resolv_conf"]));
        Assert.Equal(Normal(Json(RecordedInstance.Text(instance.Path, "cidata/network-config"))), Normal(Json(Text(instance, "network-config"))));
    }

    private static bool IsDnsPort(string key) => key is "UDP_DNS_LOCAL_PORT" or "TCP_DNS_LOCAL_PORT";

    // Lima leaves blanks in mount points to a boot script; ours are as fstab needs them from the first.
    private static string Unescaped(string key, string json) => key == "mounts" ? json.Replace(@"\\040", " ", StringComparison.Ordinal) : json;

    private static string Text(RecordedInstance instance, string file) => System.Text.Encoding.UTF8.GetString(
        CidataBuilder.Files(Input(instance), instanceId: "").Single(made => made.Path == file).Content.Span);

    private static SeedInput Input(RecordedInstance instance) => new()
    {
        Name = instance.Directory.Name,
        // Proxies of the recording machine, if any, were its own.
        Spec = instance.Spec with { Env = ProxyEnvironment.Merge(instance.Spec.Env, _ => null, "192.168.5.2") },
        AuthorizedKeys = ["ssh-ed25519 AAAA lima"],
        HostKeyPrivate = "key",
        HostKeyPublic = "ssh-ed25519 AAAA lima",
        Scripts = new GuestScripts("#!/bin/sh\n", []),
        Mac = "52:55:55:00:00:01",
        HostHome = "/home/user",
        DnsPort = NameServers.IsWanted(instance.Spec) ? 20000 : 0,
    };

    private static Dictionary<string, string> Variables(string text) => Lines(Unquoted(text))
        .Select(line => line.Split('=', 2)).ToDictionary(parts => parts[0]["LIMA_CIDATA_".Length..], parts => parts[1]);

    private static List<string> Lines(string text) => [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];

    private static string Unquoted(string text) => Quotes().Replace(text, "=$1$2");

    private static JsonObject Json(string yaml)
    {
        var run = new YqRun(".", [new YqInput("-", "-", yaml)], "yaml", "json");
        Assert.True(run.TryEvaluate(out var json, out _, out var problem), problem);
        return JsonNode.Parse(json!)!.AsObject();
    }

    private static string Normal(JsonNode? node)
    {
        var text = node is null ? "" : Sorted(JsonSerializer.SerializeToElement(node)).ToJsonString();
        return Tag().Replace(Mac().Replace(text, "MAC"), "TAG");
    }

    private static JsonNode Sorted(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => new JsonObject(element.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Name, (JsonNode?)Sorted(p.Value)))),
        JsonValueKind.Array => new JsonArray([.. element.EnumerateArray().Select(Sorted)]),
        _ => JsonValue.Create(element.ToString()),
    };

    [GeneratedRegex("=(?:'([^'\n]*)'|\"([^\"\n]*)\")(?=\n|$)")]
    private static partial Regex Quotes();

    [GeneratedRegex("[0-9a-f]{2}(:[0-9a-f]{2}){5}")]
    private static partial Regex Mac();

    [GeneratedRegex("lima-[0-9a-f]{16}")]
    private static partial Regex Tag();
}
