using Lima.Domain.Vms;

namespace Lima.Domain.Tests.Vms;

public sealed class VmIdTests
{
    private const string Text = "0f8fad5b-d9cb-469f-a165-70867728950e";

    [Fact]
    public void Keeps_36_lower_case_characters_and_keys_the_journal_by_them()
    {
        var id = VmId.From(Guid.Parse(Text.ToUpperInvariant()));
        Assert.Equal(Text, id.Value);
        Assert.Equal("vm-" + Text, id.PersistenceId);
    }

    [Theory]
    [InlineData(Text)]
    [InlineData("0F8FAD5B-D9CB-469F-A165-70867728950E")]
    [InlineData(" 0f8fad5b-d9cb-469f-a165-70867728950e\n")]
    public void Reads_what_was_written_down(string text)
    {
        Assert.True(VmId.TryParse(text, out var id));
        Assert.Equal(Text, id.Value);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("default")]
    [InlineData("0f8fad5bd9cb469fa16570867728950e")]
    [InlineData("{0f8fad5b-d9cb-469f-a165-70867728950e}")]
    [InlineData("0f8fad5b-d9cb-469f-a165-70867728950e/..")]
    public void Takes_nothing_else(string? text)
    {
        Assert.False(VmId.TryParse(text, out var id));
        Assert.Equal(default, id);
    }
}
