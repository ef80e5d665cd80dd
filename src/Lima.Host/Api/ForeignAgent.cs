using Lima.Drivers.Instances;

namespace Lima.Host.Api;

/// <summary>A host agent of Lima's own that runs an instance of this home.</summary>
internal static class ForeignAgent
{
    /// <summary>Its process, if <c>ha.pid</c> names a living host agent; null otherwise.</summary>
    public static int? Of(InstanceDirectory directory)
    {
        try
        {
            if (!int.TryParse(File.ReadAllText(Path.Combine(directory.Path, "ha.pid")).Trim(), out var pid)) return null;
            // A number in a file proves nothing; the process must be a host agent of this instance.
            var words = File.ReadAllText($"/proc/{pid}/cmdline").Split('\0');
            return words.Contains("hostagent") && words.Contains(directory.Name.Value) ? pid : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
