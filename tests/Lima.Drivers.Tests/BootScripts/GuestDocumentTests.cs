using System.Text.RegularExpressions;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.BootScripts;

/// <summary><c>docs/guest.md</c> names the scripts that there are, in their order.</summary>
public sealed partial class GuestDocumentTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("Essential scripts", "boot.essential")]
    [InlineData("Scripts", "boot.d")]
    public void The_page_has_one_row_for_each_script(string section, string folder)
    {
        if (Need.DirectoryAbove(output, "guest/boot.d") is not { } found) return;
        var root = Path.GetFullPath(Path.Combine(found, "../.."));
        var text = File.ReadAllText(Path.Combine(root, "docs/guest.md"));
        var rows = Row().Matches(text.Split($"\n## {section}\n")[1].Split("\n## ")[0]).ToArray();
        var scripts = Directory.GetFiles(Path.Combine(root, "guest", folder), "*.sh").Select(Path.GetFileNameWithoutExtension);
        Assert.Equal(scripts.Order(StringComparer.Ordinal), rows.Select(row => row.Groups["name"].Value));
        Assert.All(rows, row => Assert.True(row.Groups["what"].Length > 5 && row.Groups["skipped"].Length > 0, row.Value));
    }

    [GeneratedRegex(@"^\| `(?<name>[^`]+)` \| (?<what>[^|]+) \| (?<skipped>[^|]+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
