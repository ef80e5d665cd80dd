using Lima.Contracts;

namespace Lima.Cli.Output;

/// <summary>
/// Finished steps with their time, and one line redrawn in place for the step that runs: its time, how much is done, and
/// the guest's own last line.
/// </summary>
internal sealed class TerminalProgress : IProgressDisplay
{
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(100);
    private readonly Lock _gate = new();
    private readonly CliWorld _world;
    private readonly Log _log;
    private readonly ITimer _timer;
    private readonly string _subject;
    private ProgressView? _news;
    private long _since;
    private bool _drawn;

    /// <summary>Starts drawing on standard error; <paramref name="subject"/> heads the lines when several instances move.</summary>
    public TerminalProgress(CliWorld world, Log log, string subject = "")
    {
        _world = world;
        _log = log;
        _subject = subject.Length > 0 ? subject + ": " : "";
        _log.BeforeLine = Erase;
        _timer = world.Clock.CreateTimer(_ => Draw(), null, Redraw, Redraw);
    }

    /// <inheritdoc/>
    public void Happened(EventView happened) => EventNews.Tell(_log, happened);

    /// <inheritdoc/>
    public void Progress(ProgressView news)
    {
        lock (_gate)
        {
            if (_news?.Step != news.Step)
            {
                Finished();
                _since = _world.Clock.GetTimestamp();
            }

            _news = news;
        }

        Draw();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        lock (_gate)
        {
            Finished();
            _news = null;
        }

        _log.BeforeLine = null;
    }

    private void Finished()
    {
        if (_news is null) return;
        Clear();
        _world.Error.Write($"  \e[32m✓\e[0m {_subject}{Printable.Line(_news.Step)} \e[2m{Sizes.Text(_world.Clock.GetElapsedTime(_since))}\e[0m\n");
    }

    private void Draw()
    {
        lock (_gate)
        {
            if (_news is not { } news) return;
            var amount = news switch
            {
                { Done: { } done, Total: > 0 and var total } => $" {done * 100 / total} % of {Sizes.Text(total)}",
                { Done: { } done } => $" {Sizes.Text(done)}",
                _ => "",
            };
            var head = $"  … {_subject}{Printable.Line(news.Step)} {Sizes.Text(_world.Clock.GetElapsedTime(_since))}{amount}";
            var detail = news.Detail.Length > 0 ? "  " + Printable.Line(news.Detail) : "";
            var room = Math.Max(20, (_world.TerminalWidth() ?? 80) - 1);
            head = Cut(head, room);
            _world.Error.Write($"\r\e[2K{head}\e[2m{Cut(detail, room - head.Length)}\e[0m");
            _drawn = true;
        }
    }

    private void Erase()
    {
        lock (_gate) Clear();
    }

    private void Clear()
    {
        if (_drawn) _world.Error.Write("\r\e[2K");
        _drawn = false;
    }

    private static string Cut(string text, int room) => room <= 0 ? "" : text.Length <= room ? text : text[..Math.Max(0, room - 1)] + "…";
}
