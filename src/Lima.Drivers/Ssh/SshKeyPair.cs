namespace Lima.Drivers.Ssh;

/// <summary>A key pair on disk.</summary>
/// <param name="PrivateFile">Path of the private key, mode 0600.</param>
/// <param name="PublicLine">The public key in OpenSSH's one-line form (<c>ssh-ed25519 AAAA… lima</c>), no line feed.</param>
public sealed record SshKeyPair(string PrivateFile, string PublicLine);
