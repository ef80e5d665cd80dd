using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lima.Domain.Specs;
using Lima.Drivers.Files;
using Lima.Drivers.Instances;

namespace Lima.Drivers.PortForwarding;

/// <summary>Keeps the rules in a file of the instance, so that the next host has them too.</summary>
public sealed class PortRulesFile : IPortRules
{
    private const long BytesMax = 1 << 20;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    /// <inheritdoc/>
    public ImmutableArray<PortForwardSpec> Load(InstanceDirectory directory)
    {
        try
        {
            var file = new FileInfo(directory.PortRules);
            if (!file.Exists || file.Length > BytesMax) return [];
            return JsonSerializer.Deserialize<ImmutableArray<PortForwardSpec>?>(File.ReadAllBytes(file.FullName), Format) is { IsDefault: false } rules ? rules : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return []; // Rules for the moment; those of lima.yaml are there still.
        }
    }

    /// <inheritdoc/>
    public void Save(InstanceDirectory directory, ImmutableArray<PortForwardSpec> rules) =>
        AtomicFile.Write(directory.PortRules, JsonSerializer.SerializeToUtf8Bytes(rules, Format), OwnerOnly);
}
