using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers;
using Lima.Drivers.Instances;
using Lima.Templates;

namespace Lima.Host.Specs;

/// <summary>
/// Reads <c>lima.yaml</c> of the instances. A file is parsed again only when its time or size has changed, or one of the
/// user's own files has, so that a list of many instances costs one look at each file.
/// </summary>
internal sealed class InstanceSpecs(LimaHome home) : IVmSpecSource
{
    private const int BytesMax = 4 * 1024 * 1024;
    private readonly UserLayers _layers = new(home);
    private readonly HostFacts _facts = MachineFacts.Gather();
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>Facts that the defaults were taken from.</summary>
    public HostFacts Facts => _facts;

    /// <summary>What the file says now.</summary>
    public TemplateResult Read(InstanceDirectory directory) => ReadAll(directory).Template;

    /// <summary>What the file says now, and which version made the instance (empty when nothing says so).</summary>
    public (TemplateResult Template, string CreatedBy) ReadAll(InstanceDirectory directory)
    {
        var file = new FileInfo(directory.LimaYaml);
        if (!file.Exists)
        {
            _entries.TryRemove(directory.Path, out _);
            return (Missing(directory), "");
        }

        if (Layers(directory, out var unreadable) is not { } layers) return (unreadable, "");
        // Lima writes the version after the configuration: what was read in between must not stay.
        var stamp = (file.LastWriteTimeUtc, file.Length, File.GetLastWriteTimeUtc(directory.LimaVersion), layers.Stamp);
        if (_entries.TryGetValue(directory.Path, out var entry) && entry.Stamp == stamp) return (entry.Result, entry.CreatedBy);
        var (result, createdBy) = Parse(directory, layers);
        _entries[directory.Path] = new Entry(stamp, result, createdBy);
        return (result, createdBy);
    }

    /// <summary>The configuration in full as JSON; null when the file cannot be read.</summary>
    public JsonElement? Config(InstanceDirectory directory) =>
        ReadAll(directory).Template.Filled is null || !_entries.TryGetValue(directory.Path, out var entry) ? null : entry.Config.Value;

    /// <inheritdoc/>
    public VmSpec Load(VmId id, InstanceDirectory directory)
    {
        var result = Read(directory);
        return result.Spec ?? throw new DriverException(
            "configuration-invalid", "reading lima.yaml",
            $"instance `{directory.Name}` has configuration errors: {string.Join("; ", result.Errors)}",
            $"correct {directory.LimaYaml}; `limactl validate` shows every problem");
    }

    /// <summary>Reads a text that is to become an instance.</summary>
    public TemplateResult Check(string yaml, string source, InstanceDirectory directory) => Layers(directory, out var unreadable) is { } layers
        ? Read(layers, yaml, source, new InstanceFacts(directory.Name.Value, directory.Path), PathLook.At)
        : unreadable;

    /// <summary>The user's own files; null, and what is to be shown instead of the instance, when one of them cannot be read.</summary>
    private UserLayers.Texts? Layers(InstanceDirectory directory, out TemplateResult unreadable)
    {
        try
        {
            unreadable = Missing(directory);
            return _layers.Read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            unreadable = Unreadable(directory, e.Message);
            return null;
        }
    }

    private (TemplateResult Template, string CreatedBy) Parse(InstanceDirectory directory, UserLayers.Texts layers)
    {
        var length = new FileInfo(directory.LimaYaml).Length;
        if (length > BytesMax) return (Unreadable(directory, $"the file has {length} bytes; at most {BytesMax} are read"), "");
        try
        {
            var createdBy = File.Exists(directory.LimaVersion) ? File.ReadAllText(directory.LimaVersion).Trim() : "";
            var instance = new InstanceFacts(directory.Name.Value, directory.Path) { CreatedBy = createdBy };

            // What is at the paths that it names may change without the file, and is not looked at here.
            return (Read(layers, File.ReadAllText(directory.LimaYaml), directory.LimaYaml, instance, look: null), createdBy);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (Unreadable(directory, e.Message), "");
        }
    }

    private TemplateResult Read(UserLayers.Texts layers, string yaml, string source, InstanceFacts instance, Func<string, PathKind>? look)
    {
        var networks = NetworkModes.Read(layers.Networks?.Text, layers.Networks?.Source ?? "", out var problem);
        var facts = _facts with { LimaHome = home.Path, Look = look, Networks = networks };
        var result = TemplateReader.Read(layers.Around(yaml, source), facts, instance);
        return problem is null ? result : result with { Spec = null, Errors = result.Errors.Add(problem) };
    }

    private static TemplateResult Missing(InstanceDirectory directory) => Unreadable(directory, "the file is missing");

    private static TemplateResult Unreadable(InstanceDirectory directory, string why) =>
        new(null, "", [new Problem(directory.LimaYaml, 0, 0, "", why)], [], []);

    private sealed record Entry((DateTime Time, long Length, DateTime Version, string Layers) Stamp, TemplateResult Result, string CreatedBy)
    {
        // Made when first asked for: most lists do without.
        public Lazy<JsonElement?> Config { get; } = new(() => Result.Filled is { } filled ? Json(filled) : null);
    }

    private static JsonElement Json(FilledTemplate filled)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer)) filled.WriteJson(writer);
        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return document.RootElement.Clone();
    }
}
