using System.Text.Json;

namespace Lima.Contracts;

/// <summary>
/// A stored event. In <c>GET /v1/events?after=N&amp;follow=true&amp;instance=NAME</c> each is a server-sent event named
/// <c>vm</c> whose id is <see cref="Sequence"/>.
/// </summary>
public sealed record EventView
{
    /// <summary>Place in the order of all events of this home.</summary>
    public required long Sequence { get; init; }
    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }
    /// <summary>Identity of the VM.</summary>
    public required string Id { get; init; }
    /// <summary>Its name then.</summary>
    public required string Instance { get; init; }
    /// <summary>Kind (<c>vm.started.v1</c>).</summary>
    public required string Type { get; init; }
    /// <summary>One line for people.</summary>
    public required string Text { get; init; }
    /// <summary>The event as stored.</summary>
    public JsonElement? Data { get; init; }
}

/// <summary>Passing news of an operation (server-sent event <c>progress</c>); not stored.</summary>
public sealed record ProgressView
{
    /// <summary>Which instance; empty for images.</summary>
    public string Instance { get; init; } = "";
    /// <summary>Step in the user's words.</summary>
    public required string Step { get; init; }
    /// <summary>What it works on, or the guest's last line.</summary>
    public string Detail { get; init; } = "";
    /// <summary>Bytes done.</summary>
    public long? Done { get; init; }
    /// <summary>Bytes in all.</summary>
    public long? Total { get; init; }
}

/// <summary>
/// Names of the server-sent events. <c>GET /v1/instances/NAME/follow?after=N</c> streams <see cref="Vm"/> and
/// <see cref="Progress"/> and ends with <see cref="Settled"/> (an <see cref="InstanceView"/>) once nothing is pending, or
/// <see cref="Gone"/> when the instance was deleted. <c>POST /v1/images/pull</c> streams <see cref="Progress"/> and ends with
/// <see cref="Done"/> (an <see cref="ImageView"/>) or <see cref="Failed"/> (an <see cref="ErrorReply"/>).
/// </summary>
public static class StreamNames
{
    /// <summary>A stored event (<see cref="EventView"/>).</summary>
    public const string Vm = "vm";
    /// <summary>Passing news (<see cref="ProgressView"/>).</summary>
    public const string Progress = "progress";
    /// <summary>Nothing is pending any more (<see cref="InstanceView"/>).</summary>
    public const string Settled = "settled";
    /// <summary>The instance does not exist any more.</summary>
    public const string Gone = "gone";
    /// <summary>
    /// Something has happened to a forward (<see cref="EventView"/>); not stored. Its sequence is that of the stored event before it, so that
    /// nothing is missed or repeated after it.
    /// </summary>
    public const string Port = "port";
    /// <summary>Finished (<see cref="ImageView"/>).</summary>
    public const string Done = "done";
    /// <summary>Failed (<see cref="ErrorReply"/>).</summary>
    public const string Failed = "failed";
}

/// <summary>Answer to <c>GET /v1/instances/NAME/history</c>.</summary>
/// <param name="Events">All events of the instance, oldest first.</param>
public sealed record EventList(IReadOnlyList<EventView> Events);
