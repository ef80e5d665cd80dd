using Lima.Contracts;

namespace Lima.Cli.Tests.Support;

/// <summary>Instances as a host would describe them.</summary>
public static class Views
{
    public static InstanceView Instance(string name, string status = "Running", string? intent = null) => new()
    {
        Name = name,
        Hostname = "lima-" + name,
        Status = status,
        Dir = "/srv/lima/" + name,
        VmType = "qemu",
        Arch = "x86_64",
        Cpus = 2,
        Memory = 4L << 30,
        Disk = 100L << 30,
        SshLocalPort = status == "Running" ? 60022 : 0,
        Intent = intent,
        Id = "id-" + name,
        Sequence = 7,
    };

    public static FakeReply List(params InstanceView[] instances) =>
        FakeReply.Json(new InstanceList(instances), ContractsJson.Default.InstanceList);

    public static FakeReply One(InstanceView instance) => FakeReply.Json(instance, ContractsJson.Default.InstanceView);

    public static FakeReply Accepted(InstanceView instance, bool changed = true, long after = 7) =>
        FakeReply.Json(new Accepted(instance, changed, after), ContractsJson.Default.Accepted);

    public static FakeReply Host(long newestEvent) => FakeReply.Json(
        new HostView
        {
            Version = "0.1.0", Capabilities = [], Pid = 1, Home = "/srv/lima", StartedAt = default,
            Instances = new Dictionary<string, int>(), NewestEvent = newestEvent,
        },
        ContractsJson.Default.HostView);

    public static FakeReply NotFound(string name) =>
        FakeReply.Error(404, "instance-not-found", $"instance `{name}` does not exist", "run `limactl list`");
}
