using System.Text;

namespace Lima.Templates.GoTemplates;

/// <summary>Lines and columns of a text, counted as Go does.</summary>
internal static class GoPosition
{
    /// <summary>Line of an index, from 1.</summary>
    public static int Line(string text, int index) => 1 + text.AsSpan(0, Math.Min(index, text.Length)).Count('\n');

    /// <summary>Column of an index in bytes of UTF-8, from 0.</summary>
    public static int Column(string text, int index)
    {
        var before = text.AsSpan(0, Math.Min(index, text.Length));
        return Encoding.UTF8.GetByteCount(before[(before.LastIndexOf('\n') + 1)..]);
    }
}
