using Lima.Domain.Vms;

namespace Lima.Host.Api;

/// <summary>The systemd user unit by which <c>limactl autostart</c> has an instance started at login.</summary>
internal static class AutostartUnit
{
    /// <summary>Its name, as Lima's; null when there is none for that instance.</summary>
    public static string? Of(VmName name)
    {
        var unit = $"lima-vm@{name}.service";
        var configured = Environment.GetEnvironmentVariable("XDG_CONFIG_HOME");
        var root = string.IsNullOrEmpty(configured) ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config") : configured;
        return File.Exists(Path.Combine(root, "systemd", "user", unit)) ? unit : null;
    }
}
