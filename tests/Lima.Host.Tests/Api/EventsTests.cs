using System.Text.Json;
using Lima.Actors.PortForwarding;
using Lima.Contracts;
using Lima.Host.Tests.Support;

namespace Lima.Host.Tests.Api;

/// <summary>Events, history and following.</summary>
public sealed class EventsTests
{
    [Fact]
    public async Task All_events_come_in_order_and_from_any_place()
    {
        await using var host = await TestHost.StartedAsync();
        Assert.Equal(0, (await host.Api.HostAsync()).NewestEvent);
        await host.Api.CreateAsync("a");
        await host.Api.CreateAsync("b");
        var all = await host.Api.AllAsync("/v1/events");
        Assert.Equal(["a", "b"], all.Select(e => e.Event.Instance));
        Assert.All(all, e => Assert.Equal(("vm.created.v1", e.Event.Sequence.ToString()), (e.Event.Type, e.Id)));
        Assert.Equal(["b"], (await host.Api.AllAsync($"/v1/events?after={all[0].Id}")).Select(e => e.Event.Instance));
        Assert.Equal(["b"], (await host.Api.AllAsync("/v1/events?instance=b")).Select(e => e.Event.Instance));
        Assert.Empty(await host.Api.AllAsync($"/v1/events?after={(await host.Api.HostAsync()).NewestEvent}"));
        Assert.Empty(await host.Api.AllAsync("/v1/events?instance=none"));
    }

    [Fact]
    public async Task A_number_counted_in_a_lost_journal_begins_with_what_is_now()
    {
        await using var host = await TestHost.StartedAsync();
        await host.Api.CreateAsync("a");
        Assert.Equal(["a"], (await host.Api.AllAsync("/v1/events?after=1000000")).Select(e => e.Event.Instance));
    }

    [Fact]
    public async Task A_follower_sees_what_happens_and_may_leave()
    {
        await using var host = await TestHost.StartedAsync();
        using var leave = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var seen = new List<string>();
        var following = Task.Run(async () =>
        {
            await foreach (var sent in host.Api.StreamAsync("/v1/events?follow=true", leave.Token))
            {
                lock (seen) seen.Add(sent.Event.Instance);
            }
        });
        for (var i = 0; i < 5; i++) await host.Api.CreateAsync($"vm{i}");
        await Eventually.TrueAsync(() =>
        {
            lock (seen) return seen.Count == 5;
        });
        Assert.Equal(["vm0", "vm1", "vm2", "vm3", "vm4"], seen);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
        Assert.Equal(5, (await host.Api.NamesAsync()).Count);
    }

    [Fact]
    public async Task What_happens_to_forwards_is_told_as_it_happens_and_breaks_no_numbering()
    {
        await using var host = await TestHost.StartedAsync();
        await host.Api.CreateAsync("a");
        using var leave = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var seen = new List<Sent>();
        var following = Task.Run(async () =>
        {
            await foreach (var sent in host.Api.StreamAsync("/v1/events?follow=true&instance=a", leave.Token))
            {
                lock (seen) seen.Add(sent);
            }
        });
        await Eventually.TrueAsync(() => Count() == 1);
        var id = new Domain.Vms.VmId(seen[0].Event.Id);
        foreach (var type in new[] { "forwarding", "stopped", "not-forwarding", "failed" })
            host.System.EventStream.Publish(new PortForwardNews(id, "a", DateTimeOffset.UnixEpoch, type, "tcp", "127.0.0.1:80", type == "not-forwarding" ? "" : "127.0.0.1:8080", type == "failed" ? "in use" : ""));
        host.System.EventStream.Publish(new PortForwardNews(id, "other", DateTimeOffset.UnixEpoch, "stopped", "tcp", "127.0.0.1:80", "127.0.0.1:8080", ""));
        await host.Api.AcceptedAsync("a", "delete");
        await Eventually.TrueAsync(() => Count() >= 7);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
        Assert.Equal(
            [
                "Forwarding TCP from 127.0.0.1:80 to 127.0.0.1:8080", "Stopping forwarding TCP from 127.0.0.1:80 to 127.0.0.1:8080",
                "Not forwarding TCP 127.0.0.1:80", "Failed to forward TCP from 127.0.0.1:80 to 127.0.0.1:8080: in use",
            ],
            seen.Where(s => s.Name == StreamNames.Port).Select(s => s.Event.Text));
        // None has a number of its own: who resumes behind it gets what is stored after that, once.
        var port = seen.First(s => s.Name == StreamNames.Port);
        Assert.Equal((null, seen[0].Event.Sequence, "port.forwarding"), (port.Id, port.Event.Sequence, port.Event.Type));
        Assert.Equal(["vm.delete-requested.v1", "vm.deleted.v1"], (await host.Api.AllAsync($"/v1/events?after={port.Event.Sequence}")).Select(e => e.Event.Type));

        int Count()
        {
            lock (seen) return seen.Count;
        }
    }

