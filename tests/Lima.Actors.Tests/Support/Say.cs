using Lima.Domain.Vms.Messages;

namespace Lima.Actors.Tests.Support;

/// <summary>Commands, to be given an id.</summary>
internal static class Say
{
    public static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(10);

    public static VmCommand Start(string id) => new VmCommands.Start(id, StartTimeout);

    public static VmCommand Stop(string id) => new VmCommands.Stop(id, Force: false);

    public static VmCommand Kill(string id) => new VmCommands.Stop(id, Force: true);

    public static VmCommand Restart(string id) => new VmCommands.Restart(id, Force: false, StartTimeout);

    public static VmCommand Pause(string id) => new VmCommands.Pause(id);

    public static VmCommand Resume(string id) => new VmCommands.Resume(id);

    public static VmCommand Delete(string id) => new VmCommands.Delete(id, Force: false);

    public static VmCommand Edit(string id) => new VmCommands.Edit(id, "images: []\n# edited\n");

    public static Func<string, VmCommand> Clone(Guid cloneId, string name) => id => new VmCommands.Clone(id, cloneId.ToString("D"), name);

    public static Func<string, VmCommand> Rename(string name) => id => new VmCommands.Rename(id, name);

    public static VmCommand FactoryReset(string id) => new VmCommands.FactoryReset(id);

    public static VmCommand ForceDelete(string id) => new VmCommands.Delete(id, Force: true);
}
