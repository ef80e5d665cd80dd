namespace Lima.Templates;

/// <summary>What every rule and default needs while one template is read.</summary>
internal sealed record Reading(Section Root, HostFacts Host, InstanceFacts Instance, ProblemList Problems)
{
    /// <summary>The guest's architecture.</summary>
    public string Arch => Root.Text("arch") is { } arch and not "default" ? arch : Host.Arch;

    /// <summary>Lima's plain mode.</summary>
    public bool Plain => Root.Bool("plain") ?? false;

    /// <summary>Reports a broken rule at a field.</summary>
    public void Error(Section section, string key, string message) => Problems.Error(section.At(key), section.FieldPath(key), message);

    /// <summary>Reports something to know about a field.</summary>
    public void Warn(Section section, string key, string message) => Problems.Warning(section.At(key), section.FieldPath(key), message);
}
