using System.Globalization;
using System.Net;

namespace Lima.EndToEnd.Tests.Support;

/// <summary>A TCP socket of this machine that listens, as the kernel shows it.</summary>
/// <param name="Address">Address that it is bound to.</param>
/// <param name="Inode">Which socket.</param>
internal sealed record Listening(string Address, string Inode)
{
    private const string StateListens = "0A";

    /// <summary>All that listen on a port.</summary>
    public static IReadOnlyList<Listening> On(int port) =>
        [.. new[] { "/proc/net/tcp", "/proc/net/tcp6" }.Where(File.Exists).SelectMany(File.ReadLines).Select(line => Parse(line, port)).OfType<Listening>()];

    /// <summary>Whether a process has the socket.</summary>
    public bool IsOf(int pid) => Descriptors(pid).Contains($"socket:[{Inode}]");

    /// <summary>What the descriptors of a process lead to.</summary>
    public static IReadOnlyList<string> Descriptors(int pid)
    {
        var all = new List<string>();
        foreach (var descriptor in Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd"))
        {
            try
            {
                if (new FileInfo(descriptor).LinkTarget is { } target) all.Add(target);
            }
            catch (IOException)
            {
                // Closed meanwhile.
            }
        }

        return all;
    }

    private static Listening? Parse(string line, int port)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 10 || words[3] != StateListens || words[1].Split(':') is not [var address, var hex]) return null;
        return int.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) == port ? new Listening(ToText(address), words[9]) : null;
    }

    // Each 32 bits in this machine's own order.
    private static string ToText(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        for (var word = 0; BitConverter.IsLittleEndian && word < bytes.Length; word += 4) Array.Reverse(bytes, word, 4);
        return new IPAddress(bytes).ToString();
    }
}
