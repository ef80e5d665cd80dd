using System.Security.Cryptography;
using Lima.Domain.Specs;

namespace Lima.Drivers.CloudInit;

/// <summary>The product's program for the guest: its agent, which also changes files by yq expressions. One file for each architecture that it was built for.</summary>
public static class GuestProgram
{
    /// <summary>Its name on the seed.</summary>
    public const string OnSeed = "lima-guestagent";

    private const int BytesMax = 64 << 20;

    /// <summary>Whether the guest has an agent running: Linux only, and not in plain mode.</summary>
    public static bool IsAgent(VmSpec spec) => spec is { Os: "Linux", Plain: false };

    /// <summary>Whether the guest is to have it.</summary>
    public static bool IsNeeded(VmSpec spec) => IsAgent(spec) || spec.Provision.Any(entry => entry.Mode == "yq");

    /// <summary>By what the boot scripts know whether they have this one already; empty when the guest is to have no agent.</summary>
    public static string AgentStamp(SeedInput input) => IsAgent(input.Spec) && !input.GuestProgram.IsEmpty
        ? Convert.ToHexStringLower(SHA256.HashData(input.GuestProgram.Span).AsSpan(0, 8))
        : "";

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
