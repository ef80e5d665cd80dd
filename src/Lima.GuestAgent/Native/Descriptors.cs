namespace Lima.GuestAgent.Native;

/// <summary>Reading and writing that comes back to what a signal has interrupted.</summary>
internal static unsafe class Descriptors
{
    /// <summary>Bytes read; 0 at the end; a negative failure (<see cref="Errno"/>).</summary>
    public static int Read(int descriptor, Span<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            while (true)
            {
                var count = Libc.Read(descriptor, start, bytes.Length);
                if (count >= 0) return (int)count;
                if (Libc.Error != Errno.Interrupted) return -Libc.Error;
            }
        }
    }

    /// <summary>Bytes written, or a negative failure.</summary>
    public static int Write(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            while (true)
            {
                var count = Libc.Write(descriptor, start, bytes.Length);
                if (count >= 0) return (int)count;
                if (Libc.Error != Errno.Interrupted) return -Libc.Error;
            }
        }
    }

    /// <summary>As <see cref="Read"/>, from a socket.</summary>
    public static int Receive(int descriptor, Span<byte> bytes, int flags = 0)
    {
        fixed (byte* start = bytes)
        {
            while (true)
            {
                var count = Sockets.Receive(descriptor, start, bytes.Length, flags);
                if (count >= 0) return (int)count;
                if (Libc.Error != Errno.Interrupted) return -Libc.Error;
            }
        }
    }

    /// <summary>As <see cref="Write"/>, to a socket, without a signal when nobody reads any more.</summary>
    public static int Send(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            while (true)
            {
                var count = Sockets.Send(descriptor, start, bytes.Length, Sockets.NoSignal);
                if (count >= 0) return (int)count;
                if (Libc.Error != Errno.Interrupted) return -Libc.Error;
            }
        }
    }
}
