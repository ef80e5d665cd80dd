using Lima.Cli.Client;
using Lima.Cli.Edits;
using Lima.Cli.Output;
using Lima.Contracts;

namespace Lima.Cli.Commands;

/// <summary>Has the host work on the files of an instance, waits until that is done, and tells how it ended.</summary>
internal sealed class InstanceWork(CliContext context)
{
    private static readonly TimeSpan Limit = TimeSpan.FromHours(2);

    /// <summary>An instance that must exist.</summary>
    /// <exception cref="CliException">There is none of that name.</exception>
    public async Task<InstanceView> RequireAsync(string name, CancellationToken cancel) =>
        await context.Client.FindAsync(name, cancel) ?? throw new CliException($"instance `{name}` not found", "see `limactl list`") { Code = "instance-not-found" };

    /// <summary>Gives an instance another configuration; one that is refused is saved beside.</summary>
    public async Task EditAsync(string name, string yaml, CancellationToken cancel)
    {
        try
        {
            var accepted = await context.Client.EditAsync(name, new EditRequest { CommandId = NewId(), Yaml = yaml }, cancel);
            await FinishAsync(name, accepted.After, "was not edited", cancel);
        }
        catch (CliException e) when (e.Problems.Count > 0)
        {
            throw Rejected.Save(yaml, e.Message, e.Problems, context.World);
        }
    }

    /// <summary>Changes a stopped instance as the edit flags of a command line ask for; nothing is done without any.</summary>
    public async Task ApplyAsync(EditFlags flags, System.CommandLine.ParseResult parsed, InstanceView instance, CancellationToken cancel)
    {
        if (!flags.Any(parsed)) return;
        var path = Path.Combine(instance.Dir, "lima.yaml");
        var text = EditText.Read(path);
        var changed = FlagChange.Apply(flags, parsed, text, path, [.. instance.Param?.Keys ?? []], context);
        if (changed != text) await EditAsync(instance.Name, changed, cancel);
    }

    /// <summary>Clones or renames an instance.</summary>
    /// <param name="verb"><c>clone</c> or <c>rename</c>.</param>
    /// <param name="name">The instance.</param>
    /// <param name="newName">The name of the clone, or the other name.</param>
    /// <param name="cancel">Ends the wait; the host goes on.</param>
    /// <returns>The clone, or the instance under its other name.</returns>
    public async Task<InstanceView> NewNameAsync(string verb, string name, string newName, CancellationToken cancel)
    {
        Accepted accepted;
        try
        {
            accepted = await context.Client.NewNameAsync(name, verb, new NewNameRequest { CommandId = NewId(), Name = newName }, cancel);
        }
        catch (CliException e) when (e.IsNotFound)
        {
            throw new CliException($"instance `{name}` not found", "see `limactl list`") { Code = e.Code };
        }

        // A renaming that was quick is followed in vain: the old name means nobody any more.
        await FinishAsync(name, accepted.After, verb == "clone" ? "was not cloned" : "was not renamed", cancel);
        return await context.Client.FindAsync(newName, cancel)
            ?? throw new CliException($"instance `{newName}` is not there", $"see `limactl history {name}` and `limactl host logs`");
    }

    /// <summary>Changes the disks of an instance.</summary>
    /// <param name="name">The instance.</param>
    /// <param name="request">Makes the request, given its id.</param>
    /// <param name="failure">What did not happen when it fails, after "instance `NAME`: ".</param>
    /// <param name="cancel">Ends the wait; the host goes on.</param>
    public async Task ChangeDiskAsync(string name, Func<string, DiskChangeRequest> request, string failure, CancellationToken cancel)
    {
        var accepted = await context.Client.ChangeDiskAsync(name, request(NewId()), cancel);
        await FinishAsync(name, accepted.After, failure, cancel);
    }

    /// <summary>Changes the forwards of an instance, and waits until they are written where they are to stay.</summary>
    /// <param name="name">The instance.</param>
    /// <param name="verb"><c>add</c> or <c>remove</c>.</param>
    /// <param name="request">Makes the request, given its id.</param>
    /// <param name="cancel">Ends the wait; the host goes on.</param>
    public async Task ChangePortsAsync(string name, string verb, Func<string, PortsRequest> request, CancellationToken cancel)
    {
        var body = request(NewId());
        var accepted = await context.Client.ChangePortsAsync(name, verb, body, cancel);
        if (body.Save) await FinishAsync(name, accepted.After, "has its forwards, but not in its lima.yaml", cancel);
    }

    /// <summary>Resets an instance.</summary>
    public async Task FactoryResetAsync(string name, CancellationToken cancel)
    {
        var accepted = await context.Client.CommandAsync(name, "factory-reset", new CommandRequest { CommandId = NewId() }, cancel);
        await FinishAsync(name, accepted.After, "was not factory reset", cancel);
    }

    private async Task FinishAsync(string name, long after, string what, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(Limit, context.World.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        using var display = new FailureWatch(context.Display());
        try
        {
            var settled = await new InstanceFollower(context.Client, context.World.Clock).SettleAsync(name, after, display, either.Token);
            if (!display.HasFailed) return;
            var cause = settled?.Cause;
            throw new CliException($"instance `{name}` {what}: {cause?.Message ?? display.Text}", cause?.Hint ?? $"see `limactl history {name}`");
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new CliException($"instance `{name}` did not settle within {Sizes.Text(Limit)}", $"see `limactl list {name}` and `limactl host logs`");
        }
    }

    private static string NewId() => Guid.NewGuid().ToString();

    /// <summary>Notices the event that says that what was asked for could not be done.</summary>
    private sealed class FailureWatch(IProgressDisplay inner) : IProgressDisplay
    {
        private static readonly string[] Failures = ["vm.request-failed.", "vm.disk-change-failed.", "vm.forwards-not-saved."];

        public bool HasFailed { get; private set; }

        public string Text { get; private set; } = "";

        public void Happened(EventView happened)
        {
            if (Failures.Any(type => happened.Type.StartsWith(type, StringComparison.Ordinal))) (HasFailed, Text) = (true, happened.Text);
            inner.Happened(happened);
        }

        public void Progress(ProgressView news) => inner.Progress(news);

        public void Dispose() => inner.Dispose();
    }
}
