using System.CommandLine;
using System.Text.Json;
using Lima.Cli.Client;
using Lima.Cli.Output;
using Lima.Cli.Watching;
using Lima.Contracts;

namespace Lima.Cli.Commands;

/// <summary><c>limactl watch</c>: events in Lima's words.</summary>
internal sealed class WatchCommand : CliCommand
{
    private readonly Argument<string[]> _names = InstanceNames("instances to watch (default: all, and those to come)");
    private readonly Option<bool> _json = Flag("--json", "one JSON object a line");
    private readonly Option<bool> _history = Flag("--history", "begin with what has happened before");
    private readonly Option<bool> _verbose = Flag("--verbose", "with everything else that happens, on standard error");

    public WatchCommand() : base("watch", "Watch events of instances", CommandGroup.Advanced, "limactl watch", "limactl watch --history web", "limactl watch --json web db")
    {
        Add(_names);
        Add(_json);
        Add(_history);
        Add(_verbose);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var names = parsed.GetValue(_names) ?? [];
        var (json, history, verbose) = (parsed.GetValue(_json), parsed.GetValue(_history), parsed.GetValue(_verbose));
        var instances = (await context.Client.ListAsync(cancel)).Instances;
        if (names.Length == 0 && instances.Count == 0) Say(context, "No instances found");
        foreach (var missing in names.Except(instances.Select(instance => instance.Name))) context.Log.Warn($"Failed to inspect instance `{missing}`: it does not exist");
        var after = history ? 0 : await context.Client.NewestEventAsync(cancel);
        var story = new WatchStory();
        // Their own events tell how they are, where those are told from the first.
        if (!history) foreach (var instance in instances) story.Begin(instance);
        Say(context, "Watching for events...");
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var handler = context.World.OnInterrupt(interrupt.Cancel);
        try
        {
            await new EventFollower(context, startHost: true).RunAsync(after, progress: true, Happened, interrupt.Token);
        }
        catch (OperationCanceledException) when (interrupt.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            return ExitCodes.Success;
        }

        return ExitCodes.Success;

        async Task<bool> Happened(HostClient _, ServerEvent item, EventView? stored)
        {
            if (stored is not null && (names.Length == 0 || names.Contains(stored.Instance)))
            {
                if (names.Length == 0 && stored.Type == "vm.created.v1") Say(context, "New instance detected: " + Printable.Line(stored.Instance));
                if (verbose) context.Log.Info($"[{Printable.Line(stored.Instance)}] {Printable.Line(stored.Text)}");
                if (story.Tell(stored) is { } status) Print(context, json, new WatchLine(stored.Instance, new WatchEvent(stored.Time, status)));
            }
            else if (item.Name == StreamNames.Progress && InstanceFollower.Read(item, ContractsJson.Default.ProgressView) is { } news
                && (names.Length == 0 || names.Contains(news.Instance)) && WatchStory.Tell(news) is { } passing)
            {
                Print(context, json, new WatchLine(news.Instance, new WatchEvent(context.World.Clock.GetUtcNow(), passing)));
            }

            else if (item.Name == StreamNames.Port && InstanceFollower.Read(item, ContractsJson.Default.EventView) is { } port
                && (names.Length == 0 || names.Contains(port.Instance)) && WatchStory.TellPort(port) is { } forward)
            {
                Print(context, json, new WatchLine(port.Instance, new WatchEvent(port.Time, forward)));
            }

            await context.World.Out.FlushAsync(CancellationToken.None);
            return true;
        }
    }

    private static void Print(CliContext context, bool json, WatchLine line)
    {
        if (json)
        {
            context.World.Out.Write(JsonSerializer.Serialize(line, WatchJson.Default.WatchLine) + "\n");
            return;
        }

        var time = TimeZoneInfo.ConvertTime(line.Event.Time, context.World.Clock.LocalTimeZone);
        foreach (var text in WatchStory.Lines(line.Event.Status)) context.World.Out.Write($"{time:yyyy-MM-dd HH:mm:ss} {line.Instance} | {text}\n");
    }

    private static void Say(CliContext context, string text) => context.World.Error.Write($"{context.World.Clock.GetLocalNow():yyyy-MM-dd HH:mm:ss} {text}\n");
}
