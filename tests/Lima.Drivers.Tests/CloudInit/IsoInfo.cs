using System.Diagnostics;

namespace Lima.Drivers.Tests.CloudInit;

/// <summary>Reads an image with <c>isoinfo</c>, which knows nothing of our writer.</summary>
internal static class IsoInfo
{
    public static string[] Files(string image) =>
        [.. Text(image, "-R", "-f").Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];

    public static byte[] Content(string image, string path) => Run(image, "-R", "-x", "/" + path);

    public static string Text(string image, params string[] arguments) => System.Text.Encoding.UTF8.GetString(Run(image, arguments));

    private static byte[] Run(string image, params string[] arguments)
    {
        var start = new ProcessStartInfo("isoinfo", ["-i", image, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error.Result);
        Assert.Equal("", error.Result);
        return output.ToArray();
    }
}
