using Lima.Domain.Specs;
using Lima.Drivers.Instances;

namespace Lima.Drivers.AfterBoot;

/// <summary>What the host itself does once a guest has booted, and takes back when it has stopped.</summary>
public interface IAfterBoot
{
    /// <summary>Copies every file of <c>copyToHost</c>.</summary>
    /// <exception cref="DriverException">Some could not be copied; the others have been.</exception>
    Task CopyToHostAsync(VmSpec spec, InstanceDirectory directory, CancellationToken cancel);

    /// <summary>Plays the playbooks of <c>provision</c>, in their order.</summary>
    /// <exception cref="DriverException">One failed, or <c>ansible-playbook</c> is not installed.</exception>
    Task PlayAsync(VmSpec spec, InstanceDirectory directory, CancellationToken cancel);

    /// <summary>Removes the copies that are to go with the instance's stop. One that is gone already is no error.</summary>
    /// <exception cref="DriverException">Some could not be removed.</exception>
    void RemoveCopies(VmSpec spec);
}
