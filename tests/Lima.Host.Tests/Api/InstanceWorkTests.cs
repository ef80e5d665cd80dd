using System.Net;
using System.Text.Json;
using Lima.Contracts;
using Lima.Host.Tests.Support;

namespace Lima.Host.Tests.Api;

/// <summary>Edit, clone, rename, factory reset and protection, over the real socket.</summary>
public sealed class InstanceWorkTests
{
    private const string Edited = "# edited\n" + ApiClient.Yaml;

    [Fact]
    public async Task An_edit_is_written_and_seen_at_once_afterwards()
    {
        await using var host = await TestHost.StartedAsync();
        await host.Api.CreateAsync("web");
        var accepted = await WorkAsync(host, "web", Edit(Edited.Replace("cpus: 1", "cpus: 3")));
        Assert.Equal("editing", accepted.Instance.Intent);
        var told = await host.Api.AllAsync($"/v1/instances/web/follow?after={accepted.After}");
        Assert.Contains(told, t => t.Name == StreamNames.Vm && t.Event.Type == "vm.edited.v1");
        Assert.Equal(3, (await host.Api.InstanceAsync("web")).Cpus);
        Assert.StartsWith("# edited", await File.ReadAllTextAsync(Path.Combine(host.Home.Path, "web/lima.yaml")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_problem_of_a_new_configuration_is_told_and_nothing_written()
    {
        await using var host = await TestHost.StartedAsync();
        await host.Api.CreateAsync("web");
        var (status, body) = await SendAsync(host, "web", Edit(ApiClient.Yaml.Replace("cpus: 1", "cpus: -1").Replace("disk: 1GiB", "disk: 512MiB")));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        var problems = ApiClient.Error(body).Problems!;
        Assert.Contains(problems, p => p.Field == "cpus");
        Assert.Contains(problems, p => p is { Field: "disk", Line: 8, Message: "field `disk`: shrinking the disk (1GiB --> 512MiB) is not supported" });
        Assert.Equal(1, (await host.Api.InstanceAsync("web")).Cpus);
        Assert.DoesNotContain((await host.Api.AllAsync("/v1/events?after=0")), t => t.Event.Type == "vm.edit-requested.v1");
    }

    [Theory]
    [InlineData("edit", "cannot edit a running instance: `web` is Running")]
    [InlineData("clone", "cannot clone a running instance: `web` is Running")]
    [InlineData("rename", "cannot rename a running instance: `web` is Running")]
    public async Task A_running_instance_is_left_alone(string verb, string message)
    {
        await using var host = await TestHost.StartedAsync();
        await host.Api.CreateAsync("web");
        var start = await host.Api.AcceptedAsync("web", "start");
        await host.Api.AllAsync($"/v1/instances/web/follow?after={start.After}");
        var (status, body) = await SendAsync(host, "web", verb == "edit" ? Edit("not: even\n: yaml") : Name(verb, "other"));
        Assert.Equal((HttpStatusCode.Conflict, message), (status, ApiClient.Error(body).Message));
        Assert.Equal("stop it first: `limactl stop web`", ApiClient.Error(body).Hint);
    }

    [Fact]
    public async Task A_broken_instance_can_be_edited()
    {
        await using var host = await TestHost.StartedAsync();
        host.MakeDirectory("web", "cpus: nonsense\n");
        Assert.Equal("Broken", (await host.Api.InstanceAsync("web")).Status);
        var accepted = await WorkAsync(host, "web", Edit(Edited));
        await host.Api.AllAsync($"/v1/instances/web/follow?after={accepted.After}");
        Assert.Equal("Stopped", (await host.Api.InstanceAsync("web")).Status);
    }

    [Fact]
    public async Task A_clone_is_listed_and_says_that_it_is_one()
    {
        await using var host = await TestHost.StartedAsync();
        var made = await host.Api.CreateAsync("web");
        var request = Name("clone", "copy");
        var accepted = await WorkAsync(host, "web", request);
        await host.Api.AllAsync($"/v1/instances/web/follow?after={accepted.After}");
        Assert.Equal(["copy", "web"], await host.Api.NamesAsync());
        Assert.NotEqual(made.Instance.Id, (await host.Api.InstanceAsync("copy")).Id);
        var history = await host.Api.GetAsync("/v1/instances/copy/history", ContractsJson.Default.EventList);
        Assert.Equal("cloned as `copy`", history.Events[0].Text);
        // Sent again, it is the same one.
        Assert.False((await WorkAsync(host, "web", request)).Changed);
        Assert.Equal(["copy", "web"], await host.Api.NamesAsync());
    }

    [Fact]
    public async Task A_rename_keeps_identity_and_history_and_can_be_asked_for_again()
    {
        await using var host = await TestHost.StartedAsync();
        var made = await host.Api.CreateAsync("web");
        var request = Name("rename", "shop");
        var accepted = await WorkAsync(host, "web", request);
        await host.Api.AllAsync($"/v1/instances/web/follow?after={accepted.After}");
        Assert.Equal(["shop"], await host.Api.NamesAsync());
        Assert.Equal(made.Instance.Id, (await host.Api.InstanceAsync("shop")).Id);
        var again = await WorkAsync(host, "web", request);
        Assert.Equal((false, "shop"), (again.Changed, again.Instance.Name));
        var history = await host.Api.GetAsync("/v1/instances/shop/history", ContractsJson.Default.EventList);
        Assert.Contains(history.Events, e => e.Type == "vm.created.v1");
    }

    [Theory]
    [InlineData("clone")]
    [InlineData("rename")]
    public async Task Names_that_are_taken_wrong_or_the_same_are_refused(string verb)
    {
        await using var host = await TestHost.StartedAsync();
        await host.Api.CreateAsync("web");
        await host.Api.CreateAsync("other");
        Directory.CreateDirectory(Path.Combine(host.Home.Path, "folder"));
        foreach (var (name, status, message) in new[]
            {
                ("other", HttpStatusCode.Conflict, "instance `other` already exists"),
                ("folder", HttpStatusCode.Conflict, "instance `folder` already exists"),
                ("web", HttpStatusCode.Conflict, "new instance name `web` must be different from `web`"),
                ("../x", HttpStatusCode.BadRequest, "instance name `../x` is invalid"),
                (new string('x', 76), HttpStatusCode.BadRequest, "is too long for this home"),
            })
        {
            var (got, body) = await SendAsync(host, "web", Name(verb, name));
            Assert.Equal(status, got);
            Assert.Contains(message, ApiClient.Error(body).Message, StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(host, "none", Name(verb, "new"))).Status);
        Assert.Equal(["folder", "other", "web"], await host.Api.NamesAsync());
    }

    [Fact]
    public async Task Protection_is_set_seen_and_forbids_what_it_is_for()
    {
        await using var host = await TestHost.StartedAsync();
        await host.Api.CreateAsync("web");
        Assert.True((await ProtectAsync(host, "protect")).Changed);
        Assert.False((await ProtectAsync(host, "protect")).Changed);
        Assert.True((await host.Api.InstanceAsync("web")).Protected);
        foreach (var (verb, what) in new[] { ("delete", "removal"), ("factory-reset", "factory-reset") })
        {
            var (status, body) = await host.Api.CommandAsync("web", verb, force: true);
            Assert.Equal((HttpStatusCode.Conflict, "protected"), (status, ApiClient.Error(body).Code));
            Assert.Equal($"instance `web` is protected to prohibit accidental {what}", ApiClient.Error(body).Message);
            Assert.Equal("use `limactl unprotect web`", ApiClient.Error(body).Hint);
        }

        var undone = await ProtectAsync(host, "unprotect");
        Assert.Equal((true, false), (undone.Changed, undone.Instance.Protected));
        Assert.False((await ProtectAsync(host, "unprotect")).Changed);
        await host.Api.AcceptedAsync("web", "delete");
        Assert.Equal(HttpStatusCode.NotFound, (await host.Api.SendAsync(HttpMethod.Post, "/v1/instances/none/protect")).Status);
    }

    [Fact]
    public async Task A_factory_reset_stops_it_and_forgets_its_port()
    {
        await using var host = await TestHost.StartedAsync();
        await host.Api.CreateAsync("web");
        var start = await host.Api.AcceptedAsync("web", "start");
        await host.Api.AllAsync($"/v1/instances/web/follow?after={start.After}");
        await File.WriteAllTextAsync(Path.Combine(host.Home.Path, "web/disk"), "disk");
        var reset = await host.Api.AcceptedAsync("web", "factory-reset");
        await host.Api.AllAsync($"/v1/instances/web/follow?after={reset.After}");
        var view = await host.Api.InstanceAsync("web");
        Assert.Equal(("Stopped", 0, null), (view.Status, view.SshLocalPort, view.Intent));
        Assert.False(File.Exists(Path.Combine(host.Home.Path, "web/disk")));
    }

    [Fact]
    public async Task Work_goes_on_in_the_next_host()
    {
        await using var host = await TestHost.StartedAsync();
        await host.Api.CreateAsync("web");
        var (edit, reset) = (await WorkAsync(host, "web", Edit(Edited)), 0L);
        await host.StopAsync();
        await host.StartAsync();
        await host.Api.AllAsync($"/v1/instances/web/follow?after={edit.After + reset}");
        Assert.StartsWith("# edited", await File.ReadAllTextAsync(Path.Combine(host.Home.Path, "web/lima.yaml")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_configuration_says_of_parameters_is_in_the_view()
    {
        await using var host = await TestHost.StartedAsync();
        await host.Api.CreateAsync("web", ApiClient.Yaml + "param: {b: x, a: \"1\"}\nprovision:\n- mode: system\n  script: echo $PARAM_a $PARAM_b\n");
        Assert.Equal("a=1 b=x", string.Join(' ', (await host.Api.InstanceAsync("web")).Param!.Select(p => $"{p.Key}={p.Value}")));
    }

    private static (string Verb, string Body) Edit(string yaml) => ("edit", JsonSerializer.Serialize(
        new EditRequest { CommandId = Guid.NewGuid().ToString(), Yaml = yaml }, ContractsJson.Default.EditRequest));

    private static (string Verb, string Body) Name(string verb, string name) => (verb, JsonSerializer.Serialize(
        new NewNameRequest { CommandId = Guid.NewGuid().ToString(), Name = name }, ContractsJson.Default.NewNameRequest));

    private static Task<(HttpStatusCode Status, string Body)> SendAsync(TestHost host, string name, (string Verb, string Body) request) =>
        host.Api.SendAsync(HttpMethod.Post, $"/v1/instances/{name}/{request.Verb}", request.Body);

    private static async Task<Accepted> WorkAsync(TestHost host, string name, (string Verb, string Body) request)
    {
        var (status, body) = await SendAsync(host, name, request);
        Assert.True(status == HttpStatusCode.Accepted, $"{request.Verb}: {status} {body}");
        return JsonSerializer.Deserialize(body, ContractsJson.Default.Accepted)!;
    }

    private static async Task<Accepted> ProtectAsync(TestHost host, string verb)
    {
        var (status, body) = await host.Api.SendAsync(HttpMethod.Post, $"/v1/instances/web/{verb}");
        Assert.True(status == HttpStatusCode.OK, body);
        return JsonSerializer.Deserialize(body, ContractsJson.Default.Accepted)!;
    }
}
