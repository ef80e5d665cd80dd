using System.Security.Cryptography;
using System.Text;
using Lima.Domain.Vms;

namespace Lima.Drivers.Qemu;

/// <summary>Hardware addresses of guests.</summary>
public static class MacAddress
{
    /// <summary>
    /// Address of the guest's first network card: Lima's prefix and three bytes that follow from the VM's identity, so that
    /// it stays the same for ever, also after a rename. The seed's network configuration names the same one.
    /// </summary>
    public static string Of(VmId id)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(id.Value));
        return $"52:55:55:{hash[0]:x2}:{hash[1]:x2}:{hash[2]:x2}";
    }
}
