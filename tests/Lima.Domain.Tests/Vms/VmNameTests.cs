using Lima.Domain.Vms;

namespace Lima.Domain.Tests.Vms;

/// <summary>The rule is Lima's, so that its instances can be taken over by name.</summary>
public sealed class VmNameTests
{
    [Theory]
    [InlineData("default")]
    [InlineData("Ubuntu-20.04")]
    [InlineData("example.com")]
    [InlineData("under_score")]
    [InlineData("1-2_3.4")]
    [InlineData("a")]
    [InlineData("0")]
    [InlineData("yml")]
    [InlineData("yaml")]
    [InlineData("foo.yaml.com")]
    public void Is_valid(string text)
    {
        Assert.True(VmName.TryParse(text, out var name, out var problem), problem);
        Assert.Equal(text, name.Value);
        Assert.Equal(text, name.ToString());
        Assert.Equal(name, VmName.Parse(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("my/instance")]
    [InlineData("c:default")]
    [InlineData("dot.")]
    [InlineData(".dot")]
    [InlineData("dot..dot")]
    [InlineData("_underscore")]
    [InlineData("underscore_")]
    [InlineData("a__b")]
    [InlineData("dash-")]
    [InlineData("-dash")]
    [InlineData("a--b")]
    [InlineData("a.-b")]
    [InlineData("..")]
    [InlineData("two words")]
    [InlineData("new\nline")]
    [InlineData("newline\n")]
    [InlineData("grün")]
    [InlineData("１")]
    [InlineData("default.yaml")]
    [InlineData("default.yml")]
    [InlineData("MY.YAML")]
    public void Is_invalid_and_says_so(string? text)
    {
        Assert.False(VmName.TryParse(text, out var name, out var problem));
        Assert.Null(name);
        Assert.StartsWith("instance name", problem, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem!);
        Assert.Equal(problem + " (Parameter 'text')", Assert.Throws<ArgumentException>(() => VmName.Parse(text!)).Message);
    }

    [Theory]
    [InlineData("default.yaml")]
    [InlineData("MY.YAML")]
    [InlineData("a.Yml")]
    public void A_file_name_is_told_apart_from_a_wrong_name(string text)
    {
        Assert.False(VmName.TryParse(text, out _, out var problem));
        Assert.Contains("must not end with", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Has_a_greatest_length()
    {
        Assert.True(VmName.TryParse(new string('a', VmName.LengthMax), out _, out _));
        Assert.False(VmName.TryParse(new string('a', VmName.LengthMax + 1), out _, out var problem));
        Assert.Contains("77 characters long; at most 76", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("default", "lima-default")]
    [InlineData("Ubuntu-20.04", "lima-Ubuntu-20-04")]
    [InlineData("under_score", "lima-under-score")]
    public void Gives_a_host_name_without_dots_and_underscores(string text, string hostname) =>
        Assert.Equal(hostname, VmName.Parse(text).Hostname);
}
