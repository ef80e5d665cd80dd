using System.Buffers.Binary;

namespace Lima.Drivers.Tests.Qemu;

/// <summary>Guests of a few bytes (multiboot kernels in 32-bit mode) that do one thing each.</summary>
internal static class TinyGuest
{
    private static readonly byte[] Halt = [0xfa, 0xf4, 0xeb, 0xfd]; // cli; hlt; and again

    // mov dx, 0x604; mov ax, 0x2000; out dx, ax: ACPI sleep state 5
    private static readonly byte[] Off = [0x66, 0xba, 0x04, 0x06, 0x66, 0xb8, 0x00, 0x20, 0x66, 0xef];

    // mov dx, 0x602; mov ax, 0x100; out dx, ax: enable the button. mov dx, 0x600; in ax, dx; test ah, 1; jz: until it is pressed
    private static readonly byte[] Button =
        [0x66, 0xba, 0x02, 0x06, 0x66, 0xb8, 0x00, 0x01, 0x66, 0xef, 0x66, 0xba, 0x00, 0x06, 0x66, 0xed, 0xf6, 0xc4, 0x01, 0x74, 0xf5];

    /// <summary>Does nothing.</summary>
    public static byte[] Idle => Image(Halt);

    /// <summary>Switches itself off.</summary>
    public static byte[] PowersOff => Image([.. Off, .. Halt]);

    /// <summary>Switches itself off when the power button is pressed.</summary>
    public static byte[] ObeysButton => Image([.. Button, .. Off, .. Halt]);

    /// <summary>Panics: mov dx, 0x505; mov al, 1; out dx, al.</summary>
    public static byte[] Panics => Image([0x66, 0xba, 0x05, 0x05, 0xb0, 0x01, 0xee, .. Halt]);

    /// <summary>Reboots, over and over: mov dx, 0xcf9; mov al, 6; out dx, al.</summary>
    public static byte[] Reboots => Image([0x66, 0xba, 0xf9, 0x0c, 0xb0, 0x06, 0xee, .. Halt]);

    private static byte[] Image(byte[] code)
    {
        const uint magic = 0x1BADB002, flags = 0x00010000, load = 0x100000, headerBytes = 32;
        var image = new byte[headerBytes + code.Length];
        uint[] header = [magic, flags, unchecked(0u - magic - flags), load, load, 0, 0, load + headerBytes];
        for (var i = 0; i < header.Length; i++) BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(i * 4), header[i]);
        code.CopyTo(image, (int)headerBytes);
        return image;
    }
}
