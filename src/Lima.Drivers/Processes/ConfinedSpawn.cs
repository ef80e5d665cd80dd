using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Lima.Drivers.Processes;

/// <summary>
/// Starts a child under Landlock rules. They hold for a thread and what it makes, and .NET offers no place between fork and
/// exec; so a thread of its own takes the rules upon itself, makes the child, and ends. Threads that it made would be bound by
/// them too, workers of the pool and the compiler's among them. So it calls the C library and nothing else: every path of its
/// code was gone once, without rules, by a thread before it, and whoever waits for it does so by joining it.
/// </summary>
internal static unsafe class ConfinedSpawn
{
    private const int StackBytes = 256 * 1024;
    private const int NoRules = -1;
    private static readonly Lock Gate = new();

    /// <summary>As <c>posix_spawn</c>; blocks for the time that it takes.</summary>
    /// <returns>0, or the C library's error number.</returns>
    public static int Run(string path, byte* actions, byte* attributes, byte** arguments, byte** environment, LandlockRules rules, out int pid)
    {
        fixed (byte* program = Encoding.UTF8.GetBytes(path + '\0'), nowhere = "/dev/null/none\0"u8)
        {
            var request = new Request { Actions = actions, Attributes = attributes, Arguments = arguments, Environment = environment };
            lock (Gate)
            {
                request.Path = nowhere;
                request.Rules = NoRules;
                OnThread(request);
                request.Path = program;
                request.Rules = rules.Descriptor;
                OnThread(request);
            }

            pid = request.Pid;
            return request.Error;
        }
    }

    private static void OnThread(Request request)
    {
        var thread = new Thread(request.Serve, StackBytes) { IsBackground = true, Name = "confined launch" };
        thread.Start();
        thread.Join();
    }

    private sealed class Request
    {
        public byte* Path;
        public byte* Actions;
        public byte* Attributes;
        public byte** Arguments;
        public byte** Environment;
        public int Rules;
        public int Pid;
        public int Error;

        // Optimised at once: code that is counted and compiled anew later would want the compiler's thread.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Serve()
        {
            var pid = 0;
            var option = Rules == NoRules ? LandlockNative.GetNoNewPrivileges : LandlockNative.NoNewPrivileges;
            var value = Rules == NoRules ? 0 : 1;
            Error = 0;
            if (LandlockNative.Control(option, value, 0, 0, 0) < 0
                || (LandlockNative.Call(LandlockNative.RestrictSelf, Rules, 0, 0, 0) != 0 && Rules != NoRules))
            {
                Error = Marshal.GetLastSystemError();
                return;
            }

            Error = LandlockNative.Spawn(&pid, Path, Actions, Attributes, Arguments, Environment);
            Pid = pid;
        }
    }
}
