using System.Text;
using Lima.Domain.Specs;
using Lima.Drivers.Instances;
using Arm = System.Runtime.Intrinsics.Arm;
using X86 = System.Runtime.Intrinsics.X86;

namespace Lima.Drivers.Ssh;

/// <summary>
/// The text of an instance's <c>ssh.config</c>, for <c>ssh -F</c>: Lima's, except that the guest's host key, which we
/// injected, is checked.
/// </summary>
public static class SshConfigFile
{
    /// <summary>Whether this machine computes AES by itself, so that AES ciphers are the fastest.</summary>
    public static bool AesIsFast => X86.Aes.IsSupported || Arm.Aes.IsSupported;

    /// <summary>Writes the text. The host alias is the guest's host name (<c>lima-NAME</c>).</summary>
    /// <param name="directory">The instance's files.</param>
    /// <param name="spec">Who logs in, and what is forwarded into sessions.</param>
    /// <param name="identityFile">Path of the private key.</param>
    /// <param name="port">Port on 127.0.0.1.</param>
    /// <param name="preferAes">Try the AES ciphers first (<see cref="AesIsFast"/>).</param>
    /// <exception cref="DriverException">A path has a character that such a file cannot express (code <c>ssh-config</c>).</exception>
    public static string Text(InstanceDirectory directory, VmSpec spec, string identityFile, int port, bool preferAes)
    {
        var alias = directory.Name.Hostname;
        var forwardAgent = spec.Ssh.ForwardAgent && !spec.Plain;
        List<string> lines =
        [
            $"IdentityFile {Quote(identityFile)}",
            "IdentitiesOnly yes",
            "PreferredAuthentications publickey",
            "BatchMode yes",
            "StrictHostKeyChecking yes",
            $"UserKnownHostsFile {Quote(directory.KnownHosts)}",
            "GlobalKnownHostsFile /dev/null",
            $"HostKeyAlias {alias}",
            "UpdateHostKeys no",
            "Compression no",
            "GSSAPIAuthentication no",
            .. preferAes ? ["Ciphers \"^aes128-gcm@openssh.com,aes256-gcm@openssh.com\""] : Array.Empty<string>(),
            $"User {Word(spec.User.Name)}",
            "ControlMaster auto",
            $"ControlPath {Quote(directory.SshControlSocket)}",
            "ControlPersist yes",
            .. forwardAgent ? ["ForwardAgent yes"] : Array.Empty<string>(),
            .. spec.Ssh.ForwardX11 ? ["ForwardX11 yes"] : Array.Empty<string>(),
            .. spec.Ssh.ForwardX11Trusted ? ["ForwardX11Trusted yes"] : Array.Empty<string>(),
            "Hostname 127.0.0.1",
            $"Port {port}",
        ];
        var text = new StringBuilder("# For `ssh -F`. Written anew at each start of the instance: changes here are lost.\n");
        text.Append($"Host {alias}\n");
        foreach (var line in lines) text.Append("  ").Append(line).Append('\n');
        return text.ToString();
    }

    /// <summary>The port in an <c>ssh.config</c>, ours or Lima's; null when there is none.</summary>
    public static int? Port(string path)
    {
        try
        {
            foreach (var line in File.ReadLines(path))
            {
                var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                if (words is ["Port", var port] && int.TryParse(port, out var number)) return number;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not started yet, or unreadable: then nothing is known of a port.
        }

        return null;
    }

    // OpenSSH splits words at blanks, and expands `%x` and `${NAME}` in paths. The latter cannot be escaped.
    private static string Quote(string path)
    {
        if (path.Any(char.IsControl) || path.Contains("${", StringComparison.Ordinal) || path.Contains('"') || path.Contains('\\'))
            throw Unusable("path", path, "use a directory without quotes, backslashes, `${` and control characters in its name");
        return $"\"{path.Replace("%", "%%")}\"";
    }

    private static string Word(string name) =>
        name.Length > 0 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.')
            ? name
            : throw Unusable("user name", name, "set `user.name` to letters, digits, `.`, `_` and `-`");

    private static DriverException Unusable(string what, string text, string hint) => new(
        "ssh-config", "writing ssh.config",
        $"OpenSSH cannot use the {what} `{string.Concat(text.Select(letter => char.IsControl(letter) ? '?' : letter))}`", hint);
}
