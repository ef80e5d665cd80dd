using System.CommandLine;
using System.Text.Json;
using Lima.Cli.Client;
using Lima.Cli.Output;
using Lima.Contracts;

namespace Lima.Cli.Commands;

/// <summary>How a stored event is shown.</summary>
internal static class EventText
{
    /// <summary><c>2026-01-31 12:00:00 NAME  what happened</c>, in local time.</summary>
    public static string Line(EventView happened, TimeProvider clock) =>
        $"{TimeZoneInfo.ConvertTime(happened.Time, clock.LocalTimeZone):yyyy-MM-dd HH:mm:ss} {happened.Instance} | {Printable.Line(happened.Text)}\n";

    /// <summary>One line of JSON.</summary>
    public static string Json(EventView happened) => JsonSerializer.Serialize(happened, ContractsJson.Default.EventView) + "\n";
}

/// <summary><c>limactl history</c>.</summary>
internal sealed class HistoryCommand : CliCommand
{
    private readonly Argument<string> _name = new("INSTANCE") { Description = "instance whose story is told" };
    private readonly Option<bool> _json = Flag("--json", "one JSON object a line");

    private readonly Option<bool> _boot = Flag("--boot", "where the time of its newest boot went");
    private readonly Option<bool> _sort = Flag("--sort", "with --boot: the longest first");

    public HistoryCommand() : base(
        "history", "Show everything that happened to an instance", CommandGroup.Advanced,
        "limactl history web", "limactl history web --json", "limactl history web --boot --sort")
    {
        Add(_name);
        Add(_json);
        Add(_boot);
        Add(_sort);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var name = parsed.GetRequiredValue(_name);
        var history = await context.Client.HistoryAsync(name, cancel);
        var json = parsed.GetValue(_json);
        if (parsed.GetValue(_boot))
        {
            var boot = history.Events.LastOrDefault(e => e.Type == BootTable.EventType)
                ?? throw new CliException($"no boot of instance `{name}` has been timed yet", "one is when its guest reports its progress and its boot scripts have ended");
            context.World.Out.Write(json ? EventText.Json(boot) : BootTable.Format(boot, history.Events, parsed.GetValue(_sort)));
            return ExitCodes.Success;
        }

        foreach (var happened in history.Events)
            context.World.Out.Write(json ? EventText.Json(happened) : EventText.Line(happened, context.World.Clock));
        return ExitCodes.Success;
    }
}

/// <summary><c>limactl events</c>.</summary>
internal sealed class EventsCommand : CliCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private readonly Argument<string?> _name = new("INSTANCE") { Description = "only events of this instance", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _follow = Flag("--follow", "go on with new events until interrupted", "-f");
    private readonly Option<long?> _after = new("--after") { Description = "begin after this event number (default: the first; with --follow: only new ones)", HelpName = "N" };
    private readonly Option<bool> _json = Flag("--json", "one JSON object a line");

    public EventsCommand() : base("events", "Show events of all instances", CommandGroup.Advanced, "limactl events", "limactl events -f --json", "limactl events -f --after 0 web")
    {
        Add(_name);
        Add(_follow);
        Add(_after);
        Add(_json);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var name = parsed.GetValue(_name);
        var follow = parsed.GetValue(_follow);
        if (name is not null && await context.Client.FindAsync(name, cancel) is null) throw new CliException($"instance `{name}` does not exist");
        var after = parsed.GetValue(_after) ?? (follow ? await context.Client.NewestEventAsync(cancel) : 0);
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var handler = follow ? context.World.OnInterrupt(interrupt.Cancel) : null;
        try
        {
            do
            {
                after = await PrintAsync(context, after, follow, name, parsed.GetValue(_json), interrupt.Token);
                if (follow) await Task.Delay(Pause, context.World.Clock, interrupt.Token);
            }
            while (follow);
            return ExitCodes.Success;
        }
        catch (OperationCanceledException) when (interrupt.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
    }

    // Ends when the stream does; a broken one is taken up again after the last event seen.
    private static async Task<long> PrintAsync(CliContext context, long after, bool follow, string? name, bool json, CancellationToken cancel)
    {
        try
        {
            await foreach (var item in context.Client.EventsAsync(after, follow, name, cancel))
            {
                if (item.Name is not (StreamNames.Vm or StreamNames.Port) || InstanceFollower.Read(item, ContractsJson.Default.EventView) is not { } happened) continue;
                // A host whose journal was lost begins to count anew.
                after = happened.Sequence;
                context.World.Out.Write(json ? EventText.Json(happened) : EventText.Line(happened, context.World.Clock));
                if (follow) context.World.Out.Flush();
            }
        }
        catch (Exception e) when (follow && (e is IOException or HttpRequestException))
        {
            context.Log.Debug("the stream broke; connecting again");
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new CliException("the host broke off in the middle of its answer", "see `limactl host logs`");
        }

        return after;
    }
}

/// <summary><c>limactl wait</c>.</summary>
internal sealed class WaitCommand : CliCommand
{
    private static readonly string[] States = ["running", "stopped", "paused", "error"];
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly Argument<string> _name = new("INSTANCE") { Description = "instance to wait for" };
    private readonly Option<string> _for = new("--for") { Description = "state to wait for: running, stopped, paused or error", HelpName = "STATE", Required = true };
    private readonly Option<string?> _timeout = Text("--timeout", "DURATION", "give up after this long, for example 90s or 10m (default: 10m)");

