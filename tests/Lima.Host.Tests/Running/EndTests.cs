using System.Net;
using Lima.Contracts;
using Lima.Host.Tests.Support;

namespace Lima.Host.Tests.Running;

/// <summary>How the real program ends, by order and by force, and what is there afterwards.</summary>
public sealed class EndTests : IDisposable
{
    private readonly HostBinary _host = new();

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_ends_it_soon_though_clients_follow(string signal)
    {
        var process = await _host.ServingAsync();
        await _host.Api.CreateAsync("web");
        var heard = new TaskCompletionSource();
        var following = Task.Run(async () =>
        {
            var count = 0;
            await foreach (var _ in _host.Api.StreamAsync("/v1/events?follow=true"))
            {
                count++;
                heard.TrySetResult();
            }

            return count;
        });
        await heard.Task.WaitAsync(TimeSpan.FromSeconds(60));
        HostBinary.Signal(process, signal);
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(0, process.ExitCode);
        Assert.False(File.Exists(_host.Home.ApiSocket));
        Assert.False(File.Exists(_host.Home.JournalFile + "-wal"));
        Assert.Equal(1, await following);
    }

    [Fact]
    public async Task A_new_one_started_while_the_old_one_ends_takes_over()
    {
        var old = await _host.ServingAsync();
        await _host.Api.CreateAsync("web");
        for (var i = 0; i < 3; i++)
        {
            HostBinary.Signal(old, "TERM");
            // The command that comes next starts a host at once if it cannot connect.
            await Eventually.TrueAsync(() => !File.Exists(_host.Home.ApiSocket));
            var next = await _host.ServingAsync();
            Assert.NotEqual(old.Id, next.Id);
            Assert.Equal(["web"], await _host.Api.NamesAsync());
            old = next;
        }
    }

    [Fact]
    public async Task What_was_acknowledged_survives_a_kill_at_the_next_instant()
    {
        for (var i = 0; i < 6; i++)
        {
            var process = await _host.ServingAsync();
            var expected = Enumerable.Range(0, i).Select(n => $"vm{n}");
            Assert.Equal(expected, await _host.Api.NamesAsync());
            var accepted = await _host.Api.CreateAsync($"vm{i}");
            await HostBinary.KillAsync(process);
            Assert.Equal(1, accepted.Instance.Sequence);
        }

        await _host.ServingAsync();
        Assert.Equal(6, (await _host.Api.NamesAsync()).Count);
        var events = await _host.Api.AllAsync("/v1/events");
        Assert.Equal(Enumerable.Range(0, 6).Select(n => ($"vm{n}", "vm.created.v1")), events.Select(e => (e.Event.Instance, e.Event.Type)));
        Assert.Empty((await _host.Api.HostAsync()).Notices);
    }

    [Fact]
    public async Task A_kill_in_the_middle_of_many_commands_leaves_whole_instances_only()
    {
        for (var round = 0; round < 3; round++)
        {
            var process = await _host.ServingAsync();
            var acknowledged = new System.Collections.Concurrent.ConcurrentBag<string>();
            var work = Enumerable.Range(0, 20).Select(async n =>
            {
                try
                {
                    await _host.Api.CreateAsync($"r{round}-{n}");
                    acknowledged.Add($"r{round}-{n}");
                }
                catch (HttpRequestException)
                {
                    // Never answered: it may be there or not.
                }
            }).ToList();
            await Eventually.TrueAsync(() => acknowledged.Count >= 3);
            await HostBinary.KillAsync(process);
            await Task.WhenAll(work);

            process = await _host.ServingAsync();
            var names = await _host.Api.NamesAsync();
            Assert.Empty(acknowledged.Except(names));
            foreach (var name in names) Assert.Null((await _host.Api.InstanceAsync(name)).Errors);
            Assert.Empty(Directory.GetDirectories(_host.Home.HostDirectory, "new-*"));
            await HostBinary.KillAsync(process);
        }
    }

    [Fact]
    public async Task A_host_whose_socket_or_lock_is_removed_ends_so_that_a_new_one_can_serve()
    {
        foreach (var file in new[] { _host.Home.ApiSocket, _host.Home.LockFile, _host.Home.HostDirectory })
        {
            var process = await _host.ServingAsync();
            if (Directory.Exists(file)) Directory.Delete(file, recursive: true);
            else File.Delete(file);
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(90));
            Assert.Equal(0, process.ExitCode);
        }

        await _host.ServingAsync();
    }

    [Theory]
    [InlineData("removed")]
    [InlineData("replaced")]
    [InlineData("empty")]
    [InlineData("cut")]
    [InlineData("garbage")]
    public async Task A_journal_harmed_under_it_is_answered_once_and_rebuilt_by_the_next(string kind)
    {
        var process = await _host.ServingAsync();
        await _host.Api.CreateAsync("web");
        await _host.Api.CreateAsync("db");
        var id = (await _host.Api.InstanceAsync("web")).Id;
        Harm(kind);
        // The look of every few seconds may have come before this request.
        try
        {
            var (status, body) = await _host.Api.SendAsync(HttpMethod.Get, "/v1/instances");
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "host-restarting"), (status, ApiClient.Error(body).Code));
        }
        catch (HttpRequestException)
        {
            Assert.True(process.HasExited || !File.Exists(_host.Home.ApiSocket));
        }

        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(90));
        Assert.Equal(0, process.ExitCode);

        await _host.ServingAsync();
        Assert.Equal(["db", "web"], await _host.Api.NamesAsync());
        Assert.Equal((id, "Stopped"), ((await _host.Api.InstanceAsync("web")).Id, (await _host.Api.InstanceAsync("web")).Status));
        Assert.Contains("event journal", Assert.Single((await _host.Api.HostAsync()).Notices), StringComparison.Ordinal);
        Assert.Equal(kind == "removed" ? 0 : 1, Directory.GetFiles(_host.Home.HostDirectory, "journal.db.damaged-*").Count(f => !f.EndsWith("-wal", StringComparison.Ordinal) && !f.EndsWith("-shm", StringComparison.Ordinal)));
        var told = await _host.Api.AllAsync("/v1/instances/web/follow?after=50");
        Assert.Equal(StreamNames.Settled, told[^1].Name);
        await _host.Api.CreateAsync("third");
    }

    private void Harm(string kind)
    {
        var path = _host.Home.JournalFile;
        switch (kind)
        {
            case "removed":
                File.Delete(path);
                return;
            case "replaced":
                File.WriteAllText(path + ".other", "this is another file");
                File.Move(path + ".other", path, overwrite: true);
                return;
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        if (kind == "garbage") file.Write(Enumerable.Repeat((byte)'x', 100_000).ToArray());
        else file.SetLength(kind == "empty" ? 0 : file.Length / 2);
    }
}
