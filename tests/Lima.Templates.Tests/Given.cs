using Lima.Domain.Specs;
using Lima.Templates.Bases;

namespace Lima.Templates.Tests;

/// <summary>A host, an instance, and the shortest way to read a text for them.</summary>
internal static class Given
{
    /// <summary>An image, so that a text is valid.</summary>
    public const string Image = "images: [{location: /}]\n";

    public static HostFacts Host { get; } = new()
    {
        Arch = "x86_64",
        Cpus = 2,
        MemoryBytes = 8L << 30,
        UserName = "user",
        Uid = 1001,
        Home = "/home/user",
        Timezone = "Etc/UTC",
    };

    public static InstanceFacts Instance { get; } = new("my.vm", "/home/user/.lima/my.vm");

    public static TemplateResult Read(string text, HostFacts? host = null, InstanceFacts? instance = null, ITemplateSource? templates = null, string source = "lima.yaml") =>
        TemplateReader.Read(text, source, host ?? Host, instance ?? Instance, templates);

    /// <summary>Reads a text that must be valid.</summary>
    public static VmSpec Valid(string text, HostFacts? host = null, InstanceFacts? instance = null)
    {
        var result = Read(text, host, instance);
        Assert.Empty(result.Errors);
        return result.Spec!;
    }

    /// <summary>Reads a text, with an image added, that must have exactly one error, and gives it.</summary>
    public static Problem OneError(string text)
    {
        var result = Read(Image + text);
        Assert.Null(result.Spec);
        return Assert.Single(result.Errors);
    }

    /// <summary>Templates from memory.</summary>
    public static ITemplateSource Templates(params (string Locator, string Text)[] texts) => new MemorySource(texts.ToDictionary(t => t.Locator, t => t.Text));

    private sealed class MemorySource(Dictionary<string, string> texts) : ITemplateSource
    {
        public bool TryRead(string locator, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out byte[]? content, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? problem)
        {
            content = texts.TryGetValue(locator, out var text) ? System.Text.Encoding.UTF8.GetBytes(text) : null;
            problem = content is null ? "no such template" : null;
            return content is not null;
        }
    }
}