    public WaitCommand() : base("wait", "Wait until an instance reaches a state", CommandGroup.Advanced, "limactl wait web --for running --timeout 2m")
    {
        _for.AcceptOnlyFromAmong(States);
        Add(_name);
        Add(_for);
        Add(_timeout);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var name = parsed.GetRequiredValue(_name);
        var state = parsed.GetRequiredValue(_for);
        var limit = parsed.GetValue(_timeout) is { } text ? GoDuration.Parse("--timeout", text) : StartOptions.Default.Timeout;
        using var deadline = new CancellationTokenSource(limit, context.World.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, deadline.Token);
        var last = "";
        try
        {
            while (true)
            {
                // Opened before the state is read, so that no change can fall between the two.
                var newest = await context.Client.NewestEventAsync(either.Token);
                await using var changes = new Changes(context.Client, name, newest, either.Token);
                do
                {
                    var instance = await context.Client.FindAsync(name, either.Token) ?? throw new CliException($"instance `{name}` does not exist");
                    last = InstanceTable.Status(instance);
                    if (Reached(instance, state)) return ExitCodes.Success;
                }
                while (await changes.NextAsync());
                await Task.Delay(Pause, context.World.Clock, either.Token);
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            throw new CliException($"instance `{name}` is not {state} after {Sizes.Text(limit)}; it is {last}");
        }
    }

    private static bool Reached(InstanceView instance, string state)
    {
        if (instance.Status.Equals(state, StringComparison.OrdinalIgnoreCase)) return instance.Intent is null;
        if (state == "running" && instance is { Status: "Error" or "Broken", Intent: null })
            throw new CliException($"instance `{instance.Name}` is in state {instance.Status}: {instance.Cause?.Message}", instance.Cause?.Hint);
        return false;
    }

    // Events of one instance, as a signal that something may have changed.
    private sealed class Changes : IAsyncDisposable
    {
        private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(20);

        // The host's picture of an instance may be a moment behind its events; looking again now and then covers that.
        private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);
        private readonly CancellationToken _cancel;
        private readonly IAsyncEnumerator<ServerEvent> _events;
        private Task<bool> _next;

        public Changes(HostClient client, string name, long after, CancellationToken cancel)
        {
            _cancel = cancel;
            _events = client.EventsAsync(after, true, name, cancel).GetAsyncEnumerator(cancel);
            _next = MoveAsync();
        }

        /// <summary>
        /// True after the next event and those that come right behind it, or after a second; false when the stream broke.
        /// </summary>
        public async Task<bool> NextAsync()
        {
            await Task.WhenAny(_next, Task.Delay(LookAgain, _cancel));
            while (_next.IsCompleted)
            {
                if (!await _next) return false;
                _next = MoveAsync();
                await Task.WhenAny(_next, Task.Delay(Quiet, _cancel));
            }

            return true;
        }

        public async ValueTask DisposeAsync()
        {
            // A pending read ends with the command's own token; the enumerator may not be disposed under it.
            if (_next.IsCompleted) await _events.DisposeAsync();
        }

        private async Task<bool> MoveAsync()
        {
            try
            {
                return await _events.MoveNextAsync();
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                return false;
            }
        }
    }
}
