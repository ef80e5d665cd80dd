using System.Runtime.InteropServices;
using System.Text;
using Lima.Cli.Shell;

namespace Lima.Cli;

/// <summary>The few system calls that .NET has no name for.</summary>
internal static unsafe partial class Posix
{
    private const int SigPipe = 13;
    private const ulong IoctlWindowSizeLinux = 0x5413;
    private const ulong IoctlWindowSizeMac = 0x40087468;

    /// <summary>Ask a process to end.</summary>
    public const int SigTerm = 15;

    /// <summary>Whether a descriptor is a terminal.</summary>
    public static bool IsTerminal(int descriptor) => isatty(descriptor) == 1;

    /// <summary>Columns of the terminal on standard output or error; null when neither is one.</summary>
    public static int? TerminalWidth()
    {
        var size = stackalloc ushort[4];
        var request = OperatingSystem.IsMacOS() ? IoctlWindowSizeMac : IoctlWindowSizeLinux;
        for (var descriptor = 1; descriptor <= 2; descriptor++)
            if (ioctl(descriptor, request, size) == 0 && size[1] > 0) return size[1];
        return null;
    }

    /// <summary>Effective user id.</summary>
    public static uint EffectiveUser() => geteuid();

    /// <summary>Sends a signal; false when there is no such process or it is not ours.</summary>
    public static bool Signal(int process, int signal) => process > 1 && kill(process, signal) == 0;

    /// <summary>Exit status of a child that has ended (128 + signal when killed); null while it runs.</summary>
    public static int? Reap(int child)
    {
        int status;
        const int NoHang = 1;
        if (waitpid(child, &status, NoHang) != child) return null;
        var signal = status & 0x7f;
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal;
    }

    /// <summary>
    /// Writes everything, waiting where it has to. A pipe that nobody reads ends the process by the usual signal. (The
    /// signal stays ignored otherwise, as .NET has set it: .NET's sockets would raise it when the other side goes away.)
    /// </summary>
    /// <exception cref="IOException">The system refuses: disk full, for example.</exception>
    public static void WriteAll(int descriptor, ReadOnlySpan<byte> bytes)
    {
        const int Interrupted = 4, WouldBlock = 11, BrokenPipe = 32;
        while (bytes.Length > 0)
        {
            nint written;
            fixed (byte* start = bytes) written = write(descriptor, start, (nuint)bytes.Length);
            if (written >= 0)
            {
                bytes = bytes[(int)written..];
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Interrupted:
                    break;
                case WouldBlock:
                    // Somebody who shares the terminal or pipe has made it non-blocking.
                    var wait = new PollRequest { Descriptor = descriptor, Events = PollRequest.Writable };
                    _ = poll(&wait, 1, -1);
                    break;
                case BrokenPipe:
                    signal(SigPipe, 0);
                    _ = kill(getpid(), SigPipe);
                    break;
                case var code:
                    throw new IOException($"cannot write the output: {Marshal.GetPInvokeErrorMessage(code)}");
            }
        }
    }

    /// <summary>Replaces this process. Signals, terminal and exit status are the new program's own.</summary>
    /// <exception cref="CliException">The system refuses to run the program.</exception>
    public static int Exec(ExecRequest request)
    {
        var environment = new List<string>();
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
            if (!request.Environment.ContainsKey((string)entry.Key)) environment.Add($"{entry.Key}={entry.Value}");
        environment.AddRange(request.Environment.Select(pair => $"{pair.Key}={pair.Value}"));

        // .NET ignores SIGPIPE and an ignored signal stays ignored across exec; the new program expects the default.
        signal(SigPipe, 0);
        using var argv = new NativeStrings(request.Arguments);
        using var envp = new NativeStrings(environment);
        execve(request.Program, argv.Pointer, envp.Pointer);
        throw new CliException($"cannot run `{request.Program}`: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc")]
    private static partial int isatty(int fd);

    [LibraryImport("libc")]
    private static partial int ioctl(int fd, ulong request, void* argument);

    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc")]
    private static partial int kill(int pid, int sig);

    [LibraryImport("libc")]
    private static partial int getpid();

    [LibraryImport("libc")]
    private static partial int poll(PollRequest* requests, nuint count, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int fd, byte* buffer, nuint count);

    [LibraryImport("libc")]
    private static partial int waitpid(int pid, int* status, int options);

    [LibraryImport("libc")]
    private static partial nint signal(int signum, nint handler);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int execve(string path, byte** argv, byte** envp);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollRequest
    {
        public const short Writable = 4;
        public int Descriptor;
        public short Events;
        public short Answer;
    }

    /// <summary>A null-terminated array of C strings, valid until disposed.</summary>
    public sealed class NativeStrings : IDisposable
    {
        private readonly int _count;

        /// <summary>Copies the texts into unmanaged memory as UTF-8.</summary>
        public NativeStrings(IReadOnlyList<string> texts)
        {
            _count = texts.Count;
            Pointer = (byte**)NativeMemory.AllocZeroed((nuint)(_count + 1), (nuint)sizeof(byte*));
            for (var i = 0; i < _count; i++)
            {
                var bytes = Encoding.UTF8.GetByteCount(texts[i]);
                var text = (byte*)NativeMemory.AllocZeroed((nuint)bytes + 1);
                Encoding.UTF8.GetBytes(texts[i], new Span<byte>(text, bytes));
                Pointer[i] = text;
            }
        }

        /// <summary>The array.</summary>
        public byte** Pointer { get; }

        /// <inheritdoc/>
        public void Dispose()
        {
            for (var i = 0; i < _count; i++) NativeMemory.Free(Pointer[i]);
            NativeMemory.Free(Pointer);
        }
    }
}
