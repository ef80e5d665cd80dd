using Lima.GuestAgent.Agent;
using Lima.GuestAgent.Native;

namespace Lima.GuestAgent.Tunnels;

/// <summary>
/// Socket files in directories that the guest's user may change at any moment. For these calls the thread has the rights of that user and no
/// others, so that no link leads it to where the user could not go.
/// </summary>
internal static class SocketFile
{
    private const uint PrivateMask = 0x7F; // leaves 0600

    /// <summary>Gives the socket that name, in place of a socket that nobody listens on any more; 0 or the failure.</summary>
    public static int Bind(int socket, string path, GuestUser owner)
    {
        if (KernelAddress.Of(path) is not { } address) return Errno.NameTooLong;
        return As(owner, () =>
        {
            var error = KernelAddress.Bind(socket, address);
            if (error != Errno.AddressInUse) return error;
            // A file that is no socket refuses as a dead socket does, and must not go.
            if (!Libc.IsSocket(path)) return Errno.Exists;
            if (Probe(address) is var answer and not Errno.Refused) return answer == 0 ? Errno.AddressInUse : answer;
            _ = Libc.Unlink(path);
            return KernelAddress.Bind(socket, address);
        });
    }

    /// <summary>Removes the file of a socket.</summary>
    public static void Remove(string path, GuestUser owner) => As(owner, () => Libc.Unlink(path));

    private static int Probe(byte[] address)
    {
        var probe = Sockets.Make(Sockets.Unix, Sockets.Stream);
        if (probe < 0) return Libc.Error;
        var error = KernelAddress.Connect(probe, address);
        _ = Libc.Close(probe);
        // A backlog that is full is somebody's, too.
        return error == Errno.TryAgain ? 0 : error;
    }

    private static int As(GuestUser owner, Func<int> work)
    {
        var mask = Libc.Mask(PrivateMask);
        var group = (uint)Libc.SetFileGroup(owner.Group);
        var user = (uint)Libc.SetFileUser(owner.User);
        try
        {
            return work();
        }
        finally
        {
            _ = Libc.SetFileUser(user);
            _ = Libc.SetFileGroup(group);
            _ = Libc.Mask(mask);
        }
    }
}
