using Lima.Templates.Validation;

namespace Lima.Templates.Defaults;

/// <summary>What QEMU's driver chooses where the filled form leaves it open.</summary>
internal static class QemuDefaults
{
    /// <summary>Where the screen is when it is shown over the network.</summary>
    public const string VncDisplay = "127.0.0.1:0,to=9";

    /// <summary>Length of the queue of a virtiofs device, in requests.</summary>
    public const int VirtiofsQueueSize = 1024;

    /// <summary>The way of mounting: 9p, unless the guest cannot or the instance is older than that choice.</summary>
    public static string MountType(Section root, InstanceFacts instance) => root.Text("mountType") switch
    {
        null or "" or "default" => root.Texts("mountTypesUnsupported").Contains("9p") || LimaVersion.IsOlder(instance.CreatedBy, new LimaVersion(1, 0, 0))
            ? "reverse-sshfs"
            : "9p",
        var type => type,
    };
}
