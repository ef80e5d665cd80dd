using Lima.Drivers.Qemu.Qmp;

namespace Lima.Drivers.Qemu;

/// <summary>What the QEMU driver may be told by its owner.</summary>
public sealed record QemuOptions
{
    /// <summary>File that keeps the accelerator probe's result (normally <c>$LIMA_HOME/_host/accelerator.json</c>).</summary>
    public required string AcceleratorCache { get; init; }

    /// <summary>The program that stands between QEMU and each virtiofsd; null where there is none.</summary>
    public string? VirtiofsRelay { get; init; }

    /// <summary>The user's home, where firmware may lie.</summary>
    public string Home { get; init; } = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    /// <summary>Reads an environment variable.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>Longest time from the launch until QEMU answers.</summary>
    public TimeSpan LaunchLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest wait for QEMU when attaching; a machine that does not answer by then is attached to all the same.</summary>
    public TimeSpan AttachLimit { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>First and last pause between attempts to reconnect.</summary>
    public (TimeSpan First, TimeSpan Last) Reconnect { get; init; } = (TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(5));

    /// <summary>Limits of the control connection.</summary>
    public QmpOptions Qmp { get; init; } = new();
}
