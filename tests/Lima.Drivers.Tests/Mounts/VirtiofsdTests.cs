using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Instances;
using Lima.Drivers.Mounts;
using Lima.Drivers.Mounts.Virtiofs;

namespace Lima.Drivers.Tests.Mounts;

public sealed class VirtiofsdTests
{
    private static readonly Virtiofsd C = new("/usr/lib/qemu/virtiofsd", IsRust: false, KnowsReadOnly: false);
    private static readonly Virtiofsd OldRust = new("/usr/libexec/virtiofsd", IsRust: true, KnowsReadOnly: false);
    private static readonly Virtiofsd Rust = new("/usr/libexec/virtiofsd", IsRust: true, KnowsReadOnly: true);
    private static readonly MountSpec Writable = new("/a,b\\c", "/mnt", Writable: true), ReadOnly = new("/src", "/mnt", Writable: false);

    [Fact]
    public void What_each_can_serve_depends_on_the_user_and_on_the_rights()
    {
        Assert.Equal(
            [false, false, true, true], new[] { (Writable, false), (ReadOnly, false), (Writable, true), (ReadOnly, true) }.Select(t => C.CanServe(t.Item1, t.Item2)));
        Assert.Equal(
            [true, false, true, true], new[] { (Writable, false), (ReadOnly, false), (Writable, true), (ReadOnly, true) }.Select(t => OldRust.CanServe(t.Item1, t.Item2)));
        Assert.True(Rust.CanServe(ReadOnly, isRoot: false));
    }

    [Fact]
    public void Each_is_told_in_its_own_words()
    {
        Assert.Equal<string>(
            ["--socket-path=/d/s", "-o", "source=/a\\,b\\\\c", "-o", "xattr", "-o", "log_level=warn"], C.Command(Writable, "/d/s", isRoot: true).Arguments);
        Assert.Equal<string>(["--socket-path=/d/s", "--shared-dir=/a,b\\c"], OldRust.Command(Writable, "/d/s", isRoot: false).Arguments);
        Assert.Equal<string>(["--socket-path=/d/s", "--shared-dir=/src", "--readonly"], Rust.Command(ReadOnly, "/d/s", isRoot: false).Arguments);
    }

    [Fact]
    public void One_that_knows_no_read_only_gets_a_view_that_is()
    {
        var command = C.Command(ReadOnly, "/d/s", isRoot: true);
        Assert.Equal("unshare", command.Program);
        Assert.Equal(["lima", "/src", C.Program, "--socket-path=/d/s", "-o", "source=/src"], command.Arguments.SkipWhile(word => word != "lima").Take(6));
    }

    [Fact]
    public void A_relay_stands_before_it_where_there_is_one()
    {
        var device = new VirtiofsDevice(Writable, 0);
        var directory = new InstanceDirectory(VmName.Parse("x"), "/d");
        Assert.Equal($"--socket-path={device.Socket(directory)}", new VirtiofsServer(null).Command(Rust, device, directory, isRoot: false).Arguments[0]);
        var relayed = new VirtiofsServer("/l/relay").Command(OldRust, device, directory, isRoot: false);
        Assert.Equal("/l/relay", relayed.Program);
        Assert.Equal<string>(
            [$"--socket-path={device.Socket(directory)}", $"--daemon-socket={device.DaemonSocket(directory)}", "--", OldRust.Program, "--socket-path={}", "--shared-dir=/a,b\\c"],
            relayed.Arguments);
    }

    [Fact]
    public void A_device_that_replaces_another_has_a_tag_of_its_own()
    {
        var first = new VirtiofsDevice(ReadOnly, 0);
        Assert.Equal(MountTag.Of(ReadOnly), first.Tag);
        Assert.Equal((MountTag.Of(ReadOnly) + ".1", 1), (first.Next.Tag, first.Next.Generation));
        Assert.Equal(first, VirtiofsDevice.Newest(ReadOnly, ["type", "scsi0", new VirtiofsDevice(Writable, 3).Id]));
        Assert.Equal(2, VirtiofsDevice.Newest(ReadOnly, [first.Id, first.Next.Next.Id, first.Next.Id]).Generation);
    }
}
