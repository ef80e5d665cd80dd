using System.Net;
using Lima.Contracts;
using Lima.Host.Api;
using Lima.Host.Tests.Support;
using Lima.Templates;

namespace Lima.Host.Tests.Api;

/// <summary>The API of instances, over the real socket.</summary>
public sealed class InstancesTests
{
    [Fact]
    public async Task What_is_created_is_listed_shown_and_gone_after_its_deletion()
    {
        await using var host = await TestHost.StartedAsync();
        Assert.Empty(await host.Api.NamesAsync());
        var accepted = await host.Api.CreateAsync("web");
        Assert.True(accepted.Changed);
        Assert.Equal(["web"], await host.Api.NamesAsync());

        var view = await host.Api.InstanceAsync("web");
        Assert.Equal(("web", "lima-web", "Stopped", "qemu"), (view.Name, view.Hostname, view.Status, view.VmType));
        Assert.Equal((1, 256L << 20, 1L << 30), (view.Cpus, view.Memory, view.Disk));
        Assert.Equal(Path.Combine(host.Home.Path, "web"), view.Dir);
        Assert.Equal(HostFacts.StandsInFor, view.LimaVersion);
        Assert.Null(view.Errors);
        Assert.Null(view.HostAgentPid);

        await host.Api.AcceptedAsync("web", "delete");
        var told = await host.Api.AllAsync("/v1/instances/web/follow");
        Assert.Equal(StreamNames.Gone, told[^1].Name);
        Assert.Empty(await host.Api.NamesAsync());
        Assert.False(Directory.Exists(view.Dir));
        Assert.Equal(HttpStatusCode.NotFound, (await host.Api.SendAsync(HttpMethod.Get, "/v1/instances/web")).Status);
    }

