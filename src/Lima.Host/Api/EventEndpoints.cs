using Lima.Actors.Vms;
using Lima.Contracts;
using Lima.Domain.Vms;
using Lima.Host.Journal;

namespace Lima.Host.Api;

/// <summary>History, the stream of all events, and following one instance until it is settled.</summary>
internal sealed class EventEndpoints(JournalReader journal, VmReadModel model, EventFeed feed, Views views, HomeWatch watch, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan ModelLag = TimeSpan.FromMilliseconds(200);

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/instances/{name}/history", HistoryAsync);
        app.MapGet("/v1/events", (HttpContext context, long after = 0, bool follow = false, string? instance = null) => EventsAsync(context, after, follow, instance));
        app.MapGet("/v1/instances/{name}/follow", (HttpContext context, string name, long after = 0) => FollowNamedAsync(context, name, after));
    }

    private async Task<IResult> HistoryAsync(string name)
    {
        await watch.RescanIfChangedAsync();
        var ids = model.Views.TryGetValue(name, out var view) ? [view.Id.PersistenceId] : journal.IdsOf(name);
        if (ids.Count == 0) return Replies.Error("instance-not-found", $"no instance was ever called `{name}`", "see `limactl list`");
        var events = new List<EventView>();
        foreach (var id in ids)
        {
            for (var page = journal.OfVm(id, 0); page.Count > 0; page = journal.After(events[^1].Sequence, id))
                events.AddRange(page.Select(row => EventTexts.View(row, name)));
        }

        return Replies.Ok(new EventList(events));
    }

    private async Task EventsAsync(HttpContext context, long after, bool follow, string? instance)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        using var subscription = feed.Follow();
        var stream = new ServerSentEvents(context.Response);
        await stream.BeginAsync(ends.Token);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            while (true)
            {
                for (var page = journal.After(after); page.Count > 0; page = journal.After(after))
                {
                    foreach (var row in page)
                    {
                        after = row.Sequence;
                        var name = NameOf(row, names);
                        if (instance is null || instance == name) await stream.SendAsync(StreamNames.Vm, EventTexts.View(row, name), ends.Token, row.Sequence);
                    }
                }

                if (!follow) return;
                while (await stream.NextAsync(subscription.News, ends.Token) is not VmEventStored)
                {
                    // Progress is no stored event.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The client has gone, or the host is ending.
        }
    }

    /// <summary>The name that a VM had at that event; it changes only by the events themselves.</summary>
    private string NameOf(JournalRow row, Dictionary<string, string> names)
    {
        if (row.Manifest is "vm.created.v1" or "vm.renamed.v1") return names[row.PersistenceId] = row.Json.GetProperty("name").GetString() ?? "";
        if (names.TryGetValue(row.PersistenceId, out var name)) return name;
        var current = model.Views.Values.FirstOrDefault(v => v.Id.PersistenceId == row.PersistenceId)?.State.Name;
        return names[row.PersistenceId] = current ?? journal.FirstName(row.PersistenceId) ?? "";
    }

    private async Task FollowNamedAsync(HttpContext context, string name, long after)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        using var subscription = feed.Follow();
        await watch.RescanIfChangedAsync();
        var stream = new ServerSentEvents(context.Response);
        await stream.BeginAsync(ends.Token);
        try
        {
            await FollowAsync(stream, subscription, name, after, ends.Token);
        }
        catch (OperationCanceledException)
        {
            // The client has gone, or the host is ending.
        }
    }

    private async Task FollowAsync(ServerSentEvents stream, EventFeed.Subscription subscription, string name, long after, CancellationToken cancel)
    {
        if (!model.Views.TryGetValue(name, out var view))
        {
            await stream.SendAsync(StreamNames.Gone, new EventList([]), cancel);
            return;
        }

        var id = view.Id;
        while (true)
        {
            foreach (var row in journal.OfVm(id.PersistenceId, after))
            {
                after++;
                await stream.SendAsync(StreamNames.Vm, EventTexts.View(row, name), cancel, row.Sequence);
            }

            switch (await CurrentAsync(id, after))
            {
                case null:
                    await stream.SendAsync(StreamNames.Gone, new EventList([]), cancel);
                    return;
                case { State: { Phase: not VmPhase.Starting, Intent: VmIntent.None } } now when now.SequenceNr >= after:
                    await stream.SendAsync(StreamNames.Settled, views.Of(now), cancel);
                    return;
            }

            while (await stream.NextAsync(subscription.News, cancel) is var news)
            {
                if (news is VmProgress progress && progress.Id == id) await stream.SendAsync(StreamNames.Progress, View(progress), cancel);
                if (news is VmEventStored stored && stored.Id == id) break;
            }
        }
    }

    /// <summary>The read model runs a moment behind the journal; waits for it to catch up.</summary>
    private async Task<VmView?> CurrentAsync(VmId id, long atLeast)
    {
        for (var waited = TimeSpan.Zero; ; waited += TimeSpan.FromMilliseconds(10))
        {
            var view = model.Views.Values.FirstOrDefault(v => v.Id == id);
            if (view is not null && view.SequenceNr >= atLeast && !view.State.IsDeleted) return view;
            if (view is null || waited >= ModelLag) return view;
            await Task.Delay(TimeSpan.FromMilliseconds(10));
        }
    }

    private static ProgressView View(VmProgress progress) => new()
    {
        Instance = progress.Name,
        Step = progress.Progress.Step,
        Detail = progress.Progress.Detail,
        Done = progress.Progress.Done,
        Total = progress.Progress.Total,
    };
}
