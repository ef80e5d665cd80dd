using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lima.VirtiofsRelay;

/// <summary>One end of a vhost-user connection: whole messages, with their descriptors.</summary>
internal sealed unsafe partial class VhostSocket(Socket socket) : IDisposable
{
    private const int HeadBytes = 12, PayloadMax = 64 * 1024, FilesMax = 16, AncillaryHead = 16;
    private const int SolSocket = 1, ScmRights = 1, NoSignal = 0x4000, CloseOnExec = 0x40000000, Interrupted = 4;

    /// <summary>To wait for.</summary>
    public Socket Socket => socket;

    /// <summary>The next message; null when the other side is gone, or sends what is none.</summary>
    public VhostMessage? Receive()
    {
        var files = new List<SafeFileHandle>();
        var head = new byte[HeadBytes];
        if (!Fill(head, files)) return Nothing(files);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(8));
        if (length > PayloadMax) return Nothing(files);
        var payload = new byte[length];
        if (!Fill(payload, files)) return Nothing(files);
        return new VhostMessage(
            (VhostRequest)BinaryPrimitives.ReadUInt32LittleEndian(head), BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(4)), payload, [.. files]);
    }

    /// <summary>Sends a message; false when the other side is gone.</summary>
    public bool Send(VhostMessage message)
    {
        var bytes = new byte[HeadBytes + message.Payload.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)message.Request);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), message.Flags);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), message.Payload.Length);
        message.Payload.CopyTo(bytes, HeadBytes);
        var sent = 0;
        while (sent < bytes.Length)
        {
            // Descriptors go with the first byte.
            var now = Transfer(bytes.AsSpan(sent), sent == 0 ? message.Files : [], null);
            if (now <= 0) return false;
            sent += now;
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();

    private bool Fill(byte[] bytes, List<SafeFileHandle> files)
    {
        var got = 0;
        while (got < bytes.Length)
        {
            var now = Transfer(bytes.AsSpan(got), [], files);
            if (now <= 0) return false;
            got += now;
        }

        return true;
    }

    /// <summary>Sends, or receives where there is a list for what comes; how many bytes, 0 or less when there is nobody.</summary>
    private int Transfer(Span<byte> bytes, SafeFileHandle[] sent, List<SafeFileHandle>? received)
    {
        Span<byte> ancillary = stackalloc byte[AncillaryHead + FilesMax * sizeof(int)];
        ancillary.Clear();
        if (sent.Length > 0)
        {
            MemoryMarshal.Write(ancillary, (nuint)(AncillaryHead + sent.Length * sizeof(int)));
            MemoryMarshal.Write(ancillary[8..], SolSocket);
            MemoryMarshal.Write(ancillary[12..], ScmRights);
            for (var i = 0; i < sent.Length; i++) MemoryMarshal.Write(ancillary[(AncillaryHead + i * sizeof(int))..], (int)sent[i].DangerousGetHandle());
        }

        fixed (byte* data = bytes, control = ancillary)
        {
            var part = new Part { Base = data, Length = (nuint)bytes.Length };
            var hasFiles = received is not null || sent.Length > 0;
            // The room for descriptors that are sent is rounded up to whole words.
            var room = received is not null ? ancillary.Length : AncillaryHead + (sent.Length * sizeof(int) + 7 & ~7);
            var message = new Header { Parts = &part, PartCount = 1, Control = hasFiles ? control : null, ControlLength = hasFiles ? (nuint)room : 0 };
            nint moved;
            do moved = received is null ? SendMessage(socket.Handle, &message, NoSignal) : ReceiveMessage(socket.Handle, &message, CloseOnExec);
            while (moved < 0 && Marshal.GetLastPInvokeError() == Interrupted);
            if (moved > 0 && received is not null) Take(ancillary[..(int)message.ControlLength], received);
            return (int)moved;
        }
    }

    private static void Take(ReadOnlySpan<byte> ancillary, List<SafeFileHandle> received)
    {
        while (ancillary.Length >= AncillaryHead)
        {
            var length = (int)MemoryMarshal.Read<nuint>(ancillary);
            if (length < AncillaryHead || length > ancillary.Length) return;
            if (MemoryMarshal.Read<int>(ancillary[8..]) == SolSocket && MemoryMarshal.Read<int>(ancillary[12..]) == ScmRights)
                foreach (var file in MemoryMarshal.Cast<byte, int>(ancillary[AncillaryHead..length])) received.Add(new SafeFileHandle(file, ownsHandle: true));
            ancillary = ancillary[Math.Min(ancillary.Length, length + 7 & ~7)..];
        }
    }

    private static VhostMessage? Nothing(List<SafeFileHandle> files)
    {
        foreach (var file in files) file.Dispose();
        return null;
    }

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendMessage(nint socket, Header* message, int flags);

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint ReceiveMessage(nint socket, Header* message, int flags);

    private struct Part
    {
        public byte* Base;
        public nuint Length;
    }

    // struct msghdr of Linux on 64 bits, with either C library.
    private struct Header
    {
        public void* Name;
        public nuint NameLength;
        public Part* Parts;
        public nuint PartCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
