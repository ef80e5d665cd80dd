using Lima.Domain.Vms;

namespace Lima.Drivers.Instances;

/// <summary>The directory that holds everything of one user, with Lima's layout (default <c>~/.lima</c>).</summary>
/// <param name="Path">Absolute path, symbolic links resolved.</param>
public sealed record LimaHome(string Path)
{
    /// <summary>The host's own files: journal, API socket, lock, log.</summary>
    public string HostDirectory => System.IO.Path.Combine(Path, "_host");

    /// <summary>Keys and settings shared by all instances.</summary>
    public string ConfigDirectory => System.IO.Path.Combine(Path, "_config");

    /// <summary>Event journal (SQLite).</summary>
    public string JournalFile => System.IO.Path.Combine(HostDirectory, "journal.db");

    /// <summary>Unix socket of the API.</summary>
    public string ApiSocket => System.IO.Path.Combine(HostDirectory, "api.sock");

    /// <summary>File whose kernel lock says that a host lives.</summary>
    public string LockFile => System.IO.Path.Combine(HostDirectory, "host.lock");

    /// <summary>The host's log.</summary>
    public string LogFile => System.IO.Path.Combine(HostDirectory, "host.log");

    /// <summary>Private key that opens every instance.</summary>
    public string UserKey => System.IO.Path.Combine(ConfigDirectory, "user");

    /// <summary>The directory of an instance, whether or not it exists.</summary>
    public InstanceDirectory Instance(VmName name) => new(name, System.IO.Path.Combine(Path, name.Value));
}
