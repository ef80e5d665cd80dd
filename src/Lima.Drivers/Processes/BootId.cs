namespace Lima.Drivers.Processes;

/// <summary>Which boot of the workstation this is.</summary>
public static class BootId
{
    private static readonly Lazy<string> Read = new(() =>
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        }
        catch (IOException)
        {
            // Systems without it (macOS) have no number that survives a boot either; an empty id equals only itself.
            return "";
        }
    });

    /// <summary>The kernel's boot id.</summary>
    public static string Current => Read.Value;
}
