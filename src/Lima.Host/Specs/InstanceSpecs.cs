using System.Collections.Concurrent;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers;
using Lima.Drivers.Instances;
using Lima.Templates;

namespace Lima.Host.Specs;

/// <summary>
/// Reads <c>lima.yaml</c> of the instances. A file is parsed again only when its time or size has changed, so that a list
/// of many instances costs one look at each file.
/// </summary>
internal sealed class InstanceSpecs : IVmSpecSource
{
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

        var stamp = (file.LastWriteTimeUtc, file.Length);
        if (_entries.TryGetValue(directory.Path, out var entry) && entry.Stamp == stamp) return (entry.Result, entry.CreatedBy);
        var (result, createdBy) = Parse(directory);
        _entries[directory.Path] = new Entry(stamp, result, createdBy);
        return (result, createdBy);
    }

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
    public TemplateResult Check(string yaml, string source, InstanceDirectory directory) =>
        TemplateReader.Read(yaml, source, _facts, new InstanceFacts(directory.Name.Value, directory.Path));

    private (TemplateResult Template, string CreatedBy) Parse(InstanceDirectory directory)
    {
        try
        {
            var createdBy = File.Exists(directory.LimaVersion) ? File.ReadAllText(directory.LimaVersion).Trim() : "";
            return (TemplateReader.Read(
                File.ReadAllText(directory.LimaYaml), directory.LimaYaml, _facts,
                new InstanceFacts(directory.Name.Value, directory.Path) { CreatedBy = createdBy }), createdBy);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (Unreadable(directory, e.Message), "");
        }
    }

    private static TemplateResult Missing(InstanceDirectory directory) => Unreadable(directory, "the file is missing");

    private static TemplateResult Unreadable(InstanceDirectory directory, string why) =>
        new(null, "", [new Problem(directory.LimaYaml, 0, 0, "", why)], [], []);

    private sealed record Entry((DateTime Time, long Length) Stamp, TemplateResult Result, string CreatedBy);
}
