using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Lima.Domain.Catalog;
using Lima.Domain.Vms.Messages;

namespace Lima.Actors.Persistence;

/// <summary>
/// The name under which each event is stored. A name never changes its meaning and never goes away; a later form of an
/// event gets a new one (<c>.v2</c>) and the old one stays readable.
/// </summary>
public static class EventManifests
{
    private static readonly (string Manifest, Type Type)[] Table =
    [
        ("vm.created.v1", typeof(VmEvents.Created)),
        ("vm.renamed.v1", typeof(VmEvents.Renamed)),
        ("vm.start-requested.v1", typeof(VmEvents.StartRequested)),
        ("vm.boot-resumed.v1", typeof(VmEvents.BootResumed)),
        ("vm.boot-prepared.v1", typeof(VmEvents.BootPrepared)),
        ("vm.qemu-launched.v1", typeof(VmEvents.QemuLaunched)),
        ("vm.qemu-adopted.v1", typeof(VmEvents.QemuAdopted)),
        ("vm.requirement-met.v1", typeof(VmEvents.RequirementMet)),
        ("vm.requirement-failed.v1", typeof(VmEvents.RequirementFailed)),
        ("vm.boot-timed.v1", typeof(VmEvents.BootTimed)),
        ("vm.started.v1", typeof(VmEvents.Started)),
        ("vm.stop-requested.v1", typeof(VmEvents.StopRequested)),
        ("vm.stop-escalated.v1", typeof(VmEvents.StopEscalated)),
        ("vm.restart-requested.v1", typeof(VmEvents.RestartRequested)),
        ("vm.pause-requested.v1", typeof(VmEvents.PauseRequested)),
        ("vm.paused.v1", typeof(VmEvents.Paused)),
        ("vm.resume-requested.v1", typeof(VmEvents.ResumeRequested)),
        ("vm.resumed.v1", typeof(VmEvents.Resumed)),
        ("vm.request-failed.v1", typeof(VmEvents.RequestFailed)),
        ("vm.stopped.v1", typeof(VmEvents.Stopped)),
        ("vm.failing.v1", typeof(VmEvents.Failing)),
        ("vm.failed.v1", typeof(VmEvents.Failed)),
        ("vm.degraded.v1", typeof(VmEvents.Degraded)),
        ("vm.healed.v1", typeof(VmEvents.Healed)),
        ("vm.guest-rebooted.v1", typeof(VmEvents.GuestRebooted)),
        ("vm.delete-requested.v1", typeof(VmEvents.DeleteRequested)),
        ("vm.edit-requested.v1", typeof(VmEvents.EditRequested)),
        ("vm.edited.v1", typeof(VmEvents.Edited)),
        ("vm.clone-requested.v1", typeof(VmEvents.CloneRequested)),
        ("vm.cloned.v1", typeof(VmEvents.Cloned)),
        ("vm.rename-requested.v1", typeof(VmEvents.RenameRequested)),
        ("vm.factory-reset-requested.v1", typeof(VmEvents.FactoryResetRequested)),
        ("vm.factory-reset.v1", typeof(VmEvents.FactoryReset)),
        ("vm.mount-added.v1", typeof(VmEvents.MountAdded)),
        ("vm.mount-removed.v1", typeof(VmEvents.MountRemoved)),
        ("vm.forwards-changed.v1", typeof(VmEvents.ForwardsChanged)),
        ("vm.forwards-saved.v1", typeof(VmEvents.ForwardsSaved)),
        ("vm.forwards-not-saved.v1", typeof(VmEvents.ForwardsNotSaved)),
        ("vm.disk-change-requested.v1", typeof(VmEvents.DiskChangeRequested)),
        ("vm.disk-changed.v1", typeof(VmEvents.DiskChanged)),
        ("vm.disk-change-failed.v1", typeof(VmEvents.DiskChangeFailed)),
        ("vm.trimmed.v1", typeof(VmEvents.Trimmed)),
        ("vm.deleted.v1", typeof(VmEvents.Deleted)),
        ("catalog.registered.v1", typeof(CatalogEvents.Registered)),
        ("catalog.renamed.v1", typeof(CatalogEvents.Renamed)),
        ("catalog.removed.v1", typeof(CatalogEvents.Removed)),
    ];

    private static readonly Dictionary<Type, string> ByType = Table.ToDictionary(t => t.Type, t => t.Manifest);
    private static readonly Dictionary<string, Type> ByManifest = Table.ToDictionary(t => t.Manifest, t => t.Type, StringComparer.Ordinal);

    /// <summary>Every stored type; each is bound to the serializer by itself, because a binding of an interface can lose to another module's.</summary>
    public static IReadOnlyCollection<Type> Types => ByType.Keys;

