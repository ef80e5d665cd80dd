using System.Runtime.InteropServices;
using Lima.Templates;

namespace Lima.Host.Specs;

/// <summary>Looks at paths, so that a template that names a file where a directory must be is noticed.</summary>
internal static partial class PathLook
{
    private const int CurrentDirectory = -100;
    private const uint TypeOnly = 1;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xf000;
    private const int NoEntry = 2;
    private const int NotDirectory = 20;

    /// <summary>What is at a path, links followed. Nothing is opened: that might wait for ever.</summary>
    public static unsafe PathKind At(string path)
    {
        var result = stackalloc byte[256];
        if (statx(CurrentDirectory, path, 0, TypeOnly, result) != 0)
        {
            return Marshal.GetLastPInvokeError() is NoEntry or NotDirectory ? PathKind.Missing : PathKind.Inaccessible;
        }

        return (*(ushort*)(result + ModeOffset) & TypeMask) switch
        {
            0x4000 => PathKind.Directory,
            0xc000 => PathKind.Socket,
            _ => PathKind.File,
        };
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statx(int directory, string path, int flags, uint mask, byte* result);
}
