using System.Buffers.Binary;

namespace Lima.VirtiofsRelay;

/// <summary>What QEMU has said about a device so far: all that another daemon has to be told to serve it from here on.</summary>
internal sealed class DeviceSetup
{
    // Logging of changed pages, post-copy, memory in pieces, requests in a file of their own, state to be moved: with these the
    // messages kept here would not be the whole truth. A device that serves a directory here needs none of them.
    private const ulong NotOffered = 1UL << 1 | 1UL << 8 | 1UL << 12 | 1UL << 15 | 1UL << 19;

    private readonly List<VhostMessage> _said = [];
    private readonly Dictionary<VhostRequest, byte[]> _answers = [];

    /// <summary>Takes note of what QEMU says; true when the message is kept, descriptors and all.</summary>
    public bool Note(VhostMessage message)
    {
        // A ring whose position is asked for stands still from then on, and is described anew before it goes on.
        if (message.Request == VhostRequest.GetRingBase) Forget(message.Ring);
        if (!IsKept(message.Request)) return false;
        var known = _said.FindIndex(said => said.Request == message.Request && (!IsOfRing(said.Request) || said.Ring == message.Ring));
        if (known < 0)
        {
            _said.Add(message);
            return true;
        }

        _said[known].Close();
        _said[known] = message;
        return true;
    }

    /// <summary>Takes note of a daemon's answer; what it offers and cannot be kept up is taken out.</summary>
    public VhostMessage NoteAnswer(VhostMessage answer)
    {
        if (answer is { Request: VhostRequest.GetProtocolFeatures, Payload.Length: 8 })
        {
            var offered = new byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(offered, BinaryPrimitives.ReadUInt64LittleEndian(answer.Payload) & ~NotOffered);
            answer = answer with { Payload = offered };
        }

        if (answer.Payload.Length > 0 && answer.Request != VhostRequest.GetRingBase) _answers[answer.Request] = answer.Payload;
        return answer;
    }

    /// <summary>An answer while there is no daemon: what the last one said, or that all is well.</summary>
    public VhostMessage AnswerTo(VhostMessage message)
    {
        if (message.Request == VhostRequest.GetRingBase) return message.Answer(RingBase(message.Ring, Position(message.Ring)));
        var isQuestion = message.Unanswered.IsAwaited;
        return message.Answer(isQuestion && _answers.TryGetValue(message.Request, out var known) ? known : new byte[8]);
    }

    /// <summary>
    /// All messages that bring another daemon to where the last one was. Requests that it had taken and not answered are given
    /// to the other one again: daemons answer in the order of the questions, so all that follow the last answer are open.
    /// </summary>
    public IEnumerable<VhostMessage> Replay() => _said.Select(said => said.Request == VhostRequest.SetRingBase
        ? VhostMessage.Of(VhostRequest.SetRingBase, RingBase(said.Ring, Position(said.Ring)))
        : said.Unanswered);

    private ushort Position(byte ring) =>
        _said.Find(said => said.Request == VhostRequest.SetMemoryTable) is { } memory
        && _said.Find(said => said.Request == VhostRequest.SetRingAddress && said.Ring == ring) is { } address
            ? GuestMemory.UsedIndex(memory, address) ?? 0
            : (ushort)0;

    private void Forget(byte ring)
    {
        // Its address stays known: the position that is asked for is read there.
        foreach (var old in _said.FindAll(said => said.Ring == ring && said.Request is (VhostRequest.SetRingSize or VhostRequest.SetRingBase or VhostRequest.SetRingKick)))
        {
            _said.Remove(old);
            old.Close();
        }
    }

    private static byte[] RingBase(byte ring, ushort position) => [ring, 0, 0, 0, (byte)position, (byte)(position >> 8), 0, 0];

    private static bool IsOfRing(VhostRequest request) => request is
        VhostRequest.SetRingSize or VhostRequest.SetRingAddress or VhostRequest.SetRingBase or VhostRequest.SetRingKick
        or VhostRequest.SetRingCall or VhostRequest.SetRingError or VhostRequest.SetRingEnable;

    private static bool IsKept(VhostRequest request) => IsOfRing(request) || request is
        VhostRequest.GetFeatures or VhostRequest.SetFeatures or VhostRequest.SetOwner or VhostRequest.SetMemoryTable
        or VhostRequest.GetProtocolFeatures or VhostRequest.SetProtocolFeatures or VhostRequest.SetBackendChannel;
}
