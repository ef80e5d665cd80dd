using System.Runtime.InteropServices;
using System.Text;
using Lima.Drivers.Processes;

namespace Lima.Drivers.Mounts.Sshfs;

/// <summary>What the server would answer; the protocol's numbers.</summary>
internal enum SftpStatus : uint
{
    /// <summary>Go on.</summary>
    Ok = 0,
    NoSuchFile = 2,
    PermissionDenied = 3,
    Failure = 4,
    Unsupported = 8,
}

/// <summary>
/// Says whether a path lies in the directory that is shared: by its letters, and by where the kernel finds it, so that no link
/// leads out.
/// </summary>
/// <param name="location">The directory, absolute.</param>
/// <param name="linksAreTrusted">Links are followed wherever they lead; only for guests that cannot make any.</param>
internal sealed unsafe class SftpPlaces(string location, bool linksAreTrusted)
{
    private const int NoEntry = 2, NotPermitted = 1, Denied = 13, NotDirectory = 20;

    private readonly byte[] _named = Encoding.UTF8.GetBytes(location.TrimEnd('/'));
    private readonly byte[] _real = Real(Encoding.UTF8.GetBytes(location), out _) is { } real
        ? Trimmed(real)
        : throw MountErrors.Because($"the directory {location} cannot be found", "make it, or correct `mounts`");

    /// <summary><see cref="SftpStatus.Ok"/> when a request for this path may pass; else what to answer.</summary>
    /// <param name="path">The guest's bytes.</param>
    /// <param name="follows">Whether the server follows a link at its end.</param>
    public SftpStatus Look(ReadOnlySpan<byte> path, bool follows)
    {
        if (path.Contains((byte)0) || !IsBeneath(path, _named) || HasParentStep(path)) return SftpStatus.PermissionDenied;
        if (linksAreTrusted) return SftpStatus.Ok;
        path = Trimmed(path);
        // The shared directory itself: its parent is nobody's business.
        if (path.Length <= _named.Length) return SftpStatus.Ok;
        if (!follows) return OfParent(path);
        if (Real(path, out var error) is { } real) return IsBeneath(real, _real) ? SftpStatus.Ok : SftpStatus.PermissionDenied;
        if (error != NoEntry) return Of(error);
        // It is to be made, or is a link to nothing: through that the server would make something elsewhere.
        return NativeLinks.IsLink(path) ? SftpStatus.NoSuchFile : OfParent(path);
    }

    private SftpStatus OfParent(ReadOnlySpan<byte> path)
    {
        var parent = path[..Math.Max(path.LastIndexOf((byte)'/'), 1)];
        return Real(parent, out var error) is { } real ? IsBeneath(real, _real) ? SftpStatus.Ok : SftpStatus.PermissionDenied : Of(error);
    }

    private static SftpStatus Of(int error) => error switch
    {
        NoEntry or NotDirectory => SftpStatus.NoSuchFile,
        Denied or NotPermitted => SftpStatus.PermissionDenied,
        _ => SftpStatus.Failure,
    };

    private static bool IsBeneath(ReadOnlySpan<byte> path, ReadOnlySpan<byte> directory) =>
        path.StartsWith(directory) && (path.Length == directory.Length || path[directory.Length] == '/');

    private static bool HasParentStep(ReadOnlySpan<byte> path)
    {
        foreach (var step in path.Split((byte)'/'))
            if (path[step].SequenceEqual(".."u8)) return true;
        return false;
    }

    private static byte[]? Real(ReadOnlySpan<byte> path, out int error) => NativeLinks.RealPath(path, out error);

    private static byte[] Trimmed(byte[] path) => Trimmed(path.AsSpan()).ToArray();

    private static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> path) => path.TrimEnd((byte)'/');
}
