using System.Text;

namespace Lima.Drivers.Qemu.Probe;

/// <summary>
/// The guests that <see cref="AcceleratorProbe"/> runs, as machine code; their sources lie beside this file
/// (<c>probe-x86_64.s</c>, <c>probe-aarch64.s</c>).
/// </summary>
internal static class ProbePayload
{
    /// <summary>The last stage: a guest that printed it has answered.</summary>
    public const char Answer = '7';

    private const string X64 = """
        02b0ad1b00000100fe4f51e40000100000001000000000000080100020001000fabc000f1000b031e6e9c7050010100003201000c705002010000330
        100031c989c8c1e0150d830000008904cd003010004181f90002000075e6c7051820100003401000c705b84f10009b00e0fe0f20e083c8200f22e0b8
        001010000f22d8b9800000c00f320d000100000f300f20c00d000000800f22c00f0115c2001000b032e6e9eac8001000080000000000000000000000
        0000009a200000000000009200001700aa001000b8100000008ed88ec08ed0b033e6e9488d05bb000000bf00501000b920000000e867000000ffc975
        f7488d0588000000bf00541000e8520000000f011d9b000000b034e6e9bb0000e0fec783f0000000ff010000c783e00300000b000000c78320030000
        40000000c78380030000a0860100b035e6e9fbf4803d5c0000000074f6b037e6e9b02ae6f4f4ebfd66890766c74702080066c74704008e4889c248c1
        ea1066895706c7470800000000c7470c0000000083c710c350b036e6e9c6051700000001c783b0000000000000005848cfb046e6e9b013e6f4ebf600
        ff040050100000000000
        """;

    private const string Arm64 = """
        0920a1d22006805220010039a1ffff1021404091a28080d2220000f90200a8d222e080f2220400f9e21f80d202a218d522a386d20210a0f24200c0f2
        422018d5012018d59f3f03d5df3f03d5021038d5420040b2021018d5df3f03d56006805220010039027d80d202e31bd5220080d222e31bd522e33bd5
        e2ff1736e006805220010039000180520080b072020000d47f2003d5ffffff17
        """;

    /// <summary>The image for an architecture; null when there is none and an accelerator can only be believed.</summary>
    public static byte[]? For(string arch) => arch switch
    {
        "x86_64" => Decode(X64),
        "aarch64" => Decode(Arm64),
        _ => null,
    };

    /// <summary>In words, how far a guest came that printed these stages.</summary>
    public static string Describe(string stages) => stages switch
    {
        "" => "the guest never started",
        _ when stages.Contains('F', StringComparison.Ordinal) => "the guest faulted when it should have taken an interrupt",
        _ when stages.Contains('5', StringComparison.Ordinal) => "the guest reached 64-bit mode, but its timer never woke it",
        _ when stages.Contains('3', StringComparison.Ordinal) => "the guest reached 64-bit mode and stopped there",
        _ => "the guest never reached 64-bit mode",
    };

    private static byte[] Decode(string text)
    {
        var digits = new StringBuilder(text.Length);
        foreach (var c in text)
            if (char.IsAsciiHexDigit(c)) digits.Append(c);
        return Convert.FromHexString(digits.ToString());
    }
}
