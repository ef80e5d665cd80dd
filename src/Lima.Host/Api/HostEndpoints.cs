using Lima.Actors.PortForwarding;
using Lima.Actors.Vms;
using Lima.Contracts;
using Lima.Drivers.Instances;
using Lima.Host.Journal;
using Lima.Host.Options;

namespace Lima.Host.Api;

/// <summary>What the host is and how it does.</summary>
internal sealed class HostEndpoints(
    LimaHostOptions options, VmReadModel model, HostNotices notices, QemuInfo qemu, HomeWatch watch, JournalReader journal, VmAddresses addresses,
    IInstanceStore store, Views views, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private static readonly string[] Capabilities = ["instances", "events", "follow", "history", "images", "recipes", "pause", "edit", "clone", "rename", "factory-reset", "protect", "disks", "prune", "ports"];
    private readonly DateTimeOffset _started = time.GetUtcNow();

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/host", (CancellationToken cancel, bool brief = false) => GetAsync(brief, cancel));
        app.MapPost("/v1/host/shutdown", (HttpContext context) =>
        {
            // Answered first; then the host lets go of its VMs and ends.
            context.Response.OnCompleted(() =>
            {
                lifetime.StopApplication();
                return Task.CompletedTask;
            });
            return Results.StatusCode(StatusCodes.Status202Accepted);
        });
    }

    /// <param name="brief">Leave out what has to be found out first: QEMU and its accelerator.</param>
    /// <param name="cancel">The client has gone.</param>
    private async Task<IResult> GetAsync(bool brief, CancellationToken cancel)
    {
        await watch.ReadyAsync();
        var (version, accelerator, problem) = brief ? (null, null, null) : await qemu.GetAsync(cancel);
        return Replies.Ok(new HostView
        {
            Version = HostVersion.Current,
            Capabilities = Capabilities,
            Pid = Environment.ProcessId,
            Home = options.Home.Path,
            StartedAt = _started,
            Instances = model.Views.Values.Select(views.StatusOf)
                .Concat(store.Unusable.Where(u => !model.Views.ContainsKey(u.Directory.Name.Value)).Select(_ => Views.Broken))
                .CountBy(status => status).ToDictionary(),
            Accelerator = accelerator,
            QemuVersion = version,
            Notices = problem is null ? notices.All : [.. notices.All, problem],
            LoopbackAddresses = addresses.All is { IsEmpty: false } all ? all : null,
            NewestEvent = journal.Newest(),
        });
    }
}

/// <summary>What was found wrong at start and put right.</summary>
internal sealed class HostNotices
{
    private readonly List<string> _all = [];

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<string> All => _all;

    /// <summary>Adds one; null adds nothing. Before the host serves.</summary>
    public void Add(string? notice)
    {
        if (notice is not null) _all.Add(notice);
    }
}

/// <summary>Version of this program.</summary>
internal static class HostVersion
{
    /// <summary>As in <c>0.1.0</c>.</summary>
    public static readonly string Current = typeof(HostVersion).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}
