namespace Lima.EndToEnd.Tests.Support;

/// <summary>
/// Where the host dies: at a named point on the way of a command.
/// </summary>
/// <param name="Number">Its number, as <c>start.3</c>: the third step of a start.</param>
/// <param name="Point">The fail point: <c>stored:EVENT</c>, <c>before:EFFECT</c> or <c>received:REPORT</c>.</param>
/// <param name="From">State of the VM before: <c>Running</c>, <c>Stopped</c>, <c>Paused</c>, or <c>None</c> when there is none.</param>
/// <param name="Command">Words of the command; empty when the host's own start is what is cut short.</param>
/// <param name="To">State of the VM after everything has settled; <c>Gone</c> for no VM.</param>
internal sealed record KillPoint(string Number, string Point, string From, string Command, string To)
{
    public override string ToString() => $"{Number} {Point}";
}

/// <summary>
/// Every numbered step at which the host is killed. All lie after the store of the command, so it must come true each time.
/// The order is such that a VM which one case leaves behind is what the next one needs.
/// </summary>
internal static class KillPoints
{
    private static readonly string[] Start =
    [
        "stored:StartRequested", "before:ArmStartDeadline", "before:PrepareBoot", "received:Prepared", "stored:BootPrepared", "before:LaunchQemu",
        "received:Launched", "stored:QemuLaunched", "before:WatchQemu", "before:WatchReadiness", "received:RequirementMet", "stored:RequirementMet",
        "stored:Started", "before:CancelDeadlines", "before:OpenSsh",
    ];

    private static readonly string[] Stop =
    [
        "stored:StopRequested", "before:PowerDown", "before:ArmStopDeadline", "received:Exited", "stored:Stopped", "before:CancelDeadlines", "before:CleanUp",
    ];

    private static readonly string[] Kill = ["stored:StopRequested", "before:KillQemu", "received:Exited", "stored:Stopped"];
    private static readonly string[] Restart = ["stored:RestartRequested", "received:Exited", "stored:Stopped", "stored:StartRequested"];
    private static readonly string[] Pause = ["stored:PauseRequested", "before:PauseQemu", "received:Paused", "stored:Paused", "before:CloseSsh"];
    private static readonly string[] Resume = ["stored:ResumeRequested", "before:ResumeQemu", "received:Resumed", "stored:Resumed", "before:OpenSsh"];
    private static readonly string[] Recover = ["before:VerifyQemu", "received:Adopted", "stored:QemuAdopted", "before:WatchQemu", "before:OpenSsh"];
    private static readonly string[] Delete = ["stored:DeleteRequested", "before:RemoveInstance", "received:Removed", "stored:Deleted"];

    private static readonly string[] DeleteRunning =
    [
        "stored:DeleteRequested", "before:KillQemu", "received:Exited", "stored:Stopped", "before:CleanUp", "before:RemoveInstance", "received:Removed",
        "stored:Deleted",
    ];

    /// <summary>All cases, in the order that needs the fewest boots.</summary>
    public static IReadOnlyList<KillPoint> All { get; } =
    [
        .. Cases("create", ["stored:Created"], "None", "create --tty=false --name=NAME template:tiny", "Stopped"),
        .. Interleaved(
            Cases("start", Start, "Stopped", "start --tty=false NAME", "Running"),
            [
                .. Cases("stop", Stop, "Running", "stop NAME", "Stopped"),
                .. Cases("kill", Kill, "Running", "stop -f NAME", "Stopped"),
            ]),
        .. Cases("recover", Recover, "Running", "", "Running"),
        .. Interleaved(
            Cases("pause", Pause, "Running", "pause NAME", "Paused"),
            Cases("resume", Resume, "Paused", "resume NAME", "Running")),
        .. Cases("restart", Restart, "Running", "restart -f NAME", "Running"),
        .. Cases("delete", DeleteRunning, "Running", "delete -f NAME", "Gone"),
        .. Cases("remove", Delete, "Stopped", "delete NAME", "Gone"),
    ];

    private static IReadOnlyList<KillPoint> Cases(string group, string[] points, string from, string command, string to) =>
        [.. points.Select((point, n) => new KillPoint($"{group}.{n + 1}", point, from, command, to))];

    private static IEnumerable<KillPoint> Interleaved(IReadOnlyList<KillPoint> one, IReadOnlyList<KillPoint> other)
    {
        for (var n = 0; n < Math.Max(one.Count, other.Count); n++)
        {
            if (n < one.Count) yield return one[n];
            if (n < other.Count) yield return other[n];
        }
    }
}
