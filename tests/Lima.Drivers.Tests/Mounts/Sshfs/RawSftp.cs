using System.Buffers.Binary;
using System.Text;

namespace Lima.Drivers.Tests.Mounts.Sshfs;

/// <summary>A guest that speaks SFTP by hand, and so may say what sshfs never would.</summary>
internal sealed class RawSftp(Stream stream)
{
    public const byte Open = 3, Write = 6, LinkStat = 7, SetStat = 9, OpenDirectory = 11, Remove = 13, MakeDirectory = 14, RealPath = 16, Stat = 17;
    public const byte Rename = 18, ReadLink = 19, MakeLink = 20, Extended = 200, Handle = 102, Status = 101;
    public const uint OpenRead = 1, OpenWrite = 2, OpenCreate = 8;

    private uint _number;

    /// <summary>Greets the server.</summary>
    public async Task<RawSftp> GreetAsync()
    {
        await SendAsync(1, Number(3));
        Assert.Equal(2, (await ReceiveAsync())[0]);
        return this;
    }

    /// <summary>Asks, and reads the next answer: its type and what follows the number.</summary>
    public async Task<(byte Type, byte[] Body)> AskAsync(byte type, params byte[][] body)
    {
        await SendAsync(type, [Number(++_number), .. body]);
        var answer = await ReceiveAsync();
        Assert.Equal(_number, BinaryPrimitives.ReadUInt32BigEndian(answer.AsSpan(1)));
        return (answer[0], answer[5..]);
    }

    /// <summary>Asks for what is answered by a status.</summary>
    public async Task<uint> StatusAsync(byte type, params byte[][] body)
    {
        var (answer, rest) = await AskAsync(type, body);
        return answer == Status ? BinaryPrimitives.ReadUInt32BigEndian(rest) : 0;
    }

    /// <summary>Opens a file; its handle, or the status.</summary>
    public async Task<(byte[]? Handle, uint Status)> OpenAsync(string path, uint flags)
    {
        var (answer, rest) = await AskAsync(Open, Text(path), Number(flags), Number(0));
        return answer == Handle ? (rest, 0) : (null, BinaryPrimitives.ReadUInt32BigEndian(rest));
    }

    /// <summary>Sends several packets at once, without waiting for answers.</summary>
    public async Task BurstAsync(params (byte Type, byte[][] Body)[] packets)
    {
        var bytes = packets.SelectMany(packet => Packet(packet.Type, [Number(++_number), .. packet.Body])).ToArray();
        await stream.WriteAsync(bytes);
    }

    public async Task<byte[]> ReceiveAsync()
    {
        var length = new byte[4];
        await stream.ReadExactlyAsync(length).AsTask().WaitAsync(TimeSpan.FromSeconds(60));
        var answer = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        await stream.ReadExactlyAsync(answer).AsTask().WaitAsync(TimeSpan.FromSeconds(60));
        return answer;
    }

    public async Task SendAsync(byte type, params byte[][] body) => await stream.WriteAsync(Packet(type, body));

    public static byte[] Packet(byte type, params byte[][] body)
    {
        byte[] rest = [type, .. body.SelectMany(part => part)];
        return [.. Number((uint)rest.Length), .. rest];
    }

    public static byte[] Text(string text) => [.. Number((uint)Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    public static byte[] Number(uint number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return bytes;
    }
}
