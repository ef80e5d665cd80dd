using Lima.Domain.Disks;
using Lima.Domain.Specs;
using Lima.Drivers.Hypervisors;
using Lima.Drivers.Instances;
using Lima.Drivers.Ssh;

namespace Lima.Drivers.Disks;

/// <summary>Work on the disks of instances that run.</summary>
public interface ILiveDisks
{
    /// <summary>Makes a change, from its beginning: what is done already is no error.</summary>
    /// <param name="directory">The instance.</param>
    /// <param name="change">What is to be done.</param>
    /// <param name="spec">Reads the configuration, after it was written.</param>
    /// <param name="machine">The machine; null when it does not run, and only what is written down can be changed.</param>
    /// <param name="session">Session with the guest; null when there is none.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="DriverException">Something was not done; the message says what is and what is not.</exception>
    Task ChangeAsync(InstanceDirectory directory, DiskChange change, Func<VmSpec> spec, IMachineDisks? machine, ISshSession? session, CancellationToken cancel);

    /// <summary>Has the guest give back what its file systems do not use.</summary>
    /// <returns>Bytes, as the guest says; null when it cannot, or not in time.</returns>
    Task<long?> TrimAsync(ISshSession session, TimeSpan limit, CancellationToken cancel);
}
