namespace Lima.Drivers.Instances;

/// <summary>A host agent of Lima's own that runs an instance of this home.</summary>
public static class ForeignAgent
{
    /// <summary>Its process, if <c>ha.pid</c> names a living host agent of that instance; null otherwise.</summary>
    public static int? Of(InstanceDirectory directory)
    {
        var file = Path.Combine(directory.Path, "ha.pid");
        // Asked for every instance of every list: an exception for each that has no such file would cost too much.
        if (!File.Exists(file)) return null;
        try
        {
            if (!int.TryParse(File.ReadAllText(file).Trim(), out var pid)) return null;
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
