using System.Text.RegularExpressions;
using Lima.Contracts;

namespace Lima.Cli.Output;

/// <summary>One log line per step; with <paramref name="guestLines"/> also each new detail, such as the guest's lines. For logs and pipes.</summary>
internal sealed partial class PlainProgress(Log log, bool guestLines) : IProgressDisplay
{
    private string _step = "";
    private string _detail = "";
    private int _tenth;

    /// <inheritdoc/>
    public void Happened(EventView happened) => EventNews.Tell(log, happened);

    /// <inheritdoc/>
    public void Progress(ProgressView news)
    {
        if (news.Step != _step)
        {
            (_step, _detail, _tenth) = (news.Step, WithoutTime(news.Detail), 0);
            log.Info(news.Detail.Length > 0 ? $"{Printable.Line(news.Step)}: {Printable.Line(news.Detail)}" : Printable.Line(news.Step));
            return;
        }

        if (news is { Done: { } done, Total: > 0 and var total })
        {
            var tenth = (int)(done * 10 / total);
            if (tenth <= _tenth) return;
            _tenth = tenth;
            log.Info($"{Printable.Line(news.Step)}: {tenth * 10} % of {Sizes.Text(total)}");
        }
        else if (guestLines && WithoutTime(news.Detail) is { Length: > 0 } detail && detail != _detail)
        {
            _detail = detail;
            log.Info($"{Printable.Line(news.Step)}: {Printable.Line(detail)}");
        }
    }

    // A detail that only counts seconds is no news in a log.
    private static string WithoutTime(string detail) => Seconds().Replace(detail, "");

    [GeneratedRegex(@"\s*\(\d+ s\)$", RegexOptions.CultureInvariant)]
    private static partial Regex Seconds();

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
