using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Lima.Drivers.Processes;

/// <summary>
/// Where a child may go: nowhere, besides the paths that were allowed. It has no network and no way to signal or to reach
/// other processes, as far as the kernel's version can take these away.
/// </summary>
internal sealed unsafe class LandlockRules : IDisposable
{
    private const long BeneathPath = 1;
    private const int PathRuleBytes = 12;
    private const ulong AllOfNetwork = 0b11; // Binding and connecting TCP sockets.
    private const ulong AllOfOthers = 0b11; // Abstract sockets and signals.

    private readonly SafeFileHandle _ruleset;

    /// <summary>Begins with nothing allowed.</summary>
    /// <exception cref="DriverException">The kernel has no Landlock; ask <see cref="Landlock.Version"/> first.</exception>
    public LandlockRules()
    {
        var taken = stackalloc ulong[3] { (ulong)Landlock.Known, AllOfNetwork, AllOfOthers };
        var bytes = Landlock.Version switch { >= 6 => 24, >= 4 => 16, _ => 8 };
        _ruleset = new SafeFileHandle((nint)LandlockNative.Call(LandlockNative.CreateRuleset, (long)taken, bytes, 0, 0), ownsHandle: true);
        if (!_ruleset.IsInvalid) return;
        var error = Marshal.GetLastSystemError();
        _ruleset.Dispose();
        throw new DriverException("landlock", "confining a program", $"the kernel makes no rules: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    /// <summary>The kernel's name for these rules.</summary>
    public int Descriptor => (int)_ruleset.DangerousGetHandle();

    /// <summary>Allows something beneath a path, links in it followed now. What does not exist needs no permission.</summary>
    /// <returns>False when there is nothing at that path.</returns>
    /// <exception cref="DriverException">The kernel refuses the rule.</exception>
    public bool Allow(string path, LandlockRights rights)
    {
        var name = Encoding.UTF8.GetBytes(path + '\0');
        fixed (byte* bytes = name)
        {
            using var place = new SafeFileHandle(LandlockNative.Open(bytes, LandlockNative.PathOnly | LandlockNative.CloseOnExec), ownsHandle: true);
            if (place.IsInvalid) return false;
            if (!Directory.Exists(path)) rights &= LandlockRights.OnFiles;
            Add(path, (int)place.DangerousGetHandle(), rights & Landlock.Known);
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _ruleset.Dispose();

    private void Add(string path, int place, LandlockRights rights)
    {
        var rule = stackalloc byte[PathRuleBytes];
        MemoryMarshal.Write(new Span<byte>(rule, 8), (ulong)rights);
        MemoryMarshal.Write(new Span<byte>(rule + 8, 4), place);
        if (LandlockNative.Call(LandlockNative.AddRule, Descriptor, BeneathPath, (long)rule, 0) == 0) return;
        var error = Marshal.GetLastSystemError();
        throw new DriverException("landlock", "confining a program", $"the kernel allows no rule for {path}: {Marshal.GetPInvokeErrorMessage(error)}");
    }
}
