using Lima.Domain.Vms;
using Lima.Drivers.Instances;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.Instances;

public sealed class OutsideFilesTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private InstanceDirectory Instance => new(VmName.Parse("web"), _directory.Path);

    [Fact]
    public async Task The_base_of_the_disk_and_linked_boot_files_are_named()
    {
        if (!Need.Programs(output, "qemu-img")) return;
        Assert.Empty(OutsideFiles.Of(Instance));
        var image = _directory["an image with a name.raw"];
        File.WriteAllBytes(image, new byte[1 << 20]);
        using (var create = System.Diagnostics.Process.Start("qemu-img", ["create", "-q", "-f", "qcow2", "-F", "raw", "-b", image, Instance.Disk])) await create.WaitForExitAsync();
        File.CreateSymbolicLink(Instance.Kernel, "/store/kernel");
        File.WriteAllText(Instance.Initrd, "its own");
        Assert.Equal([new("base of the disk", image), new("kernel", "/store/kernel")], OutsideFiles.Of(Instance));
        File.Move(Instance.Disk, Instance.LegacyDisk);
        Assert.Equal(image, OutsideFiles.Of(Instance)[0].Path);
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { (byte)'Q', (byte)'F', (byte)'I', 0xfb })]
    [InlineData(new byte[] { (byte)'Q', (byte)'F', (byte)'I', 0xfb, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { (byte)'Q', (byte)'F', (byte)'I', 0xfb, 0, 0, 0, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff })]
    [InlineData(new byte[] { (byte)'Q', (byte)'F', (byte)'I', 0xfb, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 3, 0 })]
    [InlineData(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21 })]
    public void A_disk_that_is_none_stands_on_nothing(byte[] content)
    {
        File.WriteAllBytes(Instance.Disk, content);
        Assert.Empty(OutsideFiles.Of(Instance));
    }
}
