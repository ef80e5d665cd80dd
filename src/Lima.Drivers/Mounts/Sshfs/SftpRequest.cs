using System.Buffers.Binary;

namespace Lima.Drivers.Mounts.Sshfs;

/// <summary>A path that a request names.</summary>
/// <param name="Offset">Where it begins in the packet.</param>
/// <param name="Length">Its bytes; they are the guest's and need not be UTF-8.</param>
/// <param name="Follows">Whether the server follows a link that it ends in.</param>
internal readonly record struct SftpPath(int Offset, int Length, bool Follows);

/// <summary>What the guest asks of the server, version 3 of the protocol (draft-ietf-secsh-filexfer-02) with OpenSSH's extensions.</summary>
/// <param name="Id">Its number, for the answer.</param>
/// <param name="IsKnown">False for what no mount needs; such requests are refused.</param>
/// <param name="Moves">Whether paths may lead elsewhere afterwards.</param>
/// <param name="First">A path in it.</param>
/// <param name="Second">Another one.</param>
internal readonly record struct SftpRequest(uint Id, bool IsKnown, bool Moves = false, SftpPath? First = null, SftpPath? Second = null)
{
    private const int LengthBytes = 4, IdAt = 5, BodyAt = 9;
    private const byte Init = 1, Open = 3, Close = 4, Read = 5, Write = 6, LinkStat = 7, HandleStat = 8, SetStat = 9, HandleSetStat = 10;
    private const byte OpenDirectory = 11, ReadDirectory = 12, Remove = 13, MakeDirectory = 14, RemoveDirectory = 15, RealPath = 16, Stat = 17;
    private const byte Rename = 18, ReadLink = 19, MakeLink = 20, Extended = 200;

    /// <summary>Reads a whole packet, its length field included; null when it is none, or breaks off.</summary>
    public static SftpRequest? Parse(ReadOnlySpan<byte> packet)
    {
        if (packet.Length < BodyAt) return null;
        // The greeting has the version where the others have their number.
        if (packet[LengthBytes] == Init) return new SftpRequest(0, IsKnown: true);
        var id = BinaryPrimitives.ReadUInt32BigEndian(packet[IdAt..]);
        return packet[LengthBytes] switch
        {
            Close or Read or Write or HandleStat or HandleSetStat or ReadDirectory => new SftpRequest(id, IsKnown: true),
            Open or SetStat or OpenDirectory or RealPath or Stat => OnePath(packet, id, BodyAt, follows: true, moves: false),
            LinkStat or ReadLink => OnePath(packet, id, BodyAt, follows: false, moves: false),
            Remove or MakeDirectory or RemoveDirectory => OnePath(packet, id, BodyAt, follows: false, moves: true),
            Rename => TwoPaths(packet, id, BodyAt),
            // OpenSSH's order: what the link says, which is only a text, and then where it is made.
            MakeLink => Text(packet, BodyAt) is { } target ? OnePath(packet, id, target.Offset + target.Length, follows: false, moves: true) : null,
            Extended => Text(packet, BodyAt) is { } name ? OfExtension(packet, id, name) : null,
            _ => new SftpRequest(id, IsKnown: false),
        };
    }

    private static SftpRequest? OfExtension(ReadOnlySpan<byte> packet, uint id, SftpPath name)
    {
        var body = name.Offset + name.Length;
        var word = packet.Slice(name.Offset, name.Length);
        if (word.SequenceEqual("posix-rename@openssh.com"u8) || word.SequenceEqual("hardlink@openssh.com"u8)) return TwoPaths(packet, id, body);
        if (word.SequenceEqual("statvfs@openssh.com"u8)) return OnePath(packet, id, body, follows: true, moves: false);
        if (word.SequenceEqual("lsetstat@openssh.com"u8)) return OnePath(packet, id, body, follows: false, moves: false);
        var isKnown = word.SequenceEqual("fsync@openssh.com"u8) || word.SequenceEqual("fstatvfs@openssh.com"u8) || word.SequenceEqual("limits@openssh.com"u8);
        return new SftpRequest(id, isKnown);
    }

    private static SftpRequest? OnePath(ReadOnlySpan<byte> packet, uint id, int at, bool follows, bool moves) =>
        Text(packet, at) is { } path ? new SftpRequest(id, IsKnown: true, moves, path with { Follows = follows }) : null;

    private static SftpRequest? TwoPaths(ReadOnlySpan<byte> packet, uint id, int at) =>
        Text(packet, at) is { } first && Text(packet, first.Offset + first.Length) is { } second
            ? new SftpRequest(id, IsKnown: true, Moves: true, first, second)
            : null;

    private static SftpPath? Text(ReadOnlySpan<byte> packet, int at)
    {
        if (packet.Length - at < LengthBytes) return null;
        var length = BinaryPrimitives.ReadUInt32BigEndian(packet[at..]);
        return length <= packet.Length - at - LengthBytes ? new SftpPath(at + LengthBytes, (int)length, Follows: false) : null;
    }
}
