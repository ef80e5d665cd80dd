using System.Net.Sockets;
using System.Text;

namespace Lima.EndToEnd.Tests.Support;

/// <summary>A guest seen from outside, without the product.</summary>
internal static class Guest
{
    /// <summary>Whether an SSH server greets on the port within the limit.</summary>
    public static async Task<bool> GreetsAsync(int port, TimeSpan limit)
    {
        using var deadline = new CancellationTokenSource(limit);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port, deadline.Token);
            var buffer = new byte[8];
            await client.GetStream().ReadExactlyAsync(buffer, deadline.Token);
            return Encoding.ASCII.GetString(buffer) == "SSH-2.0-";
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
        {
            return false;
        }
    }

    /// <summary>Names the boot that a guest is in: another value after each.</summary>
    public static Task<string> BootIdAsync(LimaHome home, string name) => home.Cli.GuestAsync(name, "cat", "/proc/sys/kernel/random/boot_id");
}
