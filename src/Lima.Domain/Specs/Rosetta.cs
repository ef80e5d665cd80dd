namespace Lima.Domain.Specs;

/// <summary>Options of Apple's hypervisor: read and kept, without effect where it does not exist.</summary>
public sealed record VzSpec
{
    /// <summary>Programs for x86_64 in guests for ARM.</summary>
    public bool RosettaEnabled { get; init; }

    /// <summary>Register it for such programs in the guest.</summary>
    public bool RosettaBinfmt { get; init; }

    /// <summary>Format of the disk: <c>raw</c> or <c>asif</c>.</summary>
    public string DiskImageFormat { get; init; } = "raw";
}
