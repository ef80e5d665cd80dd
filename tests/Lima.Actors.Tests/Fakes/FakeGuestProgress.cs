using System.Runtime.CompilerServices;
using Lima.Drivers.Instances;
using Lima.Drivers.Progress;

namespace Lima.Actors.Tests.Fakes;

/// <summary>What guests report: everything that was said in this boot, then what comes, for each follower.</summary>
internal sealed class FakeGuestProgress : IGuestProgress
{
    private readonly List<GuestReport> _said = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _followers;

    /// <summary>What each guest says by itself at once.</summary>
    public IReadOnlyList<GuestReport> ByItself { get; set; } = [new(1, GuestReportKind.Ssh, ""), new(2, GuestReportKind.Ready, "iid-1")];

    /// <summary>Makes following fail as often as this says.</summary>
    public int Failures { get; set; }

    public int Followers => Volatile.Read(ref _followers);

    /// <summary>A guest says something.</summary>
    public void Say(GuestReportKind kind, string text = "")
    {
        lock (_said)
        {
            _said.Add(new GuestReport(1, kind, text));
            _more.TrySetResult();
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public async IAsyncEnumerable<GuestReport> FollowAsync(InstanceDirectory directory, [EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.Yield();
        if (Failures > 0)
        {
            Failures--;
            throw new IOException("the log cannot be read");
        }

        Interlocked.Increment(ref _followers);
        try
        {
            foreach (var report in ByItself) yield return report;
            for (var next = 0; ; next++)
            {
                yield return await NextAsync(next, cancel);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _followers);
        }
    }

    private async Task<GuestReport> NextAsync(int index, CancellationToken cancel)
    {
        while (true)
        {
            Task more;
            lock (_said)
            {
                if (index < _said.Count) return _said[index];
                more = _more.Task;
            }

            await more.WaitAsync(cancel);
        }
    }
}
