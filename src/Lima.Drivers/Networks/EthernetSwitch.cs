using System.Collections.Immutable;
using Lima.Domain.Networks;

namespace Lima.Drivers.Networks;

/// <summary>
/// One network: takes frames from its ports and hands each to the port behind which its receiver is, or to all others. What is for the
/// gateway is answered on the spot.
/// </summary>
/// <param name="name">Name of the network.</param>
/// <param name="plan">Its addresses.</param>
/// <param name="names">Answers questions for names.</param>
/// <param name="time">Clock.</param>
/// <param name="failed">Called when it cannot go on.</param>
internal sealed class EthernetSwitch(string name, NetworkPlan plan, IGatewayNames names, TimeProvider time, Action<Exception> failed) : IAsyncDisposable
{
    /// <summary>Questions of one guest that are answered at once; more are not heard.</summary>
    public const int QuestionsMax = 32;

    private readonly Lock _gate = new();
    private readonly MacTable<SwitchPort> _table = new();
    private readonly long _begun = time.GetTimestamp();
    private ImmutableArray<SwitchPort> _ports = [];

    /// <summary>Its ports.</summary>
    public ImmutableArray<SwitchPort> Ports
    {
        get
        {
            lock (_gate) return _ports;
        }
    }

    /// <summary>Puts a port into use; it is owned from here on.</summary>
    public void Add(SwitchPort port)
    {
        lock (_gate)
        {
            _table.Add(port.Member.Card, port);
            _ports = _ports.Add(port);
        }

        port.Start(OnFrame, failed);
    }

    /// <summary>Takes a port out of use and closes it.</summary>
    public async Task RemoveAsync(SwitchPort port)
    {
        lock (_gate)
        {
            _table.Remove(port);
            _ports = _ports.Remove(port);
        }

        await port.DisposeAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var port in Ports) await RemoveAsync(port);
    }

    private void OnFrame(SwitchPort from, ReadOnlySpan<byte> frame)
    {
        if (!Packet.IsFrame(frame)) return;
        var (to, now) = (Packet.To(frame), time.GetElapsedTime(_begun));
        SwitchPort? target;
        ImmutableArray<SwitchPort> ports;
        lock (_gate)
        {
            if (!_table.Learn(Packet.From(frame), from, now)) return;
            target = to.IsGroup ? null : _table.Find(to, now);
            ports = _ports;
        }

        if (target is not null)
        {
            if (target != from) target.Send(frame);
            return;
        }

        if (to == NetworkPlan.GatewayMac || to.IsGroup) ToGateway(from, frame);
        if (to == NetworkPlan.GatewayMac || !from.MayFlood(now)) return;
        foreach (var port in ports)
            if (port != from) port.Send(frame);
    }

    private void ToGateway(SwitchPort from, ReadOnlySpan<byte> frame)
    {
        if (GatewayStation.TryReadQuestion(frame, plan, out var question)) _ = AnswerAsync(from, question);
        else if (GatewayStation.Answer(frame, from.Member.Card, from.Address, plan) is { } answer) from.Send(answer);
    }

    private async Task AnswerAsync(SwitchPort from, NameQuestion question)
    {
        try
        {
            if (Interlocked.Increment(ref from.Questions) > QuestionsMax) return;
            if (await names.AnswerAsync(name, question.Message, from.Stopping) is { } answer) from.Send(GatewayStation.Reply(question, answer, plan));
        }
        catch (Exception)
        {
            // Who asks for a name and hears nothing asks again; the network goes on.
        }
        finally
        {
            Interlocked.Decrement(ref from.Questions);
        }
    }
}
