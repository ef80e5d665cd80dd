using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Lima.Domain.Mounts;
using Lima.Drivers.CloudInit;

namespace Lima.Drivers.Mounts.Changes;

/// <summary>A path that the guest is told of.</summary>
/// <param name="Path">In the guest.</param>
/// <param name="Mark">How it is on the host; null for what is only to be looked at: it is gone, or a link.</param>
internal readonly record struct Notice(string Path, FileMark? Mark);

/// <summary>
/// The command by which a guest is told of changes. A path gets the time that it has already: the guest's kernel looks at it anew,
/// drops what it remembered, and tells those who watch it (<c>IN_ATTRIB</c>). Not the mode, which the guest may remember
/// wrongly and would put back. What is gone is looked at, and so forgotten.
/// </summary>
internal static class GuestNotice
{
    /// <summary>Longest text of paths in one command; far below what shells and SSH servers take.</summary>
    public const int BytesMax = 16 * 1024;

    // A quote within quotes within quotes.
    private const int DearestQuote = 12;
    private const int Around = 12;

    private const string AsRoot = "S=\"sudo -n\"; $S true 2>/dev/null || S=; exec $S sh -c \"$1\"";

    /// <summary>The command line.</summary>
    public static string Of(ImmutableArray<Notice> notices)
    {
        var script = new StringBuilder("exec 2>/dev/null\n");
        foreach (var notice in notices.Where(notice => notice.Mark is null)) script.Append($"[ -e {ShellText.Quote(notice.Path)} ]\n");
        foreach (var second in notices.Where(notice => notice.Mark is not null).GroupBy(notice => notice.Mark!.Value.Seconds))
        {
            script.Append("touch -c -d @").Append(second.Key.ToString(CultureInfo.InvariantCulture));
            foreach (var notice in second) script.Append(' ').Append(ShellText.Quote(notice.Path));
            script.Append('\n');
        }

        return $"exec sh -c '{AsRoot}' sh {ShellText.Quote(script.Append("exit 0\n").ToString())}";
    }

    /// <summary>At most what a path takes of <see cref="BytesMax"/>.</summary>
    public static int Cost(string path) => Encoding.UTF8.GetByteCount(path) + (path.Count(letter => letter == '\'') * DearestQuote) + Around;
}
