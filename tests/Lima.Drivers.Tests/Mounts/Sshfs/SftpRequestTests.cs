using System.Text;
using Lima.Drivers.Mounts.Sshfs;
using static Lima.Drivers.Tests.Mounts.Sshfs.RawSftp;

namespace Lima.Drivers.Tests.Mounts.Sshfs;

/// <summary>Which paths a request names, and what the server does with links in them.</summary>
public sealed class SftpRequestTests
{
    [Theory]
    [InlineData(3, true, false)]
    [InlineData(7, false, false)]
    [InlineData(9, true, false)]
    [InlineData(11, true, false)]
    [InlineData(13, false, true)]
    [InlineData(14, false, true)]
    [InlineData(15, false, true)]
    [InlineData(16, true, false)]
    [InlineData(17, true, false)]
    [InlineData(19, false, false)]
    public void One_path(byte type, bool follows, bool moves)
    {
        var packet = Packet(type, Number(7), Text("/a/b"), Number(0), Number(0));
        var request = SftpRequest.Parse(packet)!.Value;
        Assert.Equal((7u, true, moves), (request.Id, request.IsKnown, request.Moves));
        Assert.Equal(("/a/b", follows), (Name(packet, request.First), request.First!.Value.Follows));
        Assert.Null(request.Second);
    }

    [Fact]
    public void Two_paths()
    {
        foreach (var packet in new[]
        {
            Packet(Rename, Number(7), Text("/a"), Text("/b")),
            Packet(Extended, Number(7), Text("posix-rename@openssh.com"), Text("/a"), Text("/b")),
            Packet(Extended, Number(7), Text("hardlink@openssh.com"), Text("/a"), Text("/b")),
        })
        {
            var request = SftpRequest.Parse(packet)!.Value;
            Assert.True(request.Moves);
            Assert.Equal(("/a", "/b"), (Name(packet, request.First), Name(packet, request.Second)));
            Assert.False(request.First!.Value.Follows || request.Second!.Value.Follows);
        }
    }

    [Fact]
    public void Of_a_link_the_place_counts_and_not_what_it_says()
    {
        var packet = Packet(MakeLink, Number(7), Text("/etc/shadow"), Text("/a/link"));
        var request = SftpRequest.Parse(packet)!.Value;
        Assert.Equal("/a/link", Name(packet, request.First));
        Assert.Null(request.Second);
    }

    [Theory]
    [InlineData("fsync@openssh.com", true)]
    [InlineData("fstatvfs@openssh.com", true)]
    [InlineData("limits@openssh.com", true)]
    [InlineData("copy-data", false)]
    [InlineData("expand-path@openssh.com", false)]
    [InlineData("users-groups-by-id@openssh.com", false)]
    public void Extensions_are_known_or_refused(string name, bool known) =>
        Assert.Equal(known, SftpRequest.Parse(Packet(Extended, Number(7), Text(name), Number(1)))!.Value.IsKnown);

    [Fact]
    public void What_no_version_3_client_sends_is_unknown() => Assert.False(SftpRequest.Parse(Packet(99, Number(7)))!.Value.IsKnown);

    [Fact]
    public void What_breaks_off_is_nothing()
    {
        var whole = Packet(Rename, Number(7), Text("/a"), Text("/b"));
        for (var length = 0; length < whole.Length; length++) Assert.Null(SftpRequest.Parse(whole.AsSpan(0, length)));
        Assert.Null(SftpRequest.Parse(Packet(Open, Number(7), Number(uint.MaxValue), Number(0))));
    }

    private static string Name(byte[] packet, SftpPath? path) => Encoding.UTF8.GetString(packet, path!.Value.Offset, path.Value.Length);
}
