using System.Text.Json;
using Lima.Domain.Networks;
using Lima.Drivers.Files;

namespace Lima.Drivers.Networks;

/// <summary>The addresses of a network's cards on the disk, so that each card has the same one for ever.</summary>
internal static class LeaseFile
{
    // More than any network of ours can have; what is longer was not written here.
    private const int SizeMax = 16 << 20;
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>What is written down; nothing when there is no file, or when it cannot be understood.</summary>
    public static LeaseTable Read(string path, NetworkPlan plan)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists || file.Length > SizeMax) return LeaseTable.Empty;
            return LeaseTable.Of(JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(path)) ?? [], plan);
        }
        catch (JsonException)
        {
            // Cards then get addresses anew; that is better than none.
            return LeaseTable.Empty;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DriverException(
                Domain.Vms.VmCauses.LaunchFailed, "reading addresses", $"{path} cannot be read: {e.Message}", "correct that, or remove the file", e);
        }
    }

    /// <summary>Writes it down.</summary>
    /// <exception cref="DriverException">It cannot be written.</exception>
    public static void Write(string path, LeaseTable leases) => AtomicFile.Write(
        path, JsonSerializer.Serialize(leases.Leases.ToDictionary(lease => lease.Key.ToString(), lease => lease.Value.ToString()), Indented) + "\n",
        UnixFileMode.UserRead | UnixFileMode.UserWrite);
}
