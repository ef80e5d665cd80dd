using System.Collections.Immutable;
using Lima.Domain.Networks;
using Lima.Domain.Specs;
using Lima.Domain.Vms;

namespace Lima.Drivers.CloudInit;

/// <summary>All that a seed is made from.</summary>
public sealed record SeedInput
{
    /// <summary>Name of the instance.</summary>
    public required VmName Name { get; init; }

    /// <summary>What the instance is to be.</summary>
    public required VmSpec Spec { get; init; }

    /// <summary>Public keys that may log in, one line each; at least one.</summary>
    public required ImmutableArray<string> AuthorizedKeys { get; init; }

    /// <summary>Private host key of the guest, the text of an OpenSSH key file.</summary>
    public required string HostKeyPrivate { get; init; }

    /// <summary>Its public half (<c>ssh-ed25519 AAAA… lima</c>).</summary>
    public required string HostKeyPublic { get; init; }

    /// <summary>The product's scripts for the guest.</summary>
    public required GuestScripts Scripts { get; init; }

    /// <summary>The program for the guest (<see cref="CloudInit.GuestProgram"/>); empty where there is none for it, which only entries of mode <c>yq</c> cannot do without.</summary>
    public ReadOnlyMemory<byte> GuestProgram { get; init; }

    /// <summary>Hardware address of the first network card (<see cref="Qemu.MacAddress.Of"/>).</summary>
    public required string Mac { get; init; }

    /// <summary>Texts of the files that <c>caCerts.files</c> names.</summary>
    public ImmutableArray<string> AuthorityFiles { get; init; } = [];

    /// <summary>The user's home directory on the host, which may be among the mounts; empty when it does not matter.</summary>
    public string HostHome { get; init; } = "";

    /// <summary>Let the guest's scripts trace what they do.</summary>
    public bool Debug { get; init; }

    /// <summary>The host as the guest sees it.</summary>
    public string SlirpGateway { get; init; } = UserNetwork.Gateway;

    /// <summary>The name server that QEMU's network offers.</summary>
    public string SlirpDns { get; init; } = "192.168.5.3";

    /// <summary>Port of the host's name server for this guest, over UDP and TCP; 0 for none.</summary>
    public int DnsPort { get; init; }

    /// <summary>Name servers of networks of ours, by the names of the networks.</summary>
    public ImmutableDictionary<string, string> NameServersOf { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The guest's own address.</summary>
    public string SlirpAddress { get; init; } = UserNetwork.Guest;
}

/// <summary>A seed, ready to be written.</summary>
/// <param name="InstanceId">What cloud-init recognises the instance by; the same as long as the content is.</param>
/// <param name="Files">The files of the image.</param>
public sealed record Seed(string InstanceId, ImmutableArray<IsoFile> Files);

/// <summary>What writing a seed did.</summary>
/// <param name="InstanceId">What cloud-init recognises the instance by; the guest's markers contain it.</param>
/// <param name="Changed">False when the file was already as it should be.</param>
public sealed record SeedWritten(string InstanceId, bool Changed);
