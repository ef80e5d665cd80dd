using Lima.Domain.Specs;
using Lima.Domain.Vms;

namespace Lima.Drivers.Instances;

/// <summary>
/// Work on the files of an instance that is down. Each of these may be cut short at any instant and begun again: what is
/// done already is found done, and nothing half-made ever stands under the name of an instance.
/// </summary>
public interface IInstanceFiles
{
    /// <summary>Replaces <c>lima.yaml</c>: the old text or the new, never a part.</summary>
    /// <exception cref="DriverException">It could not be written (<c>edit-failed</c>); the old text stays.</exception>
    void WriteConfiguration(VmName name, string yaml);

    /// <summary>Replaces the text of <c>lima.yaml</c> that a change was made from by the new one; nothing is done when it has that already.</summary>
    /// <exception cref="DriverException">It has another text by now, or could not be written (<c>edit-failed</c>); it stays as it is.</exception>
    void ChangeConfiguration(VmName name, ConfigurationChange change);

    /// <summary>
    /// Copies an instance, sharing blocks where the file system can. Left out is what belongs to the one instance alone:
    /// protection, identity, keys and seed of the guest, sockets, logs.
    /// </summary>
    /// <param name="name">The one to copy; nothing may write to its disk meanwhile.</param>
    /// <param name="cloneId">Identity of the copy. If it is there already nothing is done.</param>
    /// <param name="cloneName">Name of the copy.</param>
    /// <param name="progress">Told about files that take time.</param>
    /// <param name="cancel">Gives up; nothing of the copy stays.</param>
    /// <exception cref="DriverException">The name is taken (<c>instance-exists</c>), too long (<c>name-too-long</c>), or copying failed (<c>clone-failed</c>).</exception>
    Task CloneAsync(VmName name, VmId cloneId, VmName cloneName, IProgress<StepProgress> progress, CancellationToken cancel);

    /// <summary>Gives the directory another name. If the instance of that identity has it already nothing is done.</summary>
    /// <exception cref="DriverException">The name is taken (<c>instance-exists</c>), too long (<c>name-too-long</c>), or renaming failed (<c>rename-failed</c>).</exception>
    Task RenameAsync(VmId id, VmName name, VmName newName, CancellationToken cancel);

    /// <summary>Removes everything but what Lima keeps too (<c>*.yaml</c>, <c>*.yml</c>, <c>lima-version</c>, <c>protected</c>, <c>vz-identifier</c>) and the identity.</summary>
    /// <exception cref="DriverException">Something could not be removed (<c>reset-failed</c>).</exception>
    void FactoryReset(VmName name);
}