    [Fact]
    public async Task A_creation_repeated_under_its_id_is_the_same_one()
    {
        await using var host = await TestHost.StartedAsync();
        var id = Guid.NewGuid().ToString();
        var all = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => host.Api.CreateAsync("web", commandId: id)));
        Assert.Equal(id, Assert.Single(all.Select(a => a.Instance.Id).Distinct()));
        Assert.Equal(["web"], await host.Api.NamesAsync());
        var (status, body) = await host.Api.TryCreateAsync("web");
        Assert.Equal((HttpStatusCode.Conflict, "instance-exists"), (status, ApiClient.Error(body).Code));
    }

    [Fact]
    public async Task A_life_with_start_pause_resume_and_stop()
    {
        await using var host = await TestHost.StartedAsync();
        await host.Api.CreateAsync("web");
        var start = await host.Api.AcceptedAsync("web", "start", commandId: "c-1");
        var told = await host.Api.AllAsync($"/v1/instances/web/follow?after={start.After}");
        Assert.Equal(StreamNames.Settled, told[^1].Name);
        Assert.Contains(told, t => t.Name == StreamNames.Vm && t.Event.Type == "vm.started.v1");
        var running = await host.Api.InstanceAsync("web");
        Assert.Equal(("Running", 60022, Environment.ProcessId), (running.Status, running.SshLocalPort, running.HostAgentPid));
        Assert.NotNull(running.DriverPid);
        Assert.False((await host.Api.AcceptedAsync("web", "start", commandId: "c-1")).Changed);

        Assert.Equal("Paused", await SettledAsync(host, "pause"));
        Assert.Equal("Running", await SettledAsync(host, "resume"));
        Assert.Equal(HttpStatusCode.Conflict, (await host.Api.CommandAsync("web", "delete")).Status);
        Assert.Equal("Running", await SettledAsync(host, "restart"));
        Assert.Equal("Stopped", await SettledAsync(host, "stop"));
        Assert.Equal(HttpStatusCode.Conflict, (await host.Api.CommandAsync("web", "pause")).Status);
        Assert.Equal(0, host.Hypervisor.Doubled);
    }

    private static async Task<string> SettledAsync(TestHost host, string verb)
    {
        var accepted = await host.Api.AcceptedAsync("web", verb);
        var last = (await host.Api.AllAsync($"/v1/instances/web/follow?after={accepted.After}"))[^1];
        Assert.Equal(StreamNames.Settled, last.Name);
        return System.Text.Json.JsonSerializer.Deserialize(last.Data, ContractsJson.Default.InstanceView)!.Status;
    }

    [Fact]
    public async Task Directories_made_and_removed_by_hand_are_noticed()
    {
        await using var host = await TestHost.StartedAsync();
        Assert.Empty(await host.Api.NamesAsync());
        // Made in two steps, with a look in between.
        var directory = Path.Combine(host.Home.Path, "found");
        Directory.CreateDirectory(directory);
        Assert.Equal("Broken", (await host.Api.InstanceAsync("found")).Status);
        File.WriteAllText(Path.Combine(directory, "lima.yaml"), ApiClient.Yaml);
        Assert.Equal("Stopped", (await host.Api.InstanceAsync("found")).Status);
        Directory.Move(directory, Path.Combine(host.Home.Path, "moved"));
        Assert.Equal(["moved"], await host.Api.NamesAsync());
        Assert.Equal("Stopped", (await host.Api.InstanceAsync("moved")).Status);
        Directory.Delete(Path.Combine(host.Home.Path, "moved"), recursive: true);
        Assert.Empty(await host.Api.NamesAsync());
    }

    [Fact]
    public async Task Requests_that_come_together_share_a_look_at_the_directories()
    {
        await using var host = await TestHost.StartedAsync();
        host.MakeDirectory("found");
        var gate = new TaskCompletionSource();
        host.ScanGate = gate.Task;
        var before = host.Scans;
        var lists = Enumerable.Range(0, 20).Select(_ => host.Api.NamesAsync()).ToList();
        await Eventually.TrueAsync(() => host.Scans > before);
        await Task.Delay(300);
        gate.SetResult();
        Assert.All(await Task.WhenAll(lists), names => Assert.Equal(["found"], names));
        Assert.InRange(host.Scans - before, 1, 10);
    }

    [Fact]
    public async Task A_configuration_that_cannot_be_used_makes_it_broken_and_it_can_be_deleted()
    {
        await using var host = await TestHost.StartedAsync();
        host.MakeDirectory("wrong", "cpus: many\nimages: []\n");
        host.MakeDirectory("garbage", "\u0001\u0002{[");
        var wrong = await host.Api.InstanceAsync("wrong");
        Assert.Equal("Broken", wrong.Status);
        Assert.Contains("lima.yaml:1:", Assert.Single(wrong.Errors!, e => e.Contains("cpus", StringComparison.Ordinal)), StringComparison.Ordinal);
        var garbage = await host.Api.InstanceAsync("garbage");
        Assert.Equal("Broken", garbage.Status);
        Assert.NotEmpty(garbage.Errors!);
        Assert.Equal(2, (await host.Api.HostAsync()).Instances["Broken"]);

        await host.Api.AcceptedAsync("wrong", "delete");
        await host.Api.AllAsync("/v1/instances/wrong/follow");
        Assert.Equal(["garbage"], await host.Api.NamesAsync());
    }

    [Fact]
    public async Task A_directory_that_cannot_be_used_is_shown_as_broken_and_hides_no_other()
    {
        await using var host = await TestHost.StartedAsync();
        await host.Api.CreateAsync("web");
        var directory = host.MakeDirectory("bad");
        // A directory in the identity's place can neither be read nor replaced, by root neither.
        Directory.CreateDirectory(Path.Combine(directory.IdFile, "x"));
        Assert.Equal(["bad", "web"], await host.Api.NamesAsync());
        var bad = await host.Api.InstanceAsync("bad");
        Assert.Equal(("Broken", "", directory.Path), (bad.Status, bad.Id, bad.Dir));
        var problem = Assert.Single(bad.Errors!);
        Assert.Equal(1, (await host.Api.HostAsync()).Instances["Broken"]);
        foreach (var verb in new[] { "start", "stop", "delete" })
        {
            var (status, body) = await host.Api.CommandAsync("bad", verb);
            Assert.Equal((HttpStatusCode.Conflict, "refused"), (status, ApiClient.Error(body).Code));
            Assert.Equal($"instance `bad` has errors: {problem}", ApiClient.Error(body).Message);
        }

        Directory.Delete(directory.IdFile, recursive: true);
        Assert.Equal("Stopped", (await host.Api.InstanceAsync("bad")).Status);
    }

    [Fact]
    public async Task A_protected_instance_stays()
    {
        await using var host = await TestHost.StartedAsync();
        await host.Api.CreateAsync("web");
        File.WriteAllText(Path.Combine(host.Home.Path, "web", "protected"), "");
        Assert.True((await host.Api.InstanceAsync("web")).Protected);
        var (status, body) = await host.Api.CommandAsync("web", "delete", force: true);
        Assert.Equal((HttpStatusCode.Conflict, "protected"), (status, ApiClient.Error(body).Code));
        Assert.Equal(["web"], await host.Api.NamesAsync());
    }

    [Fact]
    public async Task An_instance_that_another_program_runs_is_shown_and_left_alone()
    {
        await using var host = await TestHost.StartedAsync();
        var directory = host.MakeDirectory("theirs");
        // Any living process whose words are those of a host agent.
        using var agent = System.Diagnostics.Process.Start("/bin/sh", ["-c", "sleep 300; exit 0", "hostagent", "theirs"]);
        try
        {
            File.WriteAllText(Path.Combine(directory.Path, "ha.pid"), $"{agent.Id}\n");
            await Eventually.TrueAsync(async () => (await host.Api.InstanceAsync("theirs")).Status == "Running");
            var view = await host.Api.InstanceAsync("theirs");
            Assert.Equal((agent.Id, "foreign"), (view.HostAgentPid, view.Cause?.Code));
            foreach (var verb in new[] { "start", "stop", "restart", "pause", "resume", "delete" })
            {
                var (status, body) = await host.Api.CommandAsync("theirs", verb, force: true);
                Assert.Equal((HttpStatusCode.Conflict, "foreign"), (status, ApiClient.Error(body).Code));
            }

            Assert.Equal(1, (await host.Api.HostAsync()).Instances["Running"]);
        }
        finally
        {
            agent.Kill(entireProcessTree: true);
            await agent.WaitForExitAsync();
        }

        Assert.Equal("Stopped", (await host.Api.InstanceAsync("theirs")).Status);
        Assert.Equal(0, host.Hypervisor.Launches);
    }
}
