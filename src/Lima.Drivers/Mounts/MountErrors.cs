using Lima.Domain.Vms;

namespace Lima.Drivers.Mounts;

/// <summary>What can be wrong with a mount.</summary>
public static class MountErrors
{
    /// <summary>Code: this guest cannot do it at all (its kernel or its programs lack it); another way may.</summary>
    public const string Unsupported = "mount-unsupported";

    /// <summary>Code: it failed this time.</summary>
    public const string Failed = "mount-failed";

    /// <summary>Code: the machine cannot serve it that way again before its next start; another way has to do until then.</summary>
    public const string Lost = "mount-lost";

    private const string Step = "mounting";

    /// <summary>It failed; trying again may help.</summary>
    public static DriverException Because(string message, string hint = "it is tried again by itself") => new(Failed, Step, message, hint);

    /// <summary>That way is lost until the next start.</summary>
    public static DriverException IsLost(string message) => new(Lost, Step, message, "restart the instance to have it back");

    /// <summary>It cannot be done in this guest.</summary>
    public static DriverException CannotBe(string message, string hint) => new(Unsupported, Step, message, hint);
}
