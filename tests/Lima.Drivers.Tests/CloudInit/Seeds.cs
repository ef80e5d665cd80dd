using System.Text;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.CloudInit;

namespace Lima.Drivers.Tests.CloudInit;

/// <summary>Inputs for seeds, and their files as text.</summary>
internal static class Seeds
{
    public const string PrivateKey = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n-----END OPENSSH PRIVATE KEY-----\n";

    public static VmSpec Spec { get; } = new()
    {
        Arch = "x86_64",
        Cpus = 2,
        MemoryBytes = 1L << 30,
        DiskBytes = 8L << 30,
        Images = [],
        User = new UserSpec("alice", "Alice", "/home/alice.guest", "/bin/bash", 1001),
    };

    public static SeedInput Minimal { get; } = new()
    {
        Name = VmName.Parse("my.vm"),
        Spec = Spec,
        AuthorizedKeys = ["ssh-ed25519 AAAAuser lima"],
        HostKeyPrivate = PrivateKey,
        HostKeyPublic = "ssh-ed25519 AAAAhost lima\n",
        Scripts = new GuestScripts("#!/bin/sh\nexec /mnt/lima-cidata/boot.sh\n", [File("boot.sh", "#!/bin/sh\n"), File("boot.d/05-environment.sh", "true\n")]),
        Mac = "52:55:55:e7:b1:fa",
    };

    public static SeedInput With(Func<VmSpec, VmSpec> change) => Minimal with { Spec = change(Spec) };

    public static string Text(this Seed seed, string path) =>
        Encoding.UTF8.GetString(seed.Files.Single(file => file.Path == path).Content.Span);

    public static IsoFile File(string path, string text) => new(path, Encoding.UTF8.GetBytes(text), UnixFileMode.UserRead | UnixFileMode.UserExecute);
}
