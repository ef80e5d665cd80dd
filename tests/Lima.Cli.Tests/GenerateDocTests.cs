using Lima.Cli.Commands;
using Lima.Cli.Tests.Support;

namespace Lima.Cli.Tests;

public sealed class GenerateDocTests : IDisposable
{
    private readonly CliRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task There_is_a_man_page_for_every_command()
    {
        var result = await _cli.LimactlAsync("generate-doc", "man1");
        Assert.Equal(0, result.Exit);
        var files = Directory.EnumerateFiles(Path.Combine(_cli.WorkingDirectory, "man1")).Select(file => Path.GetFileName(file)!).ToList();
        Assert.All(CommandTable.Names, name => Assert.Contains($"limactl-{name}.1", files));
        Assert.Contains("limactl.1", files);
        Assert.Contains("lima.1", files);
        Assert.Contains("limactl-image-pull.1", files);
        Assert.DoesNotContain("limactl-generate-doc.1", files);
        var page = File.ReadAllText(Path.Combine(_cli.WorkingDirectory, "man1/limactl-stop.1"));
        Assert.StartsWith(".TH \"LIMACTL-STOP\" \"1\"", page);
        Assert.Contains("\n.TP\n\\fB\\-f, \\-\\-force\\fP\n", page);
        Assert.Contains("\\fBlimactl\\fP(1)", page);
    }

    [Fact]
    public async Task Markdown_pages_link_to_each_other_and_do_not_name_the_users_home()
    {
        var result = await _cli.LimactlAsync("generate-doc", "--type=docsy", "--output", "out", "--prefix=/usr", "reference");
        Assert.Equal(0, result.Exit);
        var page = File.ReadAllText(Path.Combine(_cli.WorkingDirectory, "reference/limactl_image.md"));
        Assert.StartsWith("---\ntitle: image\n", page);
        Assert.Contains("* [limactl image pull](../limactl_image_pull)\n", page);
        Assert.DoesNotContain(_cli.UserHome, page);
    }

    [Fact]
    public async Task The_schema_is_printed_or_written_and_files_are_checked_besides()
    {
        using var schema = System.Text.Json.JsonDocument.Parse((await _cli.LimactlAsync("generate-jsonschema")).Out);
        Assert.True(schema.RootElement.GetProperty("properties").TryGetProperty("cpus", out _));
        File.WriteAllText(Path.Combine(_cli.WorkingDirectory, "bad.yaml"), "images: [{location: /tmp/x.qcow2}]\ncpus: many\n");
        Assert.Equal(ExitCodes.Usage, (await _cli.LimactlAsync("generate-jsonschema", "bad.yaml")).Exit);
        Assert.Equal(1, (await _cli.LimactlAsync("generate-jsonschema", "--schemafile=s.json", "bad.yaml")).Exit);
        Assert.True(File.Exists(Path.Combine(_cli.WorkingDirectory, "s.json")));
    }

    [Fact]
    public async Task An_unknown_type_is_a_mistake_of_the_command_line() =>
        Assert.Equal(ExitCodes.Usage, (await _cli.LimactlAsync("generate-doc", "--type=pdf", "x")).Exit);
}
