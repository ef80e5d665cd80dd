using Lima.Templates.Yaml;

namespace Lima.Templates.Validation;

/// <summary>What may not change between the configuration that an instance has and the one it is to get.</summary>
public static class EditRules
{
    private const string DefaultDisk = "100GiB";

    /// <summary>A disk grows, and never shrinks. A new text that says nothing of the size leaves it as it is.</summary>
    /// <param name="before">The text that the instance has; one that cannot be read forbids nothing.</param>
    /// <param name="after">The text that it is to get.</param>
    /// <param name="source">Where the new text is from, for the problem.</param>
    /// <returns>The problem; null when there is none.</returns>
    public static Problem? ShrunkDisk(string before, string after, string source)
    {
        if (Root(before) is not { } old || Root(after)?["disk"] is not { IsNull: false } node) return null;
        var problem = DiskRules.ShrinkProblem(YamlScalars.AsText(old["disk"]) ?? DefaultDisk, YamlScalars.AsText(node));
        return problem is null ? null : new Problem(source, node.At.Line, node.At.Column, "disk", problem);
    }

    private static YamlMap? Root(string text) => YamlTreeReader.Read(text, "", new ProblemList("")) as YamlMap;
}
