using Lima.Domain.Catalog;
using Lima.Domain.Vms;
using Lima.Drivers;
using Lima.Drivers.Instances;

namespace Lima.Actors.Tests.Fakes;

/// <summary>Instance directories in a real home, with gates and failures in front.</summary>
internal sealed class FakeInstanceStore(InstanceStore inner) : IInstanceStore
{
    /// <summary>Why removing fails; null when it does not.</summary>
    public DriverException? RemoveProblem { get; set; }

    /// <summary>Called by a scan once it has looked, before it answers.</summary>
    public Action AfterLook { get; set; } = () => { };

    /// <summary>Called before a directory is made.</summary>
    public Action BeforeCreate { get; set; } = () => { };

    /// <summary>Called after a directory was made, before that is told.</summary>
    public Action AfterCreate { get; set; } = () => { };

    /// <summary>Why scanning fails; null when it does not.</summary>
    public IOException? ScanProblem { get; set; }

    public LimaHome Home => inner.Home;

    public IReadOnlyList<UnusableInstance> Unusable => inner.Unusable;

    public IReadOnlyList<FoundInstance> Scan()
    {
        if (ScanProblem is { } problem) throw problem;
        var found = inner.Scan();
        AfterLook();
        return found;
    }

    public void Create(VmId id, VmName name, string yaml)
    {
        BeforeCreate();
        inner.Create(id, name, yaml);
        // Kept by the preparer in earnest; the SSH session wants to read it.
        File.WriteAllText(Home.Instance(name).SshHostKey + ".pub", "ssh-ed25519 AAAA");
        AfterCreate();
    }

    public void Remove(VmName name)
    {
        if (RemoveProblem is { } problem) throw problem;
        inner.Remove(name);
    }

    public void CleanUp(VmName name) => inner.CleanUp(name);
}
