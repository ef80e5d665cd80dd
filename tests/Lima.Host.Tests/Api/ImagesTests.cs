using System.Net;
using System.Text.Json;
using Lima.Contracts;
using Lima.Domain.Vms;
using Lima.Host.Tests.Support;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Host.Tests.Api;

/// <summary>The image store over HTTP.</summary>
public sealed class ImagesTests(ITestOutputHelper output)
{
    private const string Location = "https://images.example/one.qcow2";

    [Fact]
    public async Task Images_and_recipes_are_listed()
    {
        await using var host = await TestHost.StartedAsync();
        var recipe = Directory.CreateDirectory(Path.Combine(host.Options.ShareDirectory, "images", "tiny"));
        File.WriteAllText(Path.Combine(recipe.FullName, "build"), "");
        Directory.CreateDirectory(Path.Combine(host.Options.ShareDirectory, "images", "shared"));
        PutImage(host, [1, 2, 3]);
        var list = await host.Api.GetAsync("/v1/images", ContractsJson.Default.ImageList);
        Assert.Equal(["tiny"], list.Recipes);
        Assert.Equal(Location, Assert.Single(list.Images).Location);
        Assert.Equal(HttpStatusCode.OK, (await RemoveAsync(host, Location)).Status);
        Assert.Empty((await host.Api.GetAsync("/v1/images", ContractsJson.Default.ImageList)).Images);
        Assert.Equal(HttpStatusCode.NotFound, (await RemoveAsync(host, Location)).Status);
    }

    [Fact]
    public async Task An_image_beneath_a_disk_stays_until_the_instance_is_gone()
    {
        if (!Need.Programs(output, "qemu-img")) return;
        await using var host = await TestHost.StartedAsync();
        var data = PutImage(host, new byte[1 << 20]);
        await host.Api.CreateAsync("web");
        await host.Api.CreateAsync("other");
        var disk = host.Home.Instance(VmName.Parse("web")).Disk;
        await Run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", data, disk);

        foreach (var name in new[] { Location, Path.GetFileName(Path.GetDirectoryName(data)!) })
        {
            var (status, body) = await RemoveAsync(host, name);
            Assert.Equal((HttpStatusCode.Conflict, "image-in-use"), (status, ApiClient.Error(body).Code));
            Assert.Contains("base of the disk of instance `web`", ApiClient.Error(body).Message, StringComparison.Ordinal);
        }

        Assert.True(File.Exists(data));
        await host.Api.AcceptedAsync("web", "delete");
        await host.Api.AllAsync("/v1/instances/web/follow");
        Assert.Equal(HttpStatusCode.OK, (await RemoveAsync(host, Location)).Status);
        Assert.False(File.Exists(data));
    }

    [Fact]
    public async Task An_image_whose_kernel_is_used_stays()
    {
        await using var host = await TestHost.StartedAsync();
        var data = PutImage(host, [1]);
        await host.Api.CreateAsync("web");
        File.CreateSymbolicLink(host.Home.Instance(VmName.Parse("web")).Kernel, data);
        var (status, body) = await RemoveAsync(host, Location);
        Assert.Equal((HttpStatusCode.Conflict, "image-in-use"), (status, ApiClient.Error(body).Code));
        Assert.Contains("kernel of instance `web`", ApiClient.Error(body).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pull_that_fails_says_why()
    {
        await using var host = await TestHost.StartedAsync();
        var (status, body) = await host.Api.SendAsync(HttpMethod.Post, "/v1/images/pull", """{"location":"/nowhere/image.qcow2"}""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("event: failed", body, StringComparison.Ordinal);
        Assert.Contains("/nowhere/image.qcow2", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pull_of_a_file_that_is_there_is_done_at_once()
    {
        await using var host = await TestHost.StartedAsync();
        var image = Path.Combine(host.Options.ShareDirectory, "disk.raw");
        File.WriteAllBytes(image, new byte[1 << 20]);
        var (_, body) = await host.Api.SendAsync(HttpMethod.Post, "/v1/images/pull", JsonSerializer.Serialize(new PullRequest(image), ContractsJson.Default.PullRequest));
        Assert.Contains("event: done", body, StringComparison.Ordinal);
        Assert.Contains(image, body, StringComparison.Ordinal);
    }

    private static Task<(HttpStatusCode Status, string Body)> RemoveAsync(TestHost host, string location) =>
        host.Api.SendAsync(HttpMethod.Post, "/v1/images/remove", JsonSerializer.Serialize(new PullRequest(location), ContractsJson.Default.PullRequest));

    /// <summary>An entry of the cache as a download leaves it.</summary>
    private static string PutImage(TestHost host, byte[] content)
    {
        var key = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Location)));
        var entry = Directory.CreateDirectory(Path.Combine(host.CacheDirectory, "download", "by-url-sha256", key)).FullName;
        File.WriteAllText(Path.Combine(entry, "url"), Location);
        File.WriteAllBytes(Path.Combine(entry, "data"), content);
        return Path.Combine(entry, "data");
    }

    private static async Task Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
