namespace Lima.Drivers.CloudInit;

/// <summary>The product's program for the guest: changes files by yq expressions. One file for each architecture that it was built for.</summary>
public static class GuestProgram
{
    /// <summary>Its name on the seed.</summary>
    public const string OnSeed = "lima-guestagent";

    private const int BytesMax = 64 << 20;

    /// <summary>Its name where it is installed (<c>share/lima</c>), for an architecture in Lima's words.</summary>
    public static string FileName(string arch) => $"lima-guestagent.Linux-{arch}";

    /// <summary>Reads it; empty when there is none for that architecture.</summary>
    /// <exception cref="DriverException">It cannot be read (code <c>guest-scripts</c>).</exception>
    public static ReadOnlyMemory<byte> Load(string directory, string arch)
    {
        var path = Path.Combine(directory, FileName(arch));
        try
        {
            if (!File.Exists(path)) return default;
            if (new FileInfo(path).Length > BytesMax) throw new IOException("it is too large");
            return File.ReadAllBytes(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DriverException(
                "guest-scripts", "making the cloud-init seed", $"the guest's program `{path}` cannot be used: {failure.Message}",
                "install the program again", failure);
        }
    }
}
