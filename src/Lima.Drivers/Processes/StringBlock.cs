using System.Runtime.InteropServices;

namespace Lima.Drivers.Processes;

/// <summary>Texts as C wants arguments and environments: an array of pointers that ends in null.</summary>
internal sealed unsafe class StringBlock : IDisposable
{
    /// <summary>Copies the texts.</summary>
    public StringBlock(IEnumerable<string> texts)
    {
        var list = texts.ToArray();
        Pointer = (byte**)NativeMemory.AllocZeroed((nuint)(list.Length + 1), (nuint)sizeof(byte*));
        for (var i = 0; i < list.Length; i++) Pointer[i] = (byte*)Marshal.StringToCoTaskMemUTF8(list[i]);
    }

    /// <summary>The array; valid until the block is disposed.</summary>
    public byte** Pointer { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Pointer is null) return;
        for (var at = Pointer; *at is not null; at++) Marshal.FreeCoTaskMem((nint)(*at));
        NativeMemory.Free(Pointer);
        Pointer = null;
    }
}
