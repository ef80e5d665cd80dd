using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Lima.Domain.Specs;
using Lima.Drivers.Files;

namespace Lima.Drivers.CloudInit;

/// <summary>Makes the seed that cloud-init and the guest's boot scripts read: a function of its input alone.</summary>
public static class CidataBuilder
{
    /// <summary>The volume label by which cloud-init and the boot scripts find the seed.</summary>
    public const string Label = "cidata";

    private const UnixFileMode Data = UnixFileMode.UserRead;
    private const UnixFileMode Script = UnixFileMode.UserRead | UnixFileMode.UserExecute;
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // A fixed time keeps the image the same as long as its content is; a real one would say nothing of use.
    private static readonly IsoVolume Volume = new(Label, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), Script);

    /// <summary>The files of the seed, and the instance id that follows from them.</summary>
    /// <exception cref="DriverException">The input would make an unreachable guest (code <c>seed-invalid</c>).</exception>
    public static Seed Build(SeedInput input)
    {
        SeedRules.Check(input);
        var instanceId = "iid-" + Digest(Files(input, instanceId: ""));
        return new Seed(instanceId, [.. Files(input, instanceId)]);
    }

    /// <summary>Writes the image, private to the user, if it is not there already with this content.</summary>
    /// <exception cref="DriverException">The input is wrong (<c>seed-invalid</c>) or the file cannot be written (<c>file-write</c>).</exception>
    public static SeedWritten Write(string path, SeedInput input)
    {
        var seed = Build(input);
        return new SeedWritten(seed.InstanceId, AtomicFile.WriteIfChanged(path, Iso9660Writer.Write(Volume, seed.Files), Private));
    }

    /// <summary>The files as the input would have them, whether or not the guest could be reached.</summary>
    internal static List<IsoFile> Files(SeedInput input, string instanceId)
    {
        List<IsoFile> files =
        [
            Text("user-data", UserData.For(input)),
            Text("meta-data", $"instance-id: {instanceId}\nlocal-hostname: {input.Name.Hostname}\n"),
            Text("network-config", SeedNetwork.Config(input)),
            Text("lima.env", SeedVariables.LimaEnv(input, instanceId)),
            Text("param.env", SeedVariables.ParamEnv(input.Spec)),
            Text("etc_environment", SeedVariables.EtcEnvironment(input.Spec)),
            .. input.Scripts.Files,
        ];
        // cloud-init has them from user-data; a boot script puts them into guests without it.
        if (Authorities.Of(input) is { IsEmpty: false } trusted) files.Add(Text("ca-certs.pem", string.Concat(trusted)));
        // The one program among them, and a large one: only where something is to be done with it.
        if (GuestProgram.IsNeeded(input.Spec) && !input.GuestProgram.IsEmpty) files.Add(new IsoFile(GuestProgram.OnSeed, input.GuestProgram, Script));
        foreach (var (index, entry) in input.Spec.Provision.Index())
            if (Provision(entry, input.Spec.Plain) is { } text) files.Add(Text($"provision.{entry.Mode}/{index:D8}", text) with { Mode = Script });
        return files;
    }

    /// <summary>What the boot scripts work with; null for what is done elsewhere (<c>boot</c> by cloud-init, <c>ansible</c> by the host).</summary>
    private static string? Provision(ProvisionSpec entry, bool isPlain) => entry.Mode switch
    {
        "dependency" when isPlain => null,
        "system" or "user" or "dependency" => entry.Script,
        "data" => entry.File?.Content,
        "yq" => entry.File?.Expression,
        _ => null,
    };

    // Each part goes in with its length, so that no two different seeds give the same bytes to the hash.
    private static string Digest(List<IsoFile> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files.OrderBy(file => file.Path, StringComparer.Ordinal))
        {
            Append(hash, Encoding.UTF8.GetBytes(file.Path));
            Append(hash, file.Content.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }

    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> part)
    {
        Span<byte> length = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, part.Length);
        hash.AppendData(length);
        hash.AppendData(part);
    }

    private static IsoFile Text(string path, string text) => new(path, Encoding.UTF8.GetBytes(text), Data);
}
