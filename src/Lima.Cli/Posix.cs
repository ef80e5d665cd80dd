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
    /// Lets a write to a closed pipe end the process, as every Unix tool does; .NET ignores the signal. Sockets are not
    /// concerned: .NET sends on them without raising it.
    /// </summary>
    public static void RestoreBrokenPipe() => signal(SigPipe, 0);

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
    private static partial int waitpid(int pid, int* status, int options);

    [LibraryImport("libc")]
    private static partial nint signal(int signum, nint handler);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int execve(string path, byte** argv, byte** envp);

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
