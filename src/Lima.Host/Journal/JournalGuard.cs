using Akka.Actor;
using Lima.Actors.Persistence;
using Lima.Contracts;
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
        if (Problem(journal.QuickLook()) is { } problem)
        {
            context.Response.OnCompleted(() =>
            {
                lifetime.StopApplication();
                return Task.CompletedTask;
            });
            await Replies.Error("host-restarting", $"the event journal was damaged while the host ran ({problem}); the host starts again", "repeat the command")
                .ExecuteAsync(context);
            return;
        }

        await next(context);
    }

    /// <summary>Listens for failures of the journal plugin.</summary>
    public void Watch(ActorSystem system)
    {
        var listener = system.ActorOf(Props.Create(() => new Listener(this)), "journal-guard");
        system.EventStream.Subscribe(listener, typeof(JournalFailed));
    }

    private void OnFailure(Exception cause)
    {
        log.LogError(cause, "the event journal failed");
        // A full disk is no damage: the journal is whole, and the next write may succeed.
        if (Problem(journal.Damage()) is not null) lifetime.StopApplication();
    }

    private string? Problem(string? found)
    {
        if (found is not null && Interlocked.Exchange(ref _problem, found) is null)
            log.LogError("the event journal cannot be used any more: {Problem}", found);
        return Volatile.Read(ref _problem);
    }

    private sealed class Listener : ReceiveActor
    {
        public Listener(JournalGuard guard) => Receive<JournalFailed>(m => guard.OnFailure(m.Cause));
    }
}
