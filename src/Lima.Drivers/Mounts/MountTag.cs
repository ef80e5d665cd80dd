using System.Security.Cryptography;
using System.Text;
using Lima.Domain.Specs;

namespace Lima.Drivers.Mounts;

/// <summary>The name under which the guest finds a shared directory; Lima's rule, so that a seed of either fits a device of either.</summary>
public static class MountTag
{
    /// <summary><c>lima-</c> and the first 8 bytes, in hexadecimal, of the SHA-256 of <c>LOCATION:MOUNTPOINT</c>.</summary>
    public static string Of(MountSpec mount) => "lima-" +
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{mount.Location}:{mount.MountPoint}")).AsSpan(0, 8));
}