    [Fact]
    public async Task A_stream_ends_with_the_host_and_does_not_keep_it()
    {
        await using var host = await TestHost.StartedAsync();
        await host.Api.CreateAsync("a");
        var following = host.Api.AllAsync("/v1/events?follow=true");
        await Task.Delay(200);
        Assert.Equal(System.Net.HttpStatusCode.Accepted, (await host.Api.SendAsync(HttpMethod.Post, "/v1/host/shutdown")).Status);
        Assert.Equal(0, await host.Ended.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Single(await following);
        Assert.False(File.Exists(host.Home.ApiSocket));
    }

    [Fact]
    public async Task History_tells_of_the_living_and_of_those_that_are_gone_by_the_name_of_then()
    {
        await using var host = await TestHost.StartedAsync();
        await host.Api.CreateAsync("old");
        Directory.Move(Path.Combine(host.Home.Path, "old"), Path.Combine(host.Home.Path, "new"));
        Assert.Equal(["new"], await host.Api.NamesAsync());
        await Eventually.TrueAsync(async () => (await host.Api.InstanceAsync("new")).Sequence == 2);
        var history = (await host.Api.GetAsync("/v1/instances/new/history", ContractsJson.Default.EventList)).Events;
        Assert.Equal([("vm.created.v1", "old"), ("vm.renamed.v1", "new")], history.Select(e => (e.Type, e.Instance)));

        await host.Api.AcceptedAsync("new", "delete");
        await host.Api.AllAsync("/v1/instances/new/follow");
        foreach (var name in new[] { "old", "new" })
        {
            var gone = (await host.Api.GetAsync($"/v1/instances/{name}/history", ContractsJson.Default.EventList)).Events;
            Assert.Equal(["vm.created.v1", "vm.renamed.v1", "vm.delete-requested.v1", "vm.deleted.v1"], gone.Select(e => e.Type));
        }

        await host.Api.CreateAsync("new");
        Assert.Equal(["vm.created.v1"], (await host.Api.GetAsync("/v1/instances/new/history", ContractsJson.Default.EventList)).Events.Select(e => e.Type));
    }

    [Fact]
    public async Task Following_one_that_is_not_there_says_so()
    {
        await using var host = await TestHost.StartedAsync();
        Assert.Equal(StreamNames.Gone, Assert.Single(await host.Api.AllAsync("/v1/instances/none/follow")).Name);
    }

    [Theory]
    [InlineData(-5)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_000_000)]
    public async Task Following_an_idle_one_ends_at_once_whatever_the_client_counted(long after)
    {
        await using var host = await TestHost.StartedAsync();
        await host.Api.CreateAsync("a");
        var told = await host.Api.AllAsync($"/v1/instances/a/follow?after={after}");
        Assert.Equal(StreamNames.Settled, told[^1].Name);
        Assert.Equal(after <= 0 ? 2 : 1, told.Count);
    }

    [Fact]
    public async Task A_start_is_followed_with_its_progress_to_its_failure()
    {
        await using var host = await TestHost.StartedAsync();
        var gate = new TaskCompletionSource();
        host.Preparer.Work = async cancel =>
        {
            await gate.Task.WaitAsync(cancel);
            throw new Drivers.DriverException("image-gone", "fetching", "there is no image", "name another");
        };
        await host.Api.CreateAsync("a");
        var start = await host.Api.AcceptedAsync("a", "start");
        Assert.Equal("Starting", start.Instance.Status);
        var following = host.Api.AllAsync($"/v1/instances/a/follow?after={start.After}");
        await Task.Delay(200);
        Assert.False(following.IsCompleted);
        gate.SetResult();
        var told = await following;
        var settled = JsonSerializer.Deserialize(told[^1].Data, ContractsJson.Default.InstanceView)!;
        Assert.Equal(("Error", "image-gone", "name another"), (settled.Status, settled.Cause?.Code, settled.Cause?.Hint));
        Assert.Contains(told, t => t.Name == StreamNames.Vm && t.Event.Text.Contains("there is no image", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_slow_deletion_is_followed_to_its_end()
    {
        await using var host = await TestHost.StartedAsync();
        var gate = new TaskCompletionSource();
        host.RemovalGate = gate.Task;
        await host.Api.CreateAsync("a");
        var delete = await host.Api.AcceptedAsync("a", "delete");
        var following = host.Api.AllAsync($"/v1/instances/a/follow?after={delete.After}");
        await Task.Delay(500);
        Assert.False(following.IsCompleted);
        gate.SetResult();
        Assert.Equal(StreamNames.Gone, (await following)[^1].Name);
    }

    [Fact]
    public async Task A_story_longer_than_a_page_is_told_whole()
    {
        await using var host = await TestHost.StartedAsync();
        await host.Api.CreateAsync("a");
        await host.Api.AcceptedAsync("a", "start");
        Assert.Equal(StreamNames.Settled, (await host.Api.AllAsync("/v1/instances/a/follow"))[^1].Name);
        for (long after = 0; after <= Lima.Host.Journal.JournalReader.PageMax;)
        {
            foreach (var verb in new[] { "pause", "resume" })
            {
                after = (await host.Api.AcceptedAsync("a", verb)).After;
                await host.Api.AllAsync($"/v1/instances/a/follow?after={after}");
            }
        }

        var last = (await host.Api.InstanceAsync("a")).Sequence;
        var told = await host.Api.AllAsync("/v1/instances/a/follow?after=0");
        Assert.Equal((last, StreamNames.Settled), (told.Count(t => t.Name == StreamNames.Vm), told[^1].Name));
        Assert.Equal(last, (await host.Api.GetAsync("/v1/instances/a/history", ContractsJson.Default.EventList)).Events.Count);
        Assert.Equal(last, (await host.Api.AllAsync("/v1/events")).Count);
    }

    [Fact]
    public async Task Ten_followers_of_a_deletion_all_hear_of_it()
    {
        await using var host = await TestHost.StartedAsync();
        await host.Api.CreateAsync("a");
        await host.Api.AcceptedAsync("a", "start");
        Assert.Equal(StreamNames.Settled, (await host.Api.AllAsync("/v1/instances/a/follow"))[^1].Name);
        var delete = await host.Api.AcceptedAsync("a", "delete", force: true);
        var ends = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => host.Api.AllAsync($"/v1/instances/a/follow?after={delete.After}")));
        Assert.All(ends, told => Assert.Equal(StreamNames.Gone, told[^1].Name));
        Assert.Empty(await host.Api.NamesAsync());
    }
}
