using System.Collections.Immutable;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;

namespace Lima.Domain.Tests.Vms;

/// <summary>
/// Every place in which a VM can be, as the documents name it (<c>Running (stopping)</c>), reached by a story rather
/// than put together by hand. Starting has three stages: before QEMU, with QEMU, and with SSH.
/// </summary>
internal static class VmPlaces
{
    private static readonly ImmutableArray<object> Boot = [Say.Start(), Say.Prepared(), Say.Launched()];

    private static readonly ImmutableArray<(string Intent, object[] Inputs)> Going =
    [
        ("stopping", [Say.Stop()]),
        ("killing", [Say.Stop(force: true)]),
        ("restarting", [Say.Restart()]),
        ("deleting", [Say.Delete(force: true)]),
        ("resetting", [Say.FactoryReset()]),
    ];

    private static readonly ImmutableArray<(string Intent, VmCommand Command)> Errands =
    [
        ("deleting", Say.Delete()),
        ("editing", Say.Edit()),
        ("cloning", Say.Clone()),
        ("renaming", Say.Rename()),
        ("resetting", Say.FactoryReset()),
    ];

    public static ImmutableDictionary<string, VmState> All { get; } = Build().ToImmutableDictionary(p => p.Place, p => p.Story.State);

    /// <summary>Names of all places, in the order of the documents.</summary>
    public static ImmutableArray<string> Names { get; } = [.. Build().Select(p => p.Place)];

    /// <summary>How the documents name the place of a state.</summary>
    public static string Name(VmState state) =>
        state.Intent == VmIntent.None ? state.Phase.ToString() : $"{state.Phase} ({state.Intent.ToString().ToLowerInvariant()})";

    private static IEnumerable<(string Place, VmStory Story)> Build()
    {
        yield return ("Stopped", VmStory.Created());
        foreach (var (intent, command) in Errands) yield return ($"Stopped ({intent})", VmStory.Created().After(command));
        foreach (var (stage, inputs) in new (string, object[])[]
            { ("", [Say.Start()]), (" with QEMU", [.. Boot]), (" with SSH", [.. Boot, Say.Ssh()]) })
        {
            foreach (var place in Places("Starting" + stage, inputs, [])) yield return place;
        }

        yield return ("Starting, failing", VmStory.Created().After([.. Boot, new VmReports.StartDeadlinePassed(1)]));
        object[] running = [.. Boot, Say.Ssh(), Say.Scripts()];
        foreach (var place in Places("Running", running, [("pausing", [Say.Pause()]), ("resuming", [Say.Pause(), Say.Resume()])])) yield return place;
        object[] paused = [.. running, Say.Pause(), new VmReports.Paused()];
        foreach (var place in Places("Paused", paused, [("resuming", [Say.Resume()]), ("pausing", [Say.Resume(), Say.Pause()])])) yield return place;
        object[] error = [Say.Start(), new VmReports.PrepareFailed(1, Say.Cause(VmCauses.PrepareFailed))];
        yield return ("Error", VmStory.Created().After(error));
        foreach (var (intent, command) in Errands) yield return ($"Error ({intent})", VmStory.Created().After([.. error, command]));
    }

    private static IEnumerable<(string Place, VmStory Story)> Places(string name, object[] inputs, (string, object[])[] more)
    {
        yield return (name, VmStory.Created().After(inputs));
        foreach (var (intent, extra) in Going.Concat(more))
            yield return ($"{name} ({intent})", VmStory.Created().After([.. inputs, .. extra]));
    }
}
