using Lima.Actors.PortForwarding;
using Lima.Actors.Vms;
using Lima.Contracts;
using Lima.Host.Journal;

namespace Lima.Host.Api;

/// <summary>History, the stream of all events, and following one instance until it is settled.</summary>
internal sealed class EventEndpoints(
    JournalReader journal, VmReadModel model, EventFeed feed, HomeWatch watch, InstanceFollow follow, IHostApplicationLifetime lifetime)
{
    /// <summary>Most events of a history; of a longer one the newest.</summary>
    public const int HistoryMax = 10_000;

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/instances/{name}/history", HistoryAsync);
        app.MapGet("/v1/events", (HttpContext context, long after = 0, bool follow = false, string? instance = null, bool progress = false) => EventsAsync(context, after, follow, instance, progress));
        app.MapGet("/v1/instances/{name}/follow", (HttpContext context, string name, long after = 0) => FollowAsync(context, name, after));
    }

    private async Task<IResult> HistoryAsync(string name)
    {
        await watch.RescanIfChangedAsync();
        var ids = model.Views.TryGetValue(name, out var view) ? [view.Id.PersistenceId] : journal.IdsOf(name);
        if (ids.Count == 0) return Replies.Error("instance-not-found", $"no instance was ever called `{name}`", "see `limactl list`");
        var events = new Queue<EventView>();
        var names = new EventNames(journal, model);
        foreach (var id in ids)
        {
            long after = 0;
            for (var page = journal.After(after, id); page.Count > 0; page = journal.After(after, id))
            {
                foreach (var row in page)
                {
                    after = row.Sequence;
                    events.Enqueue(EventTexts.View(row, names.Of(row)));
                    if (events.Count > HistoryMax) events.Dequeue();
                }
            }
        }

        return Replies.Ok(new EventList([.. events]));
    }

    private async Task EventsAsync(HttpContext context, long after, bool isFollowed, string? instance, bool withProgress)
    {
        await watch.RescanIfChangedAsync();
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        using var subscription = feed.Follow();
        // A number that no event has yet was counted in a journal that has been lost since: all that is now is news.
        if (after > journal.Newest()) after = 0;
        var stream = new ServerSentEvents(context.Response);
        await stream.BeginAsync(ends.Token);
        var names = new EventNames(journal, model);
        try
        {
            while (true)
            {
                after = await SendAfterAsync(stream, after, instance, names, ends.Token);
                if (!isFollowed) return;
                // What is not stored is passed on as it comes; anything else is looked up in the journal.
                while (await stream.NextAsync(subscription.News, ends.Token) is { } news && await PassAsync(stream, news, after, instance, withProgress, ends.Token))
                {
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The client has gone, or the host is ending.
        }
    }

    /// <summary>False for news of a stored event.</summary>
    private static async Task<bool> PassAsync(ServerSentEvents stream, object news, long after, string? instance, bool withProgress, CancellationToken cancel)
    {
        switch (news)
        {
            case VmProgress progress:
                if (withProgress && (instance is null || instance == progress.Name)) await stream.SendAsync(StreamNames.Progress, InstanceFollow.View(progress), cancel);
                return true;
            case PortForwardNews port:
                if (instance is null || instance == port.Name) await stream.SendAsync(StreamNames.Port, PortViews.Of(port, after), cancel);
                return true;
            default:
                return false;
        }
    }

    private async Task<long> SendAfterAsync(ServerSentEvents stream, long after, string? instance, EventNames names, CancellationToken cancel)
    {
        for (var page = journal.After(after); page.Count > 0; page = journal.After(after))
        {
            foreach (var row in page)
            {
                after = row.Sequence;
                var name = names.Of(row);
                if (instance is null || instance == name) await stream.SendAsync(StreamNames.Vm, EventTexts.View(row, name), cancel, row.Sequence);
            }
        }

        return after;
    }

    private async Task FollowAsync(HttpContext context, string name, long after)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        using var subscription = feed.Follow();
        await watch.RescanIfChangedAsync();
        var stream = new ServerSentEvents(context.Response);
        await stream.BeginAsync(ends.Token);
        try
        {
            await follow.RunAsync(stream, subscription, name, after, ends.Token);
        }
        catch (OperationCanceledException)
        {
            // The client has gone, or the host is ending.
        }
    }
}

/// <summary>The names that VMs had at their events; they change only by the events themselves.</summary>
internal sealed class EventNames(JournalReader journal, VmReadModel model)
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    /// <summary>The name at that row; rows come in order.</summary>
    public string Of(JournalRow row)
    {
        if (row.Manifest is "vm.created.v1" or "vm.renamed.v1") return _names[row.PersistenceId] = row.Json.GetProperty("name").GetString() ?? "";
        if (_names.TryGetValue(row.PersistenceId, out var name)) return name;
        var current = model.Views.Values.FirstOrDefault(v => v.Id.PersistenceId == row.PersistenceId)?.State.Name;
        return _names[row.PersistenceId] = current ?? journal.FirstName(row.PersistenceId) ?? "";
    }
}
