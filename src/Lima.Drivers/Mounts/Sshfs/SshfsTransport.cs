using System.Collections.Immutable;
using Lima.Domain.Mounts;
using Lima.Domain.Specs;
using Lima.Drivers.Processes;
using Lima.Drivers.Ssh;

namespace Lima.Drivers.Mounts.Sshfs;

/// <summary>
/// <c>reverse-sshfs</c>: sshfs in the guest speaks SFTP over an SSH connection of its own with a server on the host.
/// That connection is OpenSSH's client, not the shared session: SSH.NET takes in whatever a guest sends, whether or not anybody
/// reads it, so a guest could fill the host's memory; and a mount's bulk would stand in the way of commands.
/// </summary>
/// <param name="ssh">Name or path of OpenSSH's client.</param>
public sealed class SshfsTransport(string ssh = "ssh") : IMountTransport
{
    private const int OutputMax = 4096;
    private const int ConfirmRounds = 300;

    private static readonly TimeSpan PrepareLimit = TimeSpan.FromSeconds(60);
    // Longer than all of its rounds, so that the guest's own limit comes first.
    private static readonly TimeSpan ConfirmLimit = TimeSpan.FromSeconds(120);

    /// <inheritdoc/>
    public MountType Type => MountType.ReverseSshfs;

    /// <inheritdoc/>
    public bool Fits(MountSpec mount, GuestMount row) =>
        row.FsType == "fuse.sshfs" && row.Source == ":" + mount.Location && row.ReadOnly != mount.Writable;

    /// <inheritdoc/>
    /// <remarks>Never: its channel ends with whoever made it.</remarks>
    public Task<ILiveMount?> AdoptAsync(MountRequest request, CancellationToken cancel) => Task.FromResult<ILiveMount?>(null);

    /// <inheritdoc/>
    public async Task<ILiveMount> MountAsync(MountRequest request, CancellationToken cancel)
    {
        MakeLocation(request.Mount);
        var hasDirectoryCache = await PrepareAsync(request, cancel);
        var (mount, words) = await TryAsync(request, hasDirectoryCache, nonEmpty: false, cancel);
        // FUSE 2 wants to be told that hiding what is there is meant.
        if (mount is null && words.Contains("nonempty", StringComparison.Ordinal))
            (mount, words) = await TryAsync(request, hasDirectoryCache, nonEmpty: true, cancel);
        return mount ?? throw MountErrors.Because($"sshfs in the guest did not mount {request.Mount.MountPoint}: {words}");
    }

    private static void MakeLocation(MountSpec mount)
    {
        try
        {
            Directory.CreateDirectory(mount.Location, (UnixFileMode)0b111_101_101);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw MountErrors.Because($"the directory {mount.Location} of `mounts` cannot be made: {e.Message}", "make it, or correct `mounts`");
        }
    }

    private static async Task<bool> PrepareAsync(MountRequest request, CancellationToken cancel)
    {
        var result = await request.Session.ExecAsync(SshfsGuest.Prepare(request.Mount, request.User), PrepareLimit, OutputMax, cancel);
        return result.ExitCode switch
        {
            0 => result.Output.Contains(SshfsGuest.DirectoryCache, StringComparison.Ordinal),
            SshfsGuest.NoSshfs => throw MountErrors.CannotBe("the guest has no sshfs", "install the package `sshfs` in the guest, or choose another `mountType`"),
            SshfsGuest.NoFuse => throw MountErrors.CannotBe("the guest's kernel has no FUSE", "choose another `mountType`"),
            _ => throw MountErrors.Because($"the guest cannot make the mount point {request.Mount.MountPoint}: {Printable(result.Error)}"),
        };
    }

    private async Task<(SshfsMount? Mount, string Words)> TryAsync(MountRequest request, bool hasDirectoryCache, bool nonEmpty, CancellationToken cancel)
    {
        var places = new SftpPlaces(request.Mount.Location, SftpServer.LinksAreTrusted(request.Mount));
        var server = SftpServer.Start(request.Mount);
        var client = await StartClientAsync(request, SshfsGuest.Mount(request.Mount, hasDirectoryCache, nonEmpty), server);
        var mount = new SshfsMount(client, server, places);
        try
        {
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var confirmed = request.Session.ExecAsync(SshfsGuest.Confirm(request.Mount, ConfirmRounds), ConfirmLimit, OutputMax, enough.Token);
            if (await Task.WhenAny(confirmed, mount.Broken) == confirmed)
            {
                if ((await confirmed).ExitCode == 0) return (mount, "");
                await mount.DisposeAsync();
                return (null, "it did not appear in the guest's mount table in time");
            }

            await enough.CancelAsync();
            await ((Task)confirmed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var words = await mount.Broken;
            await mount.DisposeAsync();
            return (null, words);
        }
        catch (Exception)
        {
            await mount.DisposeAsync();
            throw;
        }
    }

    private async Task<PipedProcess> StartClientAsync(MountRequest request, string command, PipedProcess server)
    {
        try
        {
            return PipedProcess.Start(new ProcessSpec(ssh, Arguments(request, command)));
        }
        catch (DriverException)
        {
            await server.DisposeAsync();
            throw;
        }
    }

    // A connection of its own: a shared one would end with whichever command had opened it.
    private static ImmutableArray<string> Arguments(MountRequest request, string command) =>
    [
        "-F", request.Directory.SshConfig, "-S", "none", "-o", "ControlMaster=no", "-o", "ControlPersist=no", "-o", "ClearAllForwardings=yes",
        "-o", "ForwardAgent=no", "-o", "ForwardX11=no", "-o", "ConnectTimeout=30", "-o", "LogLevel=ERROR", "-T", request.Directory.Name.Hostname, command,
    ];

    private static string Printable(string words) => string.Concat(words.Trim().Select(letter => char.IsControl(letter) ? ' ' : letter));
}
