using Lima.EndToEnd.Tests.Support;

namespace Lima.EndToEnd.Tests;

/// <summary>Disks beside the instances: used, grown, and had by one VM at a time, whatever dies.</summary>
public sealed class DisksTests(LimaHome home) : IClassFixture<LimaHome>
{
    private static readonly TimeSpan Patient = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(8);
    private readonly Limactl _cli = home.Cli;

    private const string Template = """
        images:
        - location: "recipe:tiny"
          arch: "x86_64"
        arch: "x86_64"
        cpus: 1
        memory: 256MiB
        disk: 1GiB
        additionalDisks:
        - data
        """;

    [ProductFact]
    public async Task Disks_are_formatted_mounted_swapped_on_and_follow_when_they_have_grown()
    {
        await CreateAsync("a", "- name: swap\n  fsType: swap");
        (await _cli.RunAsync(BuildLimit, "start", "--tty=false", "a")).Fails(1, "disk `data` does not exist", "limactl disk create data --size");
        (await _cli.RunAsync("disk", "create", "data", "--size=1GiB")).Ok();
        (await _cli.RunAsync("disk", "create", "swap", "--size=128MiB", "--format=raw")).Ok();
        (await _cli.RunAsync(Patient, "start", "--tty=false", "a")).Ok();

        Assert.Matches("^/dev/vdb1 /mnt/lima-data ext4 rw", await _cli.GuestAsync("a", "grep", "lima-data", "/proc/mounts"));
        Assert.Matches(@"(?m)^/dev/vdc1\s+partition\s+1[23]\d{4}\s", await _cli.GuestAsync("a", "cat", "/proc/swaps"));
        Assert.InRange(await SizeAsync("a"), 900L << 20, 1024L << 20);
        await _cli.GuestAsync("a", "sudo", "sh", "-c", "echo kept >/mnt/lima-data/file && sync");
        Assert.Matches(@"(?m)^data +1GiB +qcow2 +\S+ +a$", (await _cli.RunAsync("disk", "list")).Ok());
        (await _cli.RunAsync("disk", "delete", "data")).Fails(1, "in use by instance `a`");

        (await _cli.RunAsync(Patient, "stop", "a")).Ok();
        Assert.Matches(@"(?m)^data +1GiB +qcow2 +\S+ *$", (await _cli.RunAsync("disk", "list")).Ok());
        Assert.False(Path.Exists(home["_disks/data/in_use_by"]));
        (await _cli.RunAsync("disk", "resize", "data", "--size=2GiB")).Ok();
        (await _cli.RunAsync("disk", "resize", "swap", "--size=256MiB")).Ok();
        (await _cli.RunAsync(Patient, "start", "--tty=false", "a")).Ok();

        Assert.InRange(await SizeAsync("a"), 1800L << 20, 2048L << 20);
        Assert.Equal("kept", await _cli.GuestAsync("a", "cat", "/mnt/lima-data/file"));
        Assert.Matches(@"(?m)^/dev/vdc1\s+partition\s+2[56]\d{4}\s", await _cli.GuestAsync("a", "cat", "/proc/swaps"));
        Assert.Null((await _cli.ShowAsync("a")).Degraded);
        (await _cli.RunAsync("delete", "-f", "a")).Ok();
        Assert.False(Path.Exists(home["_disks/data/in_use_by"]));
        (await _cli.RunAsync("disk", "delete", "data", "swap")).Ok();
    }

    [ProductFact]
    public async Task A_disk_is_had_by_whoever_lives_and_by_nobody_who_has_died()
    {
        await CreateAsync("c");
        await CreateAsync("d");
        (await _cli.RunAsync("disk", "create", "data", "--size=64MiB")).Ok();
        (await _cli.RunAsync(BuildLimit, "start", "--tty=false", "c")).Ok();
        (await _cli.RunAsync("start", "--tty=false", "d")).Fails(1, "disk `data` is in use by instance `c`", "limactl stop c");

        // The host's death changes nothing: the machine has the disk, and the next host adopts both.
        await home.KillHostAsync();
        (await _cli.RunAsync("start", "--tty=false", "d")).Fails(1, "disk `data` is in use by instance `c`");
        (await _cli.RunAsync("disk", "unlock", "data")).Ok();
        Assert.True(Path.Exists(home["_disks/data/in_use_by"]));

        // Both die; the link stays behind, and means nothing.
        await home.KillHostAsync();
        var qemu = Assert.Single(Processes.QemusOf(home.Path)).Pid;
        Processes.Signal(qemu, Processes.SigKill);
        Assert.True(await Processes.IsGoneAsync(qemu, TimeSpan.FromSeconds(30)));
        Assert.True(Path.Exists(home["_disks/data/in_use_by"]) || new FileInfo(home["_disks/data/in_use_by"]).LinkTarget is not null);
        (await _cli.RunAsync(Patient, "start", "--tty=false", "d")).Ok();
        Assert.Equal(home["d"], new FileInfo(home["_disks/data/in_use_by"]).LinkTarget);
        Assert.Contains("/mnt/lima-data", await _cli.GuestAsync("d", "cat", "/proc/mounts"));

        // A machine that crashes under a living host lets go as well.
        qemu = Assert.Single(Processes.QemusOf(home.Path)).Pid;
        Processes.Signal(qemu, Processes.SigKill);
        await _cli.UntilAsync("d", instance => instance.Status == "Error", Patient);
        (await _cli.RunAsync(Patient, "start", "--tty=false", "c")).Ok();
        (await _cli.RunAsync("delete", "-f", "c", "d")).Ok();
        (await _cli.RunAsync("disk", "delete", "data")).Ok();
    }

