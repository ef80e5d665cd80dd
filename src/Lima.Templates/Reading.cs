namespace Lima.Templates;

/// <summary>What every rule needs while one template is read; its <paramref name="Root"/> is the filled form.</summary>
internal sealed record Reading(Section Root, HostFacts Host, InstanceFacts Instance, ProblemList Problems)
{
    /// <summary>The guest's architecture.</summary>
    public string Arch => Root.Text("arch") ?? Host.Arch;

    /// <summary>The guest's operating system.</summary>
    public string Os => Root.Text("os") ?? "Linux";

    /// <summary>The hypervisor.</summary>
    public string VmType => Root.Text("vmType") ?? "qemu";

    /// <summary>Lima's plain mode.</summary>
    public bool Plain => Root.Bool("plain") ?? false;

    /// <summary>Reports a broken rule at a field.</summary>
    public void Error(Section section, string key, string message) => Problems.Error(section.At(key), section.FieldPath(key), message);

    /// <summary>Reports something to know about a field.</summary>
    public void Warn(Section section, string key, string message) => Problems.Warning(section.At(key), section.FieldPath(key), message);
}
