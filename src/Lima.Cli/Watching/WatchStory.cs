using System.Text.Json;
using Lima.Cli.Output;
using Lima.Contracts;

namespace Lima.Cli.Watching;

/// <summary>Tells events in Lima's words: what each makes of an instance, given what happened to it before.</summary>
internal sealed class WatchStory
{
    private readonly Dictionary<string, Known> _known = [];

    /// <summary>Takes an instance as it is now, before the events that follow.</summary>
    public void Begin(InstanceView instance)
    {
        var known = Of(instance.Id);
        known.Port = instance.SshLocalPort;
        foreach (var cause in instance.Degraded ?? []) known.Errors[cause.Code] = cause.Message;
    }

    /// <summary>How the instance is after the event; null when Lima has no word for what happened.</summary>
    public WatchStatus? Tell(EventView happened)
    {
        var known = Of(happened.Id);
        var (port, code, message) = Read(happened.Data);
        switch (happened.Type)
        {
            case "vm.boot-prepared.v1":
                known.Port = port;
                known.Errors.Clear();
                return null;
            case "vm.qemu-adopted.v1" when port > 0:
                known.Port = port;
                return null;
            case "vm.requirement-met.v1" when Text(happened.Data, "requirement") == "ssh":
                return new WatchStatus { SshLocalPort = known.Port };
            case "vm.requirement-met.v1" when Text(happened.Data, "requirement") == "boot-scripts":
                return new WatchStatus { SshLocalPort = known.Port, CloudInitProgress = new WatchBoot(null, Completed: true, Active: false) };
            case "vm.started.v1" or "vm.resumed.v1":
                return known.Running();
            case "vm.degraded.v1":
                known.Errors[code] = message;
                return known.Running();
            case "vm.healed.v1":
                known.Errors.Remove(code);
                return known.Running();
            case "vm.failing.v1":
                return new WatchStatus { Errors = [message] };
            case "vm.failed.v1":
                return new WatchStatus { Exiting = true, Errors = [message] };
            case "vm.stopped.v1":
                return new WatchStatus { Exiting = true };
            default:
                return null;
        }
    }

    /// <summary>A line that the guest has written while it started.</summary>
    public static WatchStatus? Tell(ProgressView news) => news.Detail.Length > 0
        ? new WatchStatus { CloudInitProgress = new WatchBoot(Printable.Line(news.Detail), Completed: false, Active: true) }
        : null;

    /// <summary>What has happened to a forward; null when that is not understood.</summary>
    public static WatchStatus? TellPort(EventView happened)
    {
        if (happened.Data is not { ValueKind: JsonValueKind.Object } data || data.Deserialize(ContractsJson.Default.PortEventData) is not { } e) return null;
        return new WatchStatus { PortForward = new WatchForward(e.Type == "stopped" ? "stopping" : e.Type, e.Protocol, e.GuestAddr, e.HostAddr, e.Error) };
    }

    /// <summary>The lines that a status has for people.</summary>
    public static IEnumerable<string> Lines(WatchStatus status)
    {
        if (status.Running) yield return status.Degraded ? "running (degraded)" : "running";
        if (status.Exiting) yield return "exiting";
        if (status.SshLocalPort > 0) yield return $"ssh available on port {status.SshLocalPort}";
        foreach (var error in status.Errors ?? []) yield return "error: " + Printable.Line(error);
        if (status.CloudInitProgress is { Completed: true }) yield return "cloud-init completed";
        else if (status.CloudInitProgress?.LogLine is { } line) yield return "cloud-init: " + line;
        if (status.PortForward is { } forward) yield return Printable.Line(Line(forward));
    }

    private static string Line(WatchForward forward) => forward.Type switch
    {
        "forwarding" => $"forwarding {forward.Protocol} {forward.GuestAddr} to {forward.HostAddr}",
        "stopping" => $"stopping forwarding {forward.Protocol} {forward.GuestAddr}",
        "failed" => $"failed to forward {forward.Protocol} {forward.GuestAddr}: {forward.Error}",
        _ when forward.Error is { Length: > 0 } why => $"not forwarding {forward.Protocol} {forward.GuestAddr}: {why}",
        _ => $"not forwarding {forward.Protocol} {forward.GuestAddr}",
    };

    private Known Of(string id) => _known.TryGetValue(id, out var known) ? known : _known[id] = new Known();

    private static (int Port, string Code, string Message) Read(JsonElement? data)
    {
        if (data is not { ValueKind: JsonValueKind.Object } e) return (0, "", "");
        var port = e.TryGetProperty("sshPort", out var given) && given.TryGetInt32(out var number) ? number : 0;
        var cause = e.TryGetProperty("cause", out var found) ? found : (JsonElement?)null;
        return (port, Text(e, "code") is { Length: > 0 } code ? code : Text(cause, "code"), Text(cause, "message"));
    }

    private static string Text(JsonElement? data, string name) =>
        data is { ValueKind: JsonValueKind.Object } e && e.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private sealed class Known
    {
        public int Port { get; set; }

        public SortedDictionary<string, string> Errors { get; } = new(StringComparer.Ordinal);

        public WatchStatus Running() => new() { Running = true, Degraded = Errors.Count > 0, Errors = Errors.Count > 0 ? [.. Errors.Values] : null, SshLocalPort = Port };
    }
}
