using Lima.Drivers.Qemu.Disks;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.Qemu;

public sealed class BootSectorTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(0xeb, 0x55, 0xaa, true)]
    [InlineData(0x00, 0x55, 0xaa, false)] // A table of partitions without a program.
    [InlineData(0xeb, 0x00, 0x00, false)]
    public async Task A_disk_can_be_started_when_a_program_is_in_its_first_sector(byte first, byte mark, byte next, bool expected)
    {
        var sector = new byte[512];
        (sector[0], sector[510], sector[511]) = (first, mark, next);
        Assert.Equal(expected, BootSector.IsBootable(sector));
        Assert.False(BootSector.IsBootable(sector.AsSpan(0, 511)));
        if (!Need.Programs(output, "qemu-img")) return;
        using var directory = new TemporaryDirectory();
        File.WriteAllBytes(directory["disk"], [.. sector, .. new byte[4096]]);
        Assert.Equal(expected, await BootSector.IsBootableAsync(directory["disk"], "raw", CancellationToken.None));
    }
}
