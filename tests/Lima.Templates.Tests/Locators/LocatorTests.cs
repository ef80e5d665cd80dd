using Lima.Templates.Locators;

namespace Lima.Templates.Tests.Locators;

public sealed class LocatorTests
{
    [Theory]
    [InlineData("template:foo/bar", LocatorKind.Template, "foo/bar")]
    [InlineData("template://foo/bar", LocatorKind.Template, "foo/bar")]
    [InlineData("http://foo/", LocatorKind.Web, "http://foo/")]
    [InlineData("https://foo/x.yaml", LocatorKind.Web, "https://foo/x.yaml")]
    [InlineData("https://foo/x.qcow2", LocatorKind.Image, "https://foo/x.qcow2")]
    [InlineData("./x.img.xz", LocatorKind.Image, "./x.img.xz")]
    [InlineData("file:///foo", LocatorKind.File, "/foo")]
    [InlineData("file:///foo.raw", LocatorKind.Image, "/foo.raw")]
    [InlineData("foo", LocatorKind.File, "foo")]
    [InlineData("~/foo.yaml", LocatorKind.File, "~/foo.yaml")]
    [InlineData("/a b:c/foo.yaml", LocatorKind.File, "/a b:c/foo.yaml")]
    [InlineData("c:default", LocatorKind.File, "c:default")]
    [InlineData("-", LocatorKind.StandardInput, "-")]
    [InlineData("github:org/repo", LocatorKind.GitHub, "org/repo")]
    [InlineData("my.scheme:x.yaml", LocatorKind.Custom, "x.yaml")]
    public void A_text_tells_what_it_names(string text, LocatorKind kind, string rest) =>
        Assert.Equal((kind, rest), (Locator.Parse(text).Kind, Locator.Parse(text).Rest));

    [Theory]
    [InlineData("template:foo", "bar.yaml", "template:bar.yaml")]
    [InlineData("template://foo", "bar.yaml", "template:bar.yaml")]
    [InlineData("template:experimental/foo", "userscript.sh", "template:experimental/userscript.sh")]
    [InlineData("template:foo", "https://example.com/my.yaml", "https://example.com/my.yaml")]
    [InlineData("template:foo", "template://my", "template:my")]
    [InlineData("template:foo", "sub/./x", "template:sub/x")]
    [InlineData("http://host/foo", "foo", "http://host/foo")]
    [InlineData("http://host/foo/", "foo", "http://host/foo/foo")]
    [InlineData("http://host/foo/bar?raw=1", "baz", "http://host/foo/baz")]
    [InlineData("http://host", "foo", "http://host/foo")]
    [InlineData("file:///foo", "foo", "file:///foo")]
    [InlineData("file:///foo/bar", "baz", "file:///foo/baz")]
    [InlineData("/root/x.yaml", "/foo", "/foo")]
    [InlineData("/root/x.yaml", "./foo", "/root/foo")]
    [InlineData("/root/x.yaml", "~/foo", "/home/user/foo")]
    [InlineData("/x.yaml", "foo", "/foo")]
    [InlineData("github:org", "foo", "github:org/org/foo")]
    [InlineData("github:org/repo/a/b@v1", "foo.sh", "github:org/repo/a/foo.sh@v1")]
    [InlineData("dev:a/webapp", "foo", "dev:a/foo")]
    [InlineData("-", "https://x/y.yaml", "https://x/y.yaml")]
    public void A_relative_locator_starts_from_its_template(string source, string written, string absolute) =>
        Assert.Equal(absolute, RelativeLocator.Resolve(written, source, "/home/user"));

    [Theory]
    [InlineData("../foo", "/root/x.yaml", "'..'")]
    [InlineData("a/../../foo", "/root/x.yaml", "'..'")]
    [InlineData(@"..\foo", "/root/x.yaml", "'..'")]
    [InlineData("template:../foo", "/root/x.yaml", "'..'")]
    [InlineData("foo", "-", "STDIN")]
    [InlineData("-", "/root/x.yaml", "STDIN")]
    [InlineData("", "/root/x.yaml", "locator is empty")]
    public void Others_are_refused(string written, string source, string message) =>
        Assert.Contains(message, Assert.Throws<LocatorException>(() => RelativeLocator.Resolve(written, source)).Message);

    [Theory]
    [InlineData("template:default", "default")]
    [InlineData("template:experimental/vnc", "vnc")]
    [InlineData("template:ubuntu-24.04", "ubuntu-24.04")]
    [InlineData("template:Ubuntu-24.04.YAML", "ubuntu-24.04")]
    [InlineData("./My.Box.yaml", "my.box")]
    [InlineData("https://example.com/a/dev.yml?raw=1", "dev")]
    [InlineData("file:///a/dev.yaml", "dev")]
    [InlineData("github:org", "org")]
    [InlineData("github:org/tool", "tool")]
    [InlineData("github:org/tool/docs/@v1", "docs")]
    [InlineData("github:org//demo@v1", "demo")]
    [InlineData("dev:webapp", "webapp")]
    [InlineData("https://cloud-images.ubuntu.com/releases/noble/release-20260209/ubuntu-24.04-server-cloudimg-amd64.img", "ubuntu-24.04-amd64")]
    [InlineData("./-.yaml", null)]
    [InlineData("github:", null)]
    [InlineData("-", null)]
    public void An_instance_is_named_after_its_template(string locator, string? name)
    {
        Assert.Equal(name, InstanceNames.From(locator, "x86_64", out var problem));
        Assert.Equal(name is null, problem.Length > 0);
    }
}
