using Lima.Domain.Vms;
using Lima.Drivers.Instances;
using Lima.Drivers.Qemu;
using Lima.Testing;

namespace Lima.Drivers.Tests.Qemu;

/// <summary>A guest that says very much does not fill the disk.</summary>
public sealed class GuestLogsTests : IDisposable
{
    private readonly TemporaryDirectory _home = new();
    private readonly InstanceDirectory _directory;

    public GuestLogsTests() => _directory = new InstanceDirectory(VmName.Parse("dev"), _home.Path);

    public void Dispose() => _home.Dispose();

    [Fact]
    public void The_older_part_of_a_long_log_goes_while_its_writer_goes_on()
    {
        var logs = new GuestLogs(_directory);
        using var writer = new FileStream(_directory.SerialLog, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        Write(writer, GuestLogs.BytesMax + 1, 'a');
        logs.Bound();
        Write(writer, 10, 'b');
        var text = ReadAll();
        Assert.Equal(GuestLogs.BytesMax + 11, text.Length);
        Assert.All(text[..4096], b => Assert.Equal(0, b));
        Assert.Equal((byte)'a', text[^(int)GuestLogs.BytesKept]);
        Assert.Equal("aabbbbbbbbbb", System.Text.Encoding.ASCII.GetString(text[^12..]));
    }

    [Fact]
    public void A_log_of_usual_length_stays_and_one_that_began_anew_is_known_as_such()
    {
        var logs = new GuestLogs(_directory);
        File.WriteAllBytes(_directory.QemuLog, [.. Enumerable.Repeat((byte)'a', 1000)]);
        File.WriteAllBytes(_directory.SerialLog, new byte[GuestLogs.BytesMax + 1]);
        logs.Bound();
        Assert.Equal((byte)'a', File.ReadAllBytes(_directory.QemuLog)[0]);
        File.WriteAllText(_directory.SerialLog, "new");
        logs.Bound();
        Assert.Equal("new", File.ReadAllText(_directory.SerialLog));
    }

    private static void Write(FileStream to, long count, char c)
    {
        to.Write([.. Enumerable.Repeat((byte)c, (int)count)]);
        to.Flush();
    }

    private byte[] ReadAll()
    {
        using var file = new FileStream(_directory.SerialLog, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