    [ProductFact]
    public async Task Disks_come_grow_and_go_while_the_VM_runs()
    {
        await home.RunningAsync("e");
        (await _cli.RunAsync("disk", "create", "plug", "--size=512MiB")).Ok();
        (await _cli.RunAsync(Patient, "disk", "attach", "plug", "e")).Ok();
        Assert.Matches("^/dev/sda1 /mnt/lima-plug ext4 rw", await _cli.GuestAsync("e", "grep", "lima-plug", "/proc/mounts"));
        Assert.Contains("plug", await File.ReadAllTextAsync(home["e/lima.yaml"]));
        (await _cli.RunAsync("disk", "delete", "plug")).Fails(1, "in use by instance `e`");
        await _cli.GuestAsync("e", "sudo", "sh", "-c", "echo kept >/mnt/lima-plug/file && sync");

        (await _cli.RunAsync(Patient, "disk", "resize", "plug", "--size=1GiB")).Ok();
        (await _cli.RunAsync(Patient, "resize", "e", "--disk=2")).Ok();
        Assert.InRange(await SizeAsync("e", "/mnt/lima-plug"), 900L << 20, 1024L << 20);
        Assert.InRange(await SizeAsync("e", "/"), 1800L << 20, 2048L << 20);
        (await _cli.RunAsync("resize", "e", "--disk=1")).Fails(1, "shrinking the disk");

        // Begun, stored, and the host dies: the next one does it.
        await home.KillHostAsync();
        var cut = _cli.With("LIMA_HOCON", "lima.fail-points = [\"stored:DiskChangeRequested\"]");
        await cut.ListAsync();
        await cut.RunAsync(Patient, "disk", "resize", "plug", "--size=1536MiB");
        await _cli.UntilAsync("e", instance => instance.Intent is null, Patient);
        Assert.InRange(await SizeAsync("e", "/mnt/lima-plug"), 1400L << 20, 1536L << 20);
        Assert.Equal("kept", await _cli.GuestAsync("e", "cat", "/mnt/lima-plug/file"));

        (await _cli.RunAsync(Patient, "disk", "detach", "plug", "e")).Ok();
        Assert.DoesNotContain("lima-plug", await _cli.GuestAsync("e", "cat", "/proc/mounts"));
        Assert.DoesNotContain("plug", await File.ReadAllTextAsync(home["e/lima.yaml"]));
        (await _cli.RunAsync("disk", "delete", "plug")).Ok();
        (await _cli.RunAsync("delete", "-f", "e")).Ok();
    }

    [ProductFact]
    public async Task What_a_guest_deletes_is_given_back_when_it_stops()
    {
        await home.RunningAsync("f");
        await _cli.GuestAsync("f", "sh", "-c", "dd if=/dev/urandom of=big bs=1M count=64 && sync");
        var full = (await _cli.ShowAsync("f")).DiskAllocated;
        Assert.True(full > 64 << 20, $"{full}");
        await _cli.GuestAsync("f", "sh", "-c", "rm big && sync");
        (await _cli.RunAsync(Patient, "stop", "f")).Ok();
        Assert.InRange((await _cli.ShowAsync("f")).DiskAllocated, 0, full - (48 << 20));
        Assert.Contains("ALLOCATED", (await _cli.RunAsync("list", "--all-fields")).Ok());
        (await _cli.RunAsync("delete", "-f", "f")).Ok();
    }

    private async Task CreateAsync(string name, string more = "")
    {
        var file = home[name + ".yaml"];
        await File.WriteAllTextAsync(file, $"{Template}\n{more}\n");
        (await _cli.RunAsync("create", "--tty=false", $"--name={name}", file)).Ok();
    }

    private async Task<long> SizeAsync(string name, string path = "/mnt/lima-data") =>
        long.Parse((await _cli.GuestAsync(name, "df", "-k", path)).Split('\n')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) << 10;
}
