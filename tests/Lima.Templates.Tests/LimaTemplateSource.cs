using System.Diagnostics.CodeAnalysis;
using Lima.Templates.Bases;

namespace Lima.Templates.Tests;

/// <summary>Templates in a directory, the way an installation finds them. A file that is only a name of another stands for that one.</summary>
internal sealed class LimaTemplateSource(string root) : ITemplateSource
{
    public bool TryRead(string locator, [NotNullWhen(true)] out byte[]? content, [NotNullWhen(false)] out string? problem)
    {
        (content, problem) = (null, $"no template in {root}");
        if (!locator.StartsWith("template:", StringComparison.Ordinal)) return false;
        var name = locator["template:".Length..];
        if (!name.EndsWith(".yaml", StringComparison.Ordinal)) name += ".yaml";
        for (var hops = 0; hops < 5; hops++)
        {
            var path = Path.Combine(root, name);
            if (!File.Exists(path)) return false;
            content = File.ReadAllBytes(path);
            var text = System.Text.Encoding.UTF8.GetString(content);
            if (text.Contains('\n') || text.Contains(':')) break;
            name = Path.Combine(Path.GetDirectoryName(name)!, text.Trim());
        }

        problem = null;
        return content is not null;
    }
}
