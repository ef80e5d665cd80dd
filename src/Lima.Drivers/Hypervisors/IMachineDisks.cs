namespace Lima.Drivers.Hypervisors;

/// <summary>The disks of a machine that runs. What is so already is no error, so that everything can be done again.</summary>
public interface IMachineDisks
{
    /// <summary>How the guest knows a disk that was plugged in while it ran (its World Wide Name); null for one that it was started with.</summary>
    /// <exception cref="DriverException">The machine does not answer.</exception>
    Task<string?> PluggedAsync(string disk, CancellationToken cancel);

    /// <summary>Makes a disk larger; the guest notices.</summary>
    /// <param name="disk">Name of the disk; empty for the machine's own.</param>
    /// <param name="bytes">Its new size.</param>
    /// <param name="cancel">Gives up waiting.</param>
    /// <exception cref="DriverException">The machine refuses, or does not answer.</exception>
    Task GrowAsync(string disk, long bytes, CancellationToken cancel);

    /// <summary>Plugs a disk in, and says how the guest knows it.</summary>
    /// <param name="disk">Name of the disk.</param>
    /// <param name="path">Its image.</param>
    /// <param name="format">Format of the image (<c>qcow2</c>, <c>raw</c>).</param>
    /// <param name="cancel">Gives up waiting.</param>
    /// <exception cref="DriverException">The machine refuses, or does not answer.</exception>
    Task<string> AttachAsync(string disk, string path, string format, CancellationToken cancel);

    /// <summary>Takes out a disk that was plugged in; returns once the guest has let go of it.</summary>
    /// <exception cref="DriverException">The machine refuses or does not answer, or the guest does not let go.</exception>
    Task DetachAsync(string disk, CancellationToken cancel);
}
