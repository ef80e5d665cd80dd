using System.Collections.Immutable;
using Lima.Templates.Yaml;

namespace Lima.Templates;

/// <summary>The user's <c>_config/networks.yaml</c>, as far as templates depend on it.</summary>
public static class NetworkModes
{
    private const string UserMode = "user-v2";

    /// <summary>Modes of the networks by name; the one that needs no privileges is always there. What cannot be read gives the usual ones.</summary>
    /// <param name="text">Content of the file; null when there is none.</param>
    /// <param name="source">Its name in problems.</param>
    /// <param name="problem">Why it cannot be read; null when it can.</param>
    public static ImmutableDictionary<string, string> Read(string? text, string source, out Problem? problem)
    {
        problem = null;
        if (text is null) return HostFacts.UsualNetworks;
        var problems = new ProblemList(source);
        if (YamlTreeReader.Read(text, source, problems) is not { } root || problems.HasErrors)
        {
            problem = problems.Errors[0];
            return HostFacts.UsualNetworks;
        }

        var modes = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, network) in ((root as YamlMap)?["networks"] as YamlMap)?.Entries ?? [])
        {
            modes[name.Value] = YamlScalars.AsText((network as YamlMap)?["mode"]) ?? "";
        }

        modes.TryAdd(UserMode, UserMode);
        return modes.ToImmutable();
    }
}
