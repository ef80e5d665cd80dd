using System.Text;
using Lima.Drivers.Mounts.Sshfs;
using Lima.Testing;

namespace Lima.Drivers.Tests.Mounts.Sshfs;

/// <summary>What lies in the shared directory, by its letters and by where links lead.</summary>
public sealed class SftpPlacesTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public SftpPlacesTests()
    {
        Directory.CreateDirectory(_directory["shared/sub"]);
        Directory.CreateDirectory(_directory["shared-not"]);
        File.WriteAllText(_directory["shared/file"], "");
        File.WriteAllText(_directory["outside"], "");
        File.CreateSymbolicLink(_directory["shared/out"], _directory["outside"]);
        File.CreateSymbolicLink(_directory["shared/out-relative"], "../outside");
        File.CreateSymbolicLink(_directory["shared/up"], "..");
        File.CreateSymbolicLink(_directory["shared/in"], _directory["shared/file"]);
        File.CreateSymbolicLink(_directory["shared/nothing"], _directory["absent"]);
    }

    [Theory]
    [InlineData("shared", true, SftpStatus.Ok)]
    [InlineData("shared/", true, SftpStatus.Ok)]
    [InlineData("shared", false, SftpStatus.Ok)]
    [InlineData("shared/file", true, SftpStatus.Ok)]
    [InlineData("shared//sub/", true, SftpStatus.Ok)]
    [InlineData("shared/new", true, SftpStatus.Ok)]
    [InlineData("shared/in", true, SftpStatus.Ok)]
    [InlineData("shared/out", false, SftpStatus.Ok)]
    [InlineData("shared/nothing", false, SftpStatus.Ok)]
    [InlineData("shared/absent/new", true, SftpStatus.NoSuchFile)]
    [InlineData("shared/absent/new", false, SftpStatus.NoSuchFile)]
    [InlineData("shared/file/new", true, SftpStatus.NoSuchFile)]
    [InlineData("shared/nothing", true, SftpStatus.NoSuchFile)]
    [InlineData("shared/out", true, SftpStatus.PermissionDenied)]
    [InlineData("shared/out-relative", true, SftpStatus.PermissionDenied)]
    [InlineData("shared/up", true, SftpStatus.PermissionDenied)]
    [InlineData("shared/up/outside", false, SftpStatus.PermissionDenied)]
    [InlineData("shared/up/new", true, SftpStatus.PermissionDenied)]
    [InlineData("shared/../outside", true, SftpStatus.PermissionDenied)]
    [InlineData("shared/sub/..", false, SftpStatus.PermissionDenied)]
    [InlineData("shared-not", true, SftpStatus.PermissionDenied)]
    [InlineData("outside", false, SftpStatus.PermissionDenied)]
    [InlineData("", true, SftpStatus.PermissionDenied)]
    internal void A_guest_that_may_write(string path, bool follows, SftpStatus expected) =>
        Assert.Equal(expected, Look(_directory[path], follows, linksAreTrusted: false));

    [Theory]
    [InlineData("shared/out", true, SftpStatus.Ok)]
    [InlineData("shared/up/outside", false, SftpStatus.Ok)]
    [InlineData("outside", false, SftpStatus.PermissionDenied)]
    [InlineData("shared/../outside", true, SftpStatus.PermissionDenied)]
    internal void Links_that_only_the_user_can_make_may_lead_out(string path, bool follows, SftpStatus expected) =>
        Assert.Equal(expected, Look(_directory[path], follows, linksAreTrusted: true));

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("etc/passwd")]
    [InlineData(".")]
    [InlineData("~")]
    public void Other_words(string path) => Assert.Equal(SftpStatus.PermissionDenied, Look(path, follows: true, linksAreTrusted: false));

    [Fact]
    public void A_directory_that_is_itself_behind_a_link()
    {
        File.CreateSymbolicLink(_directory["alias"], _directory["shared"]);
        var places = new SftpPlaces(_directory["alias"], linksAreTrusted: false);
        Assert.Equal(SftpStatus.Ok, places.Look(Encoding.UTF8.GetBytes(_directory["alias/file"]), follows: true));
        Assert.Equal(SftpStatus.PermissionDenied, places.Look(Encoding.UTF8.GetBytes(_directory["alias/out"]), follows: true));
    }

    [Fact]
    public void Names_need_not_be_texts()
    {
        byte[] path = [.. Encoding.UTF8.GetBytes(_directory["shared/"]), 0xff, 0xfe];
        var places = new SftpPlaces(_directory["shared"], linksAreTrusted: false);
        Assert.Equal(SftpStatus.Ok, places.Look(path, follows: true));
        Assert.Equal(SftpStatus.PermissionDenied, places.Look([.. path, 0, (byte)'x'], follows: true));
    }

    [Fact]
    public void A_directory_that_is_not_there() =>
        Assert.Contains(_directory["absent"], Assert.Throws<DriverException>(() => new SftpPlaces(_directory["absent"], linksAreTrusted: false)).Message);

    public void Dispose() => _directory.Dispose();

    private SftpStatus Look(string path, bool follows, bool linksAreTrusted) =>
        new SftpPlaces(_directory["shared"], linksAreTrusted).Look(Encoding.UTF8.GetBytes(path), follows);
}
