using System.Security.Cryptography;
using System.Text;

namespace Lima.Drivers.CloudInit;

/// <summary>Hardware addresses of the guests' network cards.</summary>
public static class MacAddress
{
    /// <summary>
    /// The address of an instance's first card: <c>52:55:55</c>, as Lima's, and three bytes of a hash of the instance's
    /// path, so that it is the same at every start and another one for every instance.
    /// </summary>
    /// <param name="instancePath">Absolute path of the instance directory.</param>
    public static string For(string instancePath)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(instancePath));
        return $"52:55:55:{hash[0]:x2}:{hash[1]:x2}:{hash[2]:x2}";
    }
}
