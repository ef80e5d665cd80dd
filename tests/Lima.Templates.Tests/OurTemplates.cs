using System.Diagnostics.CodeAnalysis;
using System.Text;
using Lima.Templates.Bases;
using Lima.Templates.Yaml;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Templates.Tests;

/// <summary>The templates that this project ships, found above the tests.</summary>
internal sealed class OurTemplates : ITemplateSource
{
    /// <summary>What the plugin of Fedora Rawhide makes, for a build that never was.</summary>
    private const string Rawhide = "images: [{location: 'https://example.com/rawhide-x86_64.qcow2', arch: x86_64}, {location: 'https://example.com/rawhide-aarch64.qcow2', arch: aarch64}]";

    private readonly LimaTemplateSource _files;

    private OurTemplates(string root) => (Root, _files) = (root, new LimaTemplateSource(root));

    /// <summary>Their directory.</summary>
    public string Root { get; }

    /// <summary>All names, internal ones too.</summary>
    public IEnumerable<string> Names => LimaData.NamesIn(Root);

    /// <summary>Names that a user may start.</summary>
    public static string[] Public => [.. Find()?.Names.Where(name => !name.StartsWith('_')) ?? ["none"]];

    /// <summary>The templates; null, with a printed reason, when absent.</summary>
    public static OurTemplates? Find(ITestOutputHelper output) => Need.DirectoryAbove(output, "templates/_images") is null ? null : Find();

    private static OurTemplates? Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (Directory.Exists(Path.Combine(at.FullName, "templates/_images"))) return new OurTemplates(Path.Combine(at.FullName, "templates"));
        return null;
    }

    /// <summary>Text of a template as it was written.</summary>
    public string Read(string name) => File.ReadAllText(Path.Combine(Root, name + ".yaml"));

    /// <summary>The template with all that it names, as a tree.</summary>
    public YamlMap Embedded(string name) => Embedded(this, name);

    /// <summary>The same for templates from elsewhere.</summary>
    public static YamlMap Embedded(ITemplateSource source, string name)
    {
        Assert.True(source.TryRead("template:" + name, out var content, out _));
        var result = TemplateReader.Embed(Encoding.UTF8.GetString(content), "template:" + name, source);
        Assert.Equal([], result.Errors.Select(error => error.ToString()));
        return (YamlMap)YamlTests.Parse(result.Text);
    }

    public bool TryRead(string locator, [NotNullWhen(true)] out byte[]? content, [NotNullWhen(false)] out string? problem)
    {
        (content, problem) = (Encoding.UTF8.GetBytes(Rawhide), null);
        return locator == "fedora-rawhide:_images/fedora-rawhide" || _files.TryRead(locator, out content, out problem);
    }
}
