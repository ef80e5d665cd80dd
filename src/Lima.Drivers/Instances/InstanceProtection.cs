using Lima.Drivers.Files;

namespace Lima.Drivers.Instances;

/// <summary>
/// The file <c>protected</c> in an instance directory. It alone says whether the instance may be deleted, so that Lima and
/// people see and set the same thing.
/// </summary>
public static class InstanceProtection
{
    /// <summary>Sets or removes the protection.</summary>
    /// <returns>False when it was so already.</returns>
    /// <exception cref="DriverException">The file cannot be written or removed (<c>file-write</c>).</exception>
    public static bool Set(InstanceDirectory directory, bool isProtected)
    {
        if (File.Exists(directory.Protected) == isProtected) return false;
        if (isProtected)
        {
            AtomicFile.Write(directory.Protected, "", UnixFileMode.UserRead);
            return true;
        }

        try
        {
            File.Delete(directory.Protected);
            DirectorySync.Flush(directory.Path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DriverException("file-write", "removing the protection", $"cannot remove `{directory.Protected}`: {e.Message}", "check its permissions", e);
        }
    }

    /// <summary>The refusal of whoever wants to remove a protected instance.</summary>
    /// <param name="directory">The instance.</param>
    /// <param name="what">What protection is against: <c>removal</c> or <c>factory-reset</c>.</param>
    public static DriverException Refusal(InstanceDirectory directory, string what) => new(
        "protected", "looking at the protection", $"instance `{directory.Name}` is protected to prohibit accidental {what}",
        $"use `limactl unprotect {directory.Name}`");
}
