using System.Text;
using Lima.Drivers.CloudInit;
using Lima.Testing;

namespace Lima.Drivers.Tests.CloudInit;

public sealed class GuestScriptsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public GuestScriptsTests()
    {
        Directory.CreateDirectory(_directory["boot.d"]);
        Directory.CreateDirectory(_directory["boot.essential"]);
        File.WriteAllText(_directory["boot.sh"], "boot");
        File.WriteAllText(_directory["provision.sh"], "provision");
        File.WriteAllText(_directory["per-boot.sh"], "per-boot");
        File.WriteAllText(_directory["boot.d/20-b.sh"], "b");
        File.WriteAllText(_directory["boot.essential/30-c.sh"], "c");
        File.WriteAllText(_directory["boot.d/05-a.sh"], "a");
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void All_but_the_per_boot_script_go_onto_the_seed()
    {
        var scripts = GuestScripts.Load(_directory.Path);
        Assert.Equal("per-boot", scripts.PerBoot);
        Assert.Equal(["boot.sh", "provision.sh", "boot.essential/30-c.sh", "boot.d/05-a.sh", "boot.d/20-b.sh"], scripts.Files.Select(file => file.Path));
        Assert.Equal("a", Encoding.UTF8.GetString(scripts.Files[3].Content.Span));
    }

    [Fact]
    public void The_library_goes_along_where_there_is_one()
    {
        File.WriteAllText(_directory["lib.sh"], "lib");
        Assert.Contains(GuestScripts.Load(_directory.Path).Files, file => file.Path == "lib.sh");
    }

    [Theory]
    [InlineData("boot.sh")]
    [InlineData("provision.sh")]
    [InlineData("per-boot.sh")]
    public void A_missing_script_is_named(string name)
    {
        File.Delete(_directory[name]);
        var failure = Assert.Throws<DriverException>(() => GuestScripts.Load(_directory.Path));
        Assert.Contains(_directory[name], failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        var failure = Assert.Throws<DriverException>(() => GuestScripts.Load(_directory["none"]));
        Assert.Equal("guest-scripts", failure.Cause.Code);
        Assert.Contains(_directory["none"], failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_too_large_for_a_script_is_refused()
    {
        File.WriteAllBytes(_directory["boot.d/30-big.sh"], new byte[(1 << 20) + 1]);
        var failure = Assert.Throws<DriverException>(() => GuestScripts.Load(_directory.Path));
        Assert.Contains("boot.d/30-big.sh", failure.Message, StringComparison.Ordinal);
    }
}
