namespace Lima.Drivers.Qemu;

/// <summary>What runs the guest's instructions.</summary>
public enum Accelerator
{
    /// <summary>QEMU's own translator: always there, slow.</summary>
    Tcg,
    /// <summary>Linux' hypervisor.</summary>
    Kvm,
    /// <summary>macOS' hypervisor.</summary>
    Hvf,
}

/// <summary>Names of <see cref="Accelerator"/>.</summary>
public static class Accelerators
{
    /// <summary>QEMU's word for it.</summary>
    public static string Word(this Accelerator accelerator) => accelerator switch
    {
        Accelerator.Kvm => "kvm",
        Accelerator.Hvf => "hvf",
        _ => "tcg",
    };
}