    /// <summary>Every manifest, in the order of the table.</summary>
    public static IReadOnlyList<string> Manifests { get; } = [.. Table.Select(t => t.Manifest)];

    /// <summary>The manifest of a type; null for a type that is not stored.</summary>
    public static string? Find(Type type) => ByType.GetValueOrDefault(type);

    /// <summary>The type behind a manifest; null for one that this version does not know.</summary>
    public static Type? Find(string manifest) => ByManifest.GetValueOrDefault(manifest);

    /// <summary>Writes an event as UTF-8 JSON.</summary>
    public static byte[] Write(object e) => JsonSerializer.SerializeToUtf8Bytes(e, Info(e.GetType()));

    /// <summary>Reads an event; null for a manifest that this version does not know.</summary>
    /// <exception cref="JsonException">The bytes are no such event.</exception>
    public static object? Read(ReadOnlySpan<byte> json, string manifest) =>
        Find(manifest) is { } type ? JsonSerializer.Deserialize(json, Info(type)) : null;

    private static JsonTypeInfo Info(Type type) =>
        EventJson.Default.GetTypeInfo(type) ?? throw new InvalidOperationException($"{type.Name} is missing in {nameof(EventJson)}");
}

/// <summary>How events are written; generated at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(VmEvents.Created))]
[JsonSerializable(typeof(VmEvents.Renamed))]
[JsonSerializable(typeof(VmEvents.StartRequested))]
[JsonSerializable(typeof(VmEvents.BootResumed))]
[JsonSerializable(typeof(VmEvents.BootPrepared))]
[JsonSerializable(typeof(VmEvents.QemuLaunched))]
[JsonSerializable(typeof(VmEvents.QemuAdopted))]
[JsonSerializable(typeof(VmEvents.RequirementMet))]
[JsonSerializable(typeof(VmEvents.RequirementFailed))]
[JsonSerializable(typeof(VmEvents.BootTimed))]
[JsonSerializable(typeof(VmEvents.Started))]
[JsonSerializable(typeof(VmEvents.StopRequested))]
[JsonSerializable(typeof(VmEvents.StopEscalated))]
[JsonSerializable(typeof(VmEvents.RestartRequested))]
[JsonSerializable(typeof(VmEvents.PauseRequested))]
[JsonSerializable(typeof(VmEvents.Paused), TypeInfoPropertyName = "VmPaused")]
[JsonSerializable(typeof(VmEvents.ResumeRequested))]
[JsonSerializable(typeof(VmEvents.Resumed))]
[JsonSerializable(typeof(VmEvents.RequestFailed))]
[JsonSerializable(typeof(VmEvents.Stopped))]
[JsonSerializable(typeof(VmEvents.Failing))]
[JsonSerializable(typeof(VmEvents.Failed))]
[JsonSerializable(typeof(VmEvents.Degraded))]
[JsonSerializable(typeof(VmEvents.Healed))]
[JsonSerializable(typeof(VmEvents.GuestRebooted))]
[JsonSerializable(typeof(VmEvents.DeleteRequested))]
[JsonSerializable(typeof(VmEvents.EditRequested))]
[JsonSerializable(typeof(VmEvents.Edited))]
[JsonSerializable(typeof(VmEvents.CloneRequested))]
[JsonSerializable(typeof(VmEvents.Cloned))]
[JsonSerializable(typeof(VmEvents.RenameRequested))]
[JsonSerializable(typeof(VmEvents.FactoryResetRequested))]
[JsonSerializable(typeof(VmEvents.FactoryReset))]
[JsonSerializable(typeof(VmEvents.MountAdded))]
[JsonSerializable(typeof(VmEvents.MountRemoved))]
[JsonSerializable(typeof(VmEvents.ForwardsChanged))]
[JsonSerializable(typeof(VmEvents.ForwardsSaved))]
[JsonSerializable(typeof(VmEvents.ForwardsNotSaved))]
[JsonSerializable(typeof(VmEvents.DiskChangeRequested))]
[JsonSerializable(typeof(VmEvents.DiskChanged))]
[JsonSerializable(typeof(VmEvents.DiskChangeFailed))]
[JsonSerializable(typeof(VmEvents.Trimmed))]
[JsonSerializable(typeof(VmEvents.Deleted))]
[JsonSerializable(typeof(CatalogEvents.Registered))]
[JsonSerializable(typeof(CatalogEvents.Renamed), TypeInfoPropertyName = "CatalogRenamed")]
[JsonSerializable(typeof(CatalogEvents.Removed))]
internal sealed partial class EventJson : JsonSerializerContext;
