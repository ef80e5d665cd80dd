using Lima.Domain.Agent;
using Lima.Drivers.PortForwarding;

namespace Lima.Drivers.Agent;

/// <summary>What is asked of an agent and answered once, in the order of asking. An answer to nothing ends the session.</summary>
internal sealed class AgentQuestions(AgentSender sender, TimeProvider time)
{
    private const int OpenMax = 16;

    private readonly Lock _lock = new();
    private readonly Queue<Question> _open = new();
    private ulong _pings;
    private bool _isLost;

    /// <summary>Whether the agent is there.</summary>
    /// <exception cref="DriverException">It is not, or not in time (<c>forward-down</c>).</exception>
    public Task PingAsync(TimeSpan limit, CancellationToken cancel)
    {
        var number = new AgentNumber(Interlocked.Increment(ref _pings));
        return AskAsync(new Question(AgentFrameType.Pong, number.Value), () => sender.Post(AgentFrameType.Ping, 0, number), limit, cancel);
    }

    /// <summary>Has the guest set its clock to that of the host, and tells how wrong it was.</summary>
    /// <exception cref="DriverException">As <see cref="PingAsync"/>.</exception>
    public async Task<AgentTimed> SetTimeAsync(TimeSpan limit, CancellationToken cancel)
    {
        var question = new Question(AgentFrameType.Timed, 0);
        await AskAsync(question, () => sender.Post(AgentFrameType.Time, 0, new AgentNumber(UnixNanoseconds(time.GetUtcNow()))), limit, cancel);
        return question.Timed;
    }

    /// <summary>Asks how the guest is.</summary>
    /// <exception cref="DriverException">As <see cref="PingAsync"/>.</exception>
    public async Task<AgentStatus> StatusAsync(TimeSpan limit, CancellationToken cancel)
    {
        var question = new Question(AgentFrameType.StatusIs, 0);
        await AskAsync(question, () => sender.Post(AgentFrameType.Status, 0), limit, cancel);
        return question.Status;
    }

    /// <summary>Takes an answer.</summary>
    public AgentError Take(AgentFrameType type, ReadOnlySpan<byte> payload)
    {
        Question? question;
        lock (_lock)
        {
            question = _open.FirstOrDefault(q => q.Answer == type && !q.IsAnswered);
            if (question is null || !question.Read(payload)) return AgentError.BadPayload;
            question.IsAnswered = true;
            while (_open.TryPeek(out var first) && first.IsAnswered) _open.Dequeue();
        }

        question.Done.TrySetResult();
        return AgentError.None;
    }

    /// <summary>The session has ended.</summary>
    public void Lost()
    {
        List<Question> lost;
        lock (_lock)
        {
            _isLost = true;
            lost = [.. _open];
            _open.Clear();
        }

        foreach (var question in lost) question.Done.TrySetException(Unanswered());
    }

    /// <summary>Nanoseconds since 1970.</summary>
    public static ulong UnixNanoseconds(DateTimeOffset at) => (ulong)(at - DateTimeOffset.UnixEpoch).Ticks * 100;

    private async Task AskAsync(Question question, Func<bool> ask, TimeSpan limit, CancellationToken cancel)
    {
        lock (_lock)
        {
            if (_isLost || _open.Count >= OpenMax) throw Unanswered();
            _open.Enqueue(question);
            // In the order of the questions.
            if (!ask()) throw Unanswered();
        }

        try
        {
            await question.Done.Task.WaitAsync(limit, time, cancel);
        }
        catch (TimeoutException)
        {
            throw Unanswered();
        }
    }

    private static DriverException Unanswered() => new(IGuestPath.Down, "asking the guest's agent", "the guest's agent does not answer", "it is tried again by itself");

    private sealed class Question(AgentFrameType answer, ulong number)
    {
        public AgentFrameType Answer => answer;

        public bool IsAnswered { get; set; }

        public AgentTimed Timed { get; private set; }

        public AgentStatus Status { get; private set; }

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool Read(ReadOnlySpan<byte> payload)
        {
            switch (answer)
            {
                case AgentFrameType.Pong:
                    return AgentNumber.TryRead(payload, out var pong) && pong.Value == number;
                case AgentFrameType.Timed:
                    if (!AgentTimed.TryRead(payload, out var timed)) return false;
                    Timed = timed;
                    return true;
                default:
                    if (!AgentStatus.TryRead(payload, out var status)) return false;
                    Status = status;
                    return true;
            }
        }
    }
}
