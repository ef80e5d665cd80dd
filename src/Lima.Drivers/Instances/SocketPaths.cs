using System.Text;

namespace Lima.Drivers.Instances;

/// <summary>QEMU's and OpenSSH's sockets live in the instance directory, and the system limits the length of their paths.</summary>
public static class SocketPaths
{
    private const int UnixPathMax = 108;

    /// <summary>Refuses a name whose sockets would have too long a path.</summary>
    /// <exception cref="DriverException">It is too long (<c>name-too-long</c>).</exception>
    public static void Require(InstanceDirectory target, string step)
    {
        // OpenSSH adds a dot and 16 characters while it makes its own.
        var longest = Encoding.UTF8.GetByteCount(target.SshControlSocket) + 17;
        if (longest < UnixPathMax) return;
        throw new DriverException(
            "name-too-long", step,
            $"instance name `{target.Name}` is too long for this home: the path of its sockets would be {longest} bytes, the system allows {UnixPathMax - 1}",
            "choose a shorter name or a shorter LIMA_HOME");
    }
}
