using Lima.Host.Api;
using Microsoft.AspNetCore.Http;

namespace Lima.Host.Tests.Api;

public sealed class ConfigurationTurnsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly ConfigurationTurns _turns = new(name => name != "unknown");
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Changes_of_one_instance_follow_each_other_and_others_do_not_wait()
    {
        var order = new List<string>();
        var first = _turns.TakeAsync("web", () => DoAsync("first", _first.Task));
        var second = _turns.TakeAsync("web", () => DoAsync("second", Task.CompletedTask));
        await _turns.TakeAsync("db", () => DoAsync("other", Task.CompletedTask)).WaitAsync(Patience);
        Assert.Equal(["first begins", "other begins", "other ends"], order);
        _first.SetResult();
        await Task.WhenAll(first, second).WaitAsync(Patience);
        Assert.Equal(["first begins", "other begins", "other ends", "first ends", "second begins", "second ends"], order);

        async Task<IResult> DoAsync(string name, Task until)
        {
            order.Add(name + " begins");
            await until;
            order.Add(name + " ends");
            return Results.Ok();
        }
    }

    [Fact]
    public async Task A_change_that_fails_ends_its_turn()
    {
        await Assert.ThrowsAsync<IOException>(() => _turns.TakeAsync("web", () => throw new IOException("no")));
        await _turns.TakeAsync("web", () => Task.FromResult(Results.Ok())).WaitAsync(Patience);
    }

    [Fact]
    public async Task What_is_no_instance_waits_for_nobody()
    {
        var hanging = _turns.TakeAsync("unknown", async () =>
        {
            await _first.Task;
            return Results.Ok();
        });
        await _turns.TakeAsync("unknown", () => Task.FromResult(Results.NotFound())).WaitAsync(Patience);
        _first.SetResult();
        await hanging.WaitAsync(Patience);
    }
}
