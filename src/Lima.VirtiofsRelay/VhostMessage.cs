using Microsoft.Win32.SafeHandles;

namespace Lima.VirtiofsRelay;

/// <summary>Requests of the vhost-user protocol that matter here; all others are passed on unread.</summary>
internal enum VhostRequest : uint
{
    GetFeatures = 1,
    SetFeatures = 2,
    SetOwner = 3,
    SetMemoryTable = 5,
    SetRingSize = 8,
    SetRingAddress = 9,
    SetRingBase = 10,
    GetRingBase = 11,
    SetRingKick = 12,
    SetRingCall = 13,
    SetRingError = 14,
    GetProtocolFeatures = 15,
    SetProtocolFeatures = 16,
    GetQueueNumber = 17,
    SetRingEnable = 18,
    SetBackendChannel = 21,
    GetConfig = 24,
    GetInflight = 31,
    GetMemorySlots = 36,
}

/// <summary>One message of the vhost-user protocol.</summary>
/// <param name="Request">What is asked, or answered.</param>
/// <param name="Flags">Version, and bits that say whether it is an answer or wants one.</param>
/// <param name="Payload">What follows the head.</param>
/// <param name="Files">Descriptors that came with it, or are to go with it.</param>
internal sealed record VhostMessage(VhostRequest Request, uint Flags, byte[] Payload, SafeFileHandle[] Files)
{
    private const uint Version = 1, Answered = 4, WantsAnswer = 8;

    /// <summary>A question or an order without descriptors.</summary>
    public static VhostMessage Of(VhostRequest request, params byte[] payload) => new(request, Version, payload, []);

    /// <summary>Whether the other side waits for an answer to it.</summary>
    public bool IsAwaited => (Flags & WantsAnswer) != 0 || Request is
        VhostRequest.GetFeatures or VhostRequest.GetRingBase or VhostRequest.GetProtocolFeatures or VhostRequest.GetQueueNumber
        or VhostRequest.GetConfig or VhostRequest.GetInflight or VhostRequest.GetMemorySlots;

    /// <summary>The ring that it is about, where it is about one.</summary>
    public byte Ring => Payload.Length > 0 ? Payload[0] : (byte)0;

    /// <summary>The same without the wish for an answer.</summary>
    public VhostMessage Unanswered => this with { Flags = Flags & ~WantsAnswer };

    /// <summary>The answer to it.</summary>
    public VhostMessage Answer(byte[] payload) => new(Request, Version | Answered, payload, []);

    /// <summary>Lets go of its descriptors.</summary>
    public void Close()
    {
        foreach (var file in Files) file.Dispose();
    }
}
