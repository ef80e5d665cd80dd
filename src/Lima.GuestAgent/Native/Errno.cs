namespace Lima.GuestAgent.Native;

/// <summary>Failures by the kernel's numbers, which are the same on every architecture that there is a program for.</summary>
internal static class Errno
{
    public const int NotPermitted = 1, NoEntry = 2, Interrupted = 4, TryAgain = 11, OutOfMemory = 12, NoAccess = 13, Busy = 16, Exists = 17,
        SystemTooManyFiles = 23, TooManyFiles = 24, Pipe = 32, NameTooLong = 36, AddressInUse = 98, NoBuffers = 105, TimedOut = 110,
        Refused = 111, InProgress = 115;

    /// <summary>Words for people. Few are likely; the number says the rest.</summary>
    public static string Text(int error) => error switch
    {
        NotPermitted => "not permitted",
        NoEntry => "no such file",
        TryAgain => "too many connections are waiting there",
        NoAccess => "permission denied",
        Exists => "there is something else of that name",
        TooManyFiles or SystemTooManyFiles => "too many connections",
        NameTooLong => "the name is too long",
        97 => "this kernel has no such kind of address",
        99 => "no such address here",
        AddressInUse => "somebody else listens there",
        101 => "the network is unreachable",
        TimedOut => "no answer in time",
        Refused => "connection refused",
        113 => "no route to the host",
        _ => $"error {error}",
    };
}
