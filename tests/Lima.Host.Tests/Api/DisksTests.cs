using System.Net;
using System.Text.Json;
using Lima.Contracts;
using Lima.Host.Tests.Support;
using Lima.Testing;

namespace Lima.Host.Tests.Api;

/// <summary>Disks and pruning, over the real socket.</summary>
public sealed class DisksTests
{
    private const long MiB = 1 << 20;

    [Fact]
    public async Task A_disk_is_made_listed_grown_and_deleted()
    {
        await using var host = await TestHost.StartedAsync();
        Assert.Empty(await DisksAsync(host));
        var made = await DoAsync(host, "", Json(new CreateDiskRequest { Name = "data", Size = MiB, Format = "raw" }));
        Assert.Equal(("data", MiB, "raw", "", "/mnt/lima-data"), (made.Name, made.Size, made.Format, made.Instance, made.MountPoint));
        Assert.Equal((HttpStatusCode.Conflict, "disk-exists"), await CodeAsync(host, "", Json(new CreateDiskRequest { Name = "data", Size = MiB, Format = "raw" })));
        Assert.Equal(2 * MiB, (await DoAsync(host, "/data/resize", Json(new DiskRequest { Size = 2 * MiB }))).Size);
        Assert.Equal((HttpStatusCode.BadRequest, "disk-shrink"), await CodeAsync(host, "/data/resize", Json(new DiskRequest { Size = MiB })));
        Assert.Equal("data", Assert.Single(await DisksAsync(host)).Name);
        await DoAsync(host, "/data/delete", Json(new DiskRequest()));
        Assert.Empty(await DisksAsync(host));
        Assert.Equal((HttpStatusCode.NotFound, "disk-not-found"), await CodeAsync(host, "/data/delete", Json(new DiskRequest())));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid"), await CodeAsync(host, "/..data/unlock", Json(new DiskRequest())));
    }

    [Fact]
    public async Task A_disk_in_use_is_kept_from_whoever_does_not_insist()
    {
        await using var host = await TestHost.StartedAsync();
        await host.Api.CreateAsync("web");
        await DoAsync(host, "", Json(new CreateDiskRequest { Name = "data", Size = MiB, Format = "raw" }));
        var directory = Path.Combine(host.Home.Path, "web");
        File.CreateSymbolicLink(Path.Combine(host.Home.Path, "_disks/data/in_use_by"), directory);
        using (new HeldImage(Path.Combine(host.Home.Path, "_disks/data/datadisk")))
        {
            Assert.Equal("web", Assert.Single(await DisksAsync(host)).Instance);
            foreach (var (path, message) in new[]
            {
                ("/data/delete", "cannot delete disk `data` in use by instance `web`"), ("/data/unlock", "cannot unlock disk `data` used by running instance `web`"),
                ("/data/resize", "cannot resize disk `data` used by running instance `web`"),
            })
            {
                var (status, body) = await SendAsync(host, path, Json(new DiskRequest { Size = 2 * MiB }));
                Assert.Equal((HttpStatusCode.Conflict, message), (status, ApiClient.Error(body).Message));
            }
        }

        Assert.Equal("", Assert.Single(await DisksAsync(host)).Instance);
        Assert.Equal(("web", directory), await DoAsync(host, "/data/unlock", Json(new DiskRequest())) is var was ? (was.Instance, was.InstanceDir) : default);
        Assert.Equal("", (await DoAsync(host, "/data/unlock", Json(new DiskRequest()))).Instance);
    }

    [Fact]
    public async Task Pruning_keeps_what_instances_lie_on_and_what_is_referred_to()
    {
        await using var host = await TestHost.StartedAsync();
        await host.Api.CreateAsync("web", ApiClient.Yaml.Replace("/nowhere/image.qcow2", "https://example.com/referred.img"));
        var (used, referred, free) = (Entry("used"), Entry("referred"), Entry("free"));
        File.CreateSymbolicLink(Path.Combine(host.Home.Path, "web/kernel"), Path.Combine(used, "data"));
        var first = await PruneAsync(new PruneRequest { KeepReferred = true });
        Assert.Equal(["https://example.com/free.img"], first.Removed.Select(i => i.Location));
        Assert.Equal(["https://example.com/used.img"], first.InUse.Select(i => i.Location));
        Assert.Empty((await PruneAsync(new PruneRequest { Keep = ["https://example.com/referred.img"] })).Removed);
        Assert.Equal(["https://example.com/referred.img"], (await PruneAsync(new PruneRequest())).Removed.Select(i => i.Location));
        Assert.Equal((true, false, false), (Directory.Exists(used), Directory.Exists(referred), Directory.Exists(free)));

        string Entry(string name)
        {
            var url = $"https://example.com/{name}.img";
            var key = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(url)));
            var entry = Directory.CreateDirectory(Path.Combine(host.CacheDirectory, "download/by-url-sha256", key)).FullName;
            File.WriteAllText(Path.Combine(entry, "url"), url);
            File.WriteAllText(Path.Combine(entry, "data"), "data");
            return entry;
        }

        async Task<PruneReply> PruneAsync(PruneRequest request)
        {
            var (status, body) = await host.Api.SendAsync(HttpMethod.Post, "/v1/images/prune", JsonSerializer.Serialize(request, ContractsJson.Default.PruneRequest));
            Assert.True(status == HttpStatusCode.OK, body);
            return JsonSerializer.Deserialize(body, ContractsJson.Default.PruneReply)!;
        }
    }

    private static string Json(CreateDiskRequest request) => JsonSerializer.Serialize(request, ContractsJson.Default.CreateDiskRequest);

    private static string Json(DiskRequest request) => JsonSerializer.Serialize(request, ContractsJson.Default.DiskRequest);

    private static async Task<IReadOnlyList<DiskView>> DisksAsync(TestHost host) => (await host.Api.GetAsync("/v1/disks", ContractsJson.Default.DiskList)).Disks;

    private static Task<(HttpStatusCode Status, string Body)> SendAsync(TestHost host, string path, string json) =>
        host.Api.SendAsync(HttpMethod.Post, "/v1/disks" + path, json);

    private static async Task<DiskView> DoAsync(TestHost host, string path, string json)
    {
        var (status, body) = await SendAsync(host, path, json);
        Assert.True(status == HttpStatusCode.OK, $"{path}: {status} {body}");
        return JsonSerializer.Deserialize(body, ContractsJson.Default.DiskView)!;
    }

    private static async Task<(HttpStatusCode Status, string Code)> CodeAsync(TestHost host, string path, string json)
    {
        var (status, body) = await SendAsync(host, path, json);
        return (status, ApiClient.Error(body).Code);
    }
}
