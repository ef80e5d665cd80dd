using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Lima.Domain.Vms;
using Lima.Drivers.Images;

namespace Lima.Drivers.Processes;

/// <summary>
/// A child that is talked to over its standard input and output, and that ends with us: they are one socket, which the kernel
/// closes when this process dies, however it dies. Both directions are bounded by the socket's buffers, so whoever is too fast waits.
/// </summary>
internal sealed class PipedProcess : IAsyncDisposable
{
    private const int KillSignal = 9;
    private const int UnixSocket = 1, StreamSocket = 1, CloseOnExec = 0x80000;
    private const int BufferBytes = 512 * 1024;

    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);

    private readonly Socket _socket;
    private readonly Socket _errors;
    private readonly Task<LineTail> _said;
    private readonly int _pid;

    private PipedProcess(int pid, Socket socket, Socket errors)
    {
        (_pid, _socket, _errors) = (pid, socket, errors);
        Stream = new NetworkStream(socket, ownsSocket: false);
        Exited = ChildReaper.Reap(pid);
        _said = ReadErrorsAsync(errors);
    }

    /// <summary>Reads its standard output and writes its standard input.</summary>
    public Stream Stream { get; }

    /// <summary>Completes with its exit status (128 + number for a signal).</summary>
    public Task<int> Exited { get; }

    /// <summary>Number of the process; ours until <see cref="Exited"/> completes.</summary>
    public int Pid => _pid;

    /// <summary>Starts the program.</summary>
    /// <param name="spec">What to run.</param>
    /// <param name="confinement">Where it may go; null for everywhere that we may.</param>
    /// <exception cref="DriverException">The program is missing or could not be started.</exception>
    public static PipedProcess Start(ProcessSpec spec, LandlockRules? confinement = null)
    {
        var program = Programs.Find(spec.Program) ?? throw new DriverException(
            VmCauses.LaunchFailed, "starting a program", $"`{spec.Program}` is not installed or may not be run", "install it, or correct PATH");
        var (ours, theirs) = Pair();
        var (errors, theirErrors) = Pair();
        using (theirs)
        using (theirErrors)
        {
            if (Spawn(program, spec, theirs, theirErrors, confinement, out var pid) is var error and not 0)
            {
                ours.Dispose();
                errors.Dispose();
                throw new DriverException(
                    VmCauses.LaunchFailed, "starting a program", $"`{program}` could not be started: {Marshal.GetPInvokeErrorMessage(error)}");
            }

            return new PipedProcess(pid, ours, errors);
        }
    }

    /// <summary>Tells it that no more input comes.</summary>
    public void CloseInput()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is gone already.
        }
    }

    /// <summary>The last line that it wrote on standard error, once it has ended; empty when it said nothing.</summary>
    public async Task<string> LastWordsAsync()
    {
        // A descendant may hold the descriptor; what has come until now is all that matters.
        await ((Task)_said).WaitAsync(TimeSpan.FromSeconds(1)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return _said.IsCompletedSuccessfully && (await _said).Lines.Count > 0 ? (await _said).Last : "";
    }

    /// <summary>Ends it at once and waits until it is reaped.</summary>
    public async ValueTask DisposeAsync()
    {
        // Nobody else reaps it, so the number is its own until then.
        if (!Exited.IsCompleted) Kill();
        await ((Task)Exited).WaitAsync(EndLimit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Stream.DisposeAsync();
        _socket.Dispose();
        _errors.Dispose();
    }

    private void Kill()
    {
        var pidfd = Native.OpenPidfd(_pid);
        if (pidfd < 0) return;
        using var handle = new Microsoft.Win32.SafeHandles.SafeFileHandle(pidfd, ownsHandle: true);
        _ = Native.SendSignal(pidfd, KillSignal);
    }

    private static unsafe int Spawn(string program, ProcessSpec spec, Socket theirs, Socket theirErrors, LandlockRules? confinement, out int pid) =>
        Spawner.Spawn(program, spec, actions =>
        {
            _ = Native.ActionsDuplicate(actions, (int)theirs.Handle, 0);
            _ = Native.ActionsDuplicate(actions, (int)theirs.Handle, 1);
            _ = Native.ActionsDuplicate(actions, (int)theirErrors.Handle, 2);
        }, confinement, out pid);

    private static (Socket Ours, Socket Theirs) Pair()
    {
        Span<int> pair = stackalloc int[2];
        if (Native.SocketPair(UnixSocket, StreamSocket | CloseOnExec, 0, pair) != 0)
        {
            throw new DriverException(
                VmCauses.LaunchFailed, "starting a program", $"no sockets for it: {Marshal.GetLastPInvokeErrorMessage()}", "raise the limit of open files (`ulimit -n`)");
        }

        return (Take(pair[0]), Take(pair[1]));
    }

    private static Socket Take(int descriptor) =>
        new(new SafeSocketHandle(descriptor, ownsHandle: true)) { SendBufferSize = BufferBytes, ReceiveBufferSize = BufferBytes };

    private static async Task<LineTail> ReadErrorsAsync(Socket errors)
    {
        await using var stream = new NetworkStream(errors, ownsSocket: false);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await LineTail.ReadAsync(reader, each: null, CancellationToken.None);
    }
}
