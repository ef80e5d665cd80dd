using System.Collections.Immutable;
using Lima.Drivers.Files;
using Lima.Drivers.Instances;

namespace Lima.Drivers.Ssh;

/// <summary>The key pairs of users and guests: made once, by OpenSSH's own program, and kept private.</summary>
/// <param name="program">Name or path of <c>ssh-keygen</c>.</param>
public sealed class SshKeys(string program = "ssh-keygen")
{
    private const string Comment = "lima";
    private const int PublicKeyBytesMax = 16 * 1024;
    private const int PublicKeyFilesMax = 64;
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Public = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode PrivateDirectory = Private | UnixFileMode.UserExecute;

    private static readonly TimeSpan LockLimit = TimeSpan.FromSeconds(60);

    private readonly KeyGenerator _generator = new(program);

    /// <summary>The pair that opens every instance (<c>_config/user</c>); made if there is none.</summary>
    /// <exception cref="DriverException">It can be neither read nor made.</exception>
    public Task<SshKeyPair> EnsureUserKeyAsync(LimaHome home, CancellationToken cancel) => EnsureAsync(home.UserKey, cancel);

    /// <summary>The host key of a guest, to be injected into it; made if there is none.</summary>
    /// <exception cref="DriverException">It can be neither read nor made.</exception>
    public Task<SshKeyPair> EnsureHostKeyAsync(InstanceDirectory directory, CancellationToken cancel) =>
        EnsureAsync(directory.SshHostKey, cancel);

    /// <summary>The user's own public keys (<c>~/.ssh/*.pub</c>), sorted by file; what is no key is passed over.</summary>
    /// <param name="sshDirectory">The user's <c>.ssh</c> directory; it need not exist.</param>
    public static ImmutableArray<string> OwnPublicKeys(string sshDirectory)
    {
        try
        {
            return [.. Directory.EnumerateFiles(sshDirectory, "*.pub")
                .Order(StringComparer.Ordinal)
                .Take(PublicKeyFilesMax)
                .Select(ReadPublicLine)
                .OfType<string>()];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private async Task<SshKeyPair> EnsureAsync(string file, CancellationToken cancel)
    {
        var directory = Path.GetDirectoryName(file)!;
        MakeDirectory(directory);
        using var only = await DirectoryLock.AcquireAsync(directory, LockLimit, cancel);
        try
        {
            return await EnsureLockedAsync(directory, file, cancel);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DriverException(
                "ssh-keys", "making SSH keys", $"the key pair `{file}` cannot be used: {failure.Message}", "check who owns it", failure);
        }
    }

    private async Task<SshKeyPair> EnsureLockedAsync(string directory, string file, CancellationToken cancel)
    {
        if (!File.Exists(file)) await MakeAsync(directory, file, cancel);
        // OpenSSH refuses to use a private key that others can read.
        if (File.GetUnixFileMode(file) is var mode && (mode & ~(Private | UnixFileMode.UserExecute)) != 0) File.SetUnixFileMode(file, Private);
        if (ReadPublicLine(file + ".pub") is not { } line)
        {
            line = await _generator.PublicLineAsync(file, cancel);
            AtomicFile.Write(file + ".pub", line + "\n", Public);
        }

        return new SshKeyPair(file, line);
    }

    // Made aside, so that an interruption leaves no half of a pair. The private key comes last: it says that there is one.
    private async Task MakeAsync(string directory, string file, CancellationToken cancel)
    {
        var aside = Path.Combine(directory, $".keys.{Guid.NewGuid():N}.tmp");
        Directory.CreateDirectory(aside, PrivateDirectory);
        try
        {
            var made = Path.Combine(aside, "key");
            await _generator.MakeAsync(made, Comment, cancel);
            AtomicFile.Write(file + ".pub", File.ReadAllText(made + ".pub"), Public);
            AtomicFile.Write(file, File.ReadAllBytes(made), Private);
        }
        finally
        {
            Directory.Delete(aside, recursive: true);
        }
    }

    private static void MakeDirectory(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory, PrivateDirectory);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DriverException(
                "ssh-keys", "making SSH keys", $"the directory `{directory}` cannot be made: {failure.Message}", "check its parent", failure);
        }
    }

    private static string? ReadPublicLine(string file)
    {
        try
        {
            if (!File.Exists(file) || new FileInfo(file).Length > PublicKeyBytesMax) return null;
            var line = File.ReadAllText(file).Trim();
            return PublicKey.TryParse(line, out _) ? line : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
