using System.Runtime.InteropServices;

namespace Lima.Cli.Client;

/// <summary>Starts a program in a session of its own, so that closing the terminal or Ctrl-C does not reach it.</summary>
internal static unsafe partial class Detached
{
    // The C library's structures are opaque; 1 KiB is more than any of them needs.
    private const int OpaqueBytes = 1024;
    private const short NewSessionLinux = 0x80;
    private const short NewSessionMac = 0x400;
    private const int ReadOnly = 0;
    private const int AppendLinux = 0x1 | 0x40 | 0x400;
    private const int AppendMac = 0x1 | 0x200 | 0x8;
    private const uint OwnerOnly = 0x180;

    /// <summary>Runs <paramref name="program"/> with its output appended to <paramref name="log"/>; returns its process id.</summary>
    /// <exception cref="CliException">The system refuses.</exception>
    public static int Start(string program, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, string log)
    {
        var attributes = stackalloc byte[OpaqueBytes];
        var actions = stackalloc byte[OpaqueBytes];
        _ = posix_spawnattr_init(attributes);
        _ = posix_spawn_file_actions_init(actions);
        try
        {
            var mac = OperatingSystem.IsMacOS();
            _ = posix_spawnattr_setflags(attributes, mac ? NewSessionMac : NewSessionLinux);
            _ = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", ReadOnly, 0);
            _ = posix_spawn_file_actions_addopen(actions, 1, log, mac ? AppendMac : AppendLinux, OwnerOnly);
            _ = posix_spawn_file_actions_adddup2(actions, 1, 2);
            using var argv = new Posix.NativeStrings(arguments);
            using var envp = new Posix.NativeStrings(environment);
            int child;
            var error = posix_spawn(&child, program, actions, attributes, argv.Pointer, envp.Pointer);
            return error == 0
                ? child
                : throw new CliException($"cannot run `{program}`: {Marshal.GetPInvokeErrorMessage(error)}");
        }
        finally
        {
            _ = posix_spawn_file_actions_destroy(actions);
            _ = posix_spawnattr_destroy(attributes);
        }
    }

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn_file_actions_addopen(byte* actions, int fd, string path, int flags, uint mode);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_adddup2(byte* actions, int from, int to);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn(int* pid, string path, byte* actions, byte* attributes, byte** argv, byte** envp);
}
