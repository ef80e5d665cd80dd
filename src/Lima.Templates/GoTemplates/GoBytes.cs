using System.Text;

namespace Lima.Templates.GoTemplates;

/// <summary>Strings as Go has them: as bytes of UTF-8.</summary>
internal static class GoBytes
{
    /// <summary>The order of Go's strings.</summary>
    public static IComparer<string> Order { get; } = Comparer<string>.Create(Compare);

    public static int Compare(string a, string b)
    {
        var same = a.AsSpan().CommonPrefixLength(b);
        if (same == a.Length || same == b.Length) return a.Length - b.Length;

        // UTF-16 puts what needs two units before the last quarter of what needs one; UTF-8 does not.
        var (x, y) = (a[same], b[same]);
        return char.IsSurrogate(x) == char.IsSurrogate(y) ? x - y : char.IsSurrogate(x) ? 1 : -1;
    }

    public static int Length(string text) => Encoding.UTF8.GetByteCount(text);

    /// <summary>Some of its bytes; half of a character becomes U+FFFD.</summary>
    public static string Slice(string text, int from, int to) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text).AsSpan(from, to - from));
}
