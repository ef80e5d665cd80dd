using Akka.Actor;
using Lima.Actors.Persistence;
using Lima.Host.Api;

namespace Lima.Host.Journal;

/// <summary>
/// Notices that the journal's file was damaged, replaced or removed under a running host. Then the host ends, VMs go on,
/// and the next command's host puts the file aside and finds everything again: one way of recovery, not two.
/// </summary>
internal sealed class JournalGuard(JournalFile journal, IHostApplicationLifetime lifetime, ILogger<JournalGuard> log)
{
    private string? _problem;

    /// <summary>Looks at the file before each request.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (Problem() is { } problem)
        {
            await RefuseAsync(context, problem);
            return;
        }

        await next(context);
    }

    /// <summary>What makes the journal unusable; null when nothing does. Once something does, it stays so.</summary>
    public string? Problem() => Note(journal.QuickLook());

    /// <summary>
    /// Answers a request that failed at reading the journal: a damaged one ends the host, any other failure is only said.
    /// </summary>
    public Task AfterFailureAsync(HttpContext context, Exception cause)
    {
        log.LogError(cause, "the event journal cannot be read");
        return Note(journal.Damage()) is { } problem
            ? RefuseAsync(context, problem)
            : Replies.Error("journal-unavailable", $"the event journal cannot be read: {cause.Message}", "see `limactl host logs`, then try again").ExecuteAsync(context);
    }

    /// <summary>Listens for failures of the journal plugin.</summary>
    public void Watch(ActorSystem system)
    {
        var listener = system.ActorOf(Props.Create(() => new Listener(this)), "journal-guard");
        system.EventStream.Subscribe(listener, typeof(JournalFailed));
    }

    private Task RefuseAsync(HttpContext context, string problem)
    {
        context.Response.OnCompleted(() =>
        {
            lifetime.StopApplication();
            return Task.CompletedTask;
        });
        // The connection must not be used again: the next command is for the next host.
        context.Response.Headers.Connection = "close";
        return Replies.Error("host-restarting", $"the event journal was damaged while the host ran ({problem}); the host starts again", "repeat the command")
            .ExecuteAsync(context);
    }

    private void OnFailure(Exception cause)
    {
        log.LogError(cause, "the event journal failed");
        // A full disk is no damage: the journal is whole, and the next write may succeed.
        if (Note(journal.Damage()) is not null) lifetime.StopApplication();
    }

    private string? Note(string? found)
    {
        if (found is not null && Interlocked.CompareExchange(ref _problem, found, null) is null)
            log.LogError("the event journal cannot be used any more: {Problem}", found);
        return Volatile.Read(ref _problem);
    }

    private sealed class Listener : ReceiveActor
    {
        public Listener(JournalGuard guard) => Receive<JournalFailed>(m => guard.OnFailure(m.Cause));
    }
}
