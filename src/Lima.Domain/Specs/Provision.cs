namespace Lima.Domain.Specs;

/// <summary>One entry of <c>provision</c>, at its place in the list.</summary>
/// <param name="Mode">Lima's mode (<c>system</c>, <c>user</c>, <c>boot</c>, …).</param>
/// <param name="Script">Text of the script, already expanded; empty where the mode has none.</param>
public sealed record ProvisionSpec(string Mode, string Script)
{
    /// <summary>The file to write or to change, for <c>data</c> and <c>yq</c>; null for other modes.</summary>
    public ProvisionFile? File { get; init; }

    /// <summary>A <c>dependency</c> script that stands in for the packages that Lima would install.</summary>
    public bool SkipDefaultDependencyResolution { get; init; }

    /// <summary>Playbook on the host, for <c>ansible</c>; else empty.</summary>
    public string Playbook { get; init; } = "";
}

/// <summary>A file in the guest that provisioning writes or changes.</summary>
/// <param name="Path">Absolute path, already expanded.</param>
public sealed record ProvisionFile(string Path)
{
    /// <summary>What it is to contain, already expanded (mode <c>data</c>).</summary>
    public string Content { get; init; } = "";

    /// <summary>Whether a file that is there is written anew (mode <c>data</c>).</summary>
    public bool Overwrite { get; init; } = true;

    /// <summary>Expression that changes it, already expanded (mode <c>yq</c>).</summary>
    public string Expression { get; init; } = "";

    /// <summary>What kind of file it is (mode <c>yq</c>); <c>auto</c> goes by the name.</summary>
    public string Format { get; init; } = "auto";

    /// <summary>Owner as <c>chown</c> takes it.</summary>
    public string Owner { get; init; } = "root:root";

    /// <summary>Permissions in octal, as written.</summary>
    public string Permissions { get; init; } = "644";
}
