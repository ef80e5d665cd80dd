using Xunit.Abstractions;

namespace Lima.Drivers.Tests.BootScripts;

public sealed class AuthoritiesTests(ITestOutputHelper output)
{
    private const string Script = "boot.d/05-ca-certs.sh";
    private const string One = "-----BEGIN CERTIFICATE-----\nMQ==\n-----END CERTIFICATE-----\n";
    private const string Two = "-----BEGIN CERTIFICATE-----\nMg==\n-----END CERTIFICATE-----\n";

    public static TheoryData<string> All => Shells.All;

    [Theory]
    [InlineData("ash", "update-ca-certificates", "", "/usr/local/share/ca-certificates")]
    [InlineData("dash", "update-ca-certificates", "", "/usr/local/share/ca-certificates")]
    [InlineData("dash", "update-ca-certificates", "/etc/pki/trust", "/etc/pki/trust/anchors")]
    [InlineData("dash", "update-ca-trust", "", "/etc/pki/ca-trust/source/anchors")]
    [InlineData("dash", "update-ca-trust", "/etc/ca-certificates/trust-source", "/etc/ca-certificates/trust-source/anchors")]
    public void Each_certificate_goes_where_the_distribution_looks(string shell, string tool, string folder, string anchors)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        if (folder.Length > 0) root.Shell("mkdir -p " + folder);
        root.StandIn(tool);
        root.RunAgainIdly(Script);
        root.Write(GuestRoot.Seed + "/ca-certs.pem", One + Two);
        root.Run(Script);
        Assert.Equal((One, Two), (root.Read(anchors + "/lima-000.crt"), root.Read(anchors + "/lima-001.crt")));
        Assert.Equal([tool + " "], root.Calls);
        root.RunAgainIdly(Script);

        File.Delete(root[GuestRoot.Seed + "/ca-certs.pem"]);
        root.Run(Script);
        Assert.Empty(Directory.GetFiles(root[anchors]));
        root.RunAgainIdly(Script);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Without_a_tool_the_bundle_is_written(string shell)
    {
        if (GuestRoot.Make(output, shell) is not { } root) return;
        using var _ = root;
        const string bundle = "/etc/ssl/certs/ca-certificates.crt";
        root.Write(bundle, "theirs\n");
        root.Write(GuestRoot.Seed + "/ca-certs.pem", One);
        root.Run(Script);
        Assert.Equal($"theirs\n# Lima BEGIN\n{One}# Lima END\n", root.Read(bundle));
        root.Write(GuestRoot.Seed + "/ca-certs.pem", Two);
        root.Run(Script);
        Assert.Equal($"theirs\n# Lima BEGIN\n{Two}# Lima END\n", root.Read(bundle));
        root.Variables["CA_CERTS_REMOVE_DEFAULTS"] = "1";
        root.Run(Script);
        Assert.Equal($"# Lima BEGIN\n{Two}# Lima END\n", root.Read(bundle));
        root.RunAgainIdly(Script);
    }

    [Fact]
    public void Cloud_init_sees_to_it_by_itself()
    {
        if (GuestRoot.Make(output, "ash") is not { } root) return;
        using var _ = root;
        root.StandIn("cloud-init");
        root.Write(GuestRoot.Seed + "/ca-certs.pem", One);
        root.RunAgainIdly(Script);
    }
}
