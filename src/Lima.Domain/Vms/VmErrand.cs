namespace Lima.Domain.Vms;

/// <summary>Work on the files of an instance that a user asked for, with what it needs; kept until it is done or has failed.</summary>
public abstract record VmErrand
{
    private VmErrand() { }

    /// <summary>Write this <c>lima.yaml</c>.</summary>
    public sealed record Editing(string Yaml) : VmErrand;

    /// <summary>Copy the instance.</summary>
    public sealed record Cloning(string CloneId, string CloneName) : VmErrand;

    /// <summary>Give the instance this name.</summary>
    public sealed record Renaming(string NewName) : VmErrand;
}
