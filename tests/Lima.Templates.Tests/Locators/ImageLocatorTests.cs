using Lima.Templates.Locators;

namespace Lima.Templates.Tests.Locators;

public sealed class ImageLocatorTests
{
    [Theory]
    [InlineData("linux.iso.bz2", "linux")]
    [InlineData("linux-linux_cloudimg.base-x86_64.raw", "linux-x86_64")]
    [InlineData("nocloud_linux-x86_64.raw", "linux-x86_64")]
    [InlineData("linux-20250101.raw", "linux")]
    [InlineData("linux-20250101-2000.raw", "linux")]
    [InlineData("linux-20250101.0.raw", "linux")]
    [InlineData("arch-aarch64.raw", "archlinux-aarch64")]
    [InlineData("my-arch-aarch64.raw", "my-arch-aarch64")]
    [InlineData("rocky-8-8.10.raw", "rocky-8.10")]
    [InlineData("rocky-8-9.10.raw", "rocky-8-9.10")]
    [InlineData("https://host/a/linux_cloudimg.base-s390x.qcow2.gz", "linux")]
    public void What_all_images_have_in_common_is_no_name(string image, string name) => Assert.Equal(name, ImageLocator.Name(image, "s390x", "s390x"));

    [Theory]
    [InlineData("http://ftp/amd64/Latest/FreeBSD-15.0-RELEASE-amd64-BASIC-CLOUDINIT-zfs.raw.xz", "freebsd-15.0-amd64-zfs", "FreeBSD", "x86_64")]
    [InlineData("https://ftp/FreeBSD-16.0-CURRENT-arm64-aarch64-BASIC-CLOUDINIT-ufs.qcow2.xz", "freebsd-16.0-arm64-ufs", "FreeBSD", "aarch64")]
    [InlineData("https://cdn/UniversalMac_15.6.1_24G90_Restore.ipsw", "macos-15.6.1", "Darwin", "aarch64")]
    [InlineData("https://cdn/UniversalMac_26.3_25D125_Restore.ipsw", "macos-26.3", "Darwin", "aarch64")]
    [InlineData("file:///somewhere/macOS-26.ipsw", "macos-26", "Darwin", "aarch64")]
    [InlineData("file:///somewhere/my-custom-macos.img", "my-custom-macos", "Darwin", "aarch64")]
    [InlineData("file:///somewhere/something.ipsw", "something", "Darwin", "aarch64")]
    [InlineData("https://u/ubuntu-24.04-server-cloudimg-amd64.img", "ubuntu-24.04-amd64", "Linux", "x86_64")]
    [InlineData("https://u/ubuntu-24.04-server-cloudimg-arm64.img", "ubuntu-24.04-arm64", "Linux", "aarch64")]
    [InlineData("https://example.com/lima-linux-riscv64.img", "lima-riscv64", "Linux", "riscv64")]
    public void The_name_of_an_image_tells_what_is_in_it(string locator, string name, string os, string arch)
    {
        var template = ImageLocator.Template(locator, "x86_64");
        Assert.Equal((name, os, arch, false), (ImageLocator.Name(locator, template.Arch, "unknown"), template.Os, template.Arch, template.ArchIsGuess));
        var spec = Given.Valid(template.Yaml);
        Assert.Equal((os, arch), (spec.Os, spec.Arch));
        Assert.Equal([(locator, arch)], spec.Images.Select(image => (image.Location, image.Arch)));
    }

    [Fact]
    public void A_name_without_architecture_means_the_host()
    {
        var template = ImageLocator.Template("/images/my \"disk\".raw", "s390x");
        Assert.Equal(("s390x", true), (template.Arch, template.ArchIsGuess));
        Assert.Equal("/images/my \"disk\".raw", Assert.Single(Given.Valid(template.Yaml).Images).Location);
    }
}
