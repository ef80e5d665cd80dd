using Lima.Contracts;

namespace Lima.Cli.Output;

/// <summary>One log line per step; with <paramref name="guestLines"/> also what the guest says. For logs and pipes.</summary>
internal sealed class PlainProgress(Log log, bool guestLines) : IProgressDisplay
{
    private string _step = "";
    private string _detail = "";
    private int _tenth;

    /// <inheritdoc/>
    public void Happened(EventView happened) => log.Debug($"[{Printable.Line(happened.Instance)}] {Printable.Line(happened.Text)}");

    /// <inheritdoc/>
    public void Progress(ProgressView news)
    {
        if (news.Step != _step)
        {
            (_step, _detail, _tenth) = (news.Step, news.Detail, 0);
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
        else if (guestLines && news.Detail.Length > 0 && news.Detail != _detail)
        {
            _detail = news.Detail;
            log.Info($"[guest] {Printable.Line(news.Detail)}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
