using System.ComponentModel;
using System.Diagnostics;

namespace Lima.Drivers.Images;

/// <summary>How a file is compressed.</summary>
internal enum Compression
{
    None,
    Gzip,
    Bzip2,
    Xz,
    Zstd,
}

/// <summary>Decompresses files: gzip by .NET, the others by the programs that everyone has.</summary>
internal static class Decompressor
{
    private static readonly TimeSpan s_exitLimit = TimeSpan.FromSeconds(30);

    /// <summary>How a file is compressed, by its first bytes.</summary>
    /// <exception cref="DriverException">Its name says that it is compressed, its content does not.</exception>
    internal static Compression Detect(string location, string path)
    {
        var head = new byte[6];
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
        var length = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        var byContent = OfContent(head.AsSpan(0, length));
        var byName = OfName(location);
        if (byContent == Compression.None && byName != Compression.None)
        {
            throw ImageErrors.Corrupt(location, $"its name says {byName}, its content does not");
        }

        return byContent;
    }

    /// <summary>Writes the decompressed file, with holes where it has only zeros, and makes it durable.</summary>
    internal static async Task RunAsync(
        Compression compression, string location, string source, string target, ThrottledProgress progress, CancellationToken cancel)
    {
        await using var input = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0, FileOptions.SequentialScan);
        await using var reading = new ReportingStream(
            input, done => progress.Report(new StepProgress(ImageErrors.Decompressing, location, done, input.Length)));
        if (compression == Compression.Gzip)
        {
            await Gunzip.RunAsync(location, reading, target, cancel);
        }
        else
        {
            await RunProgramAsync(compression, location, reading, target, cancel);
        }
    }

    private static Compression OfContent(ReadOnlySpan<byte> head) => head switch
    {
        [0x1f, 0x8b, ..] => Compression.Gzip,
        [(byte)'B', (byte)'Z', (byte)'h', ..] => Compression.Bzip2,
        [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, ..] => Compression.Xz,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression.Zstd,
        _ => Compression.None,
    };

    private static Compression OfName(string location)
    {
        var path = Uri.TryCreate(location, UriKind.Absolute, out var uri) ? uri.AbsolutePath : location;
        return Path.GetExtension(path) switch
        {
            ".gz" => Compression.Gzip,
            ".bz2" => Compression.Bzip2,
            ".xz" => Compression.Xz,
            ".zst" => Compression.Zstd,
            _ => Compression.None,
        };
    }

    private static async Task RunProgramAsync(
        Compression compression, string location, Stream reading, string target, CancellationToken cancel)
    {
        var (program, package, arguments) = ProgramFor(compression);
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Start(start, program, package, location);
        try
        {
            var complaint = LineTail.ReadAsync(process.StandardError, null, cancel);
            var feeding = FeedAsync(reading, process, cancel);
            await SparseFile.WriteAsync(process.StandardOutput.BaseStream, target, cancel);
            await feeding;
            await process.WaitForExitAsync(cancel).WaitAsync(s_exitLimit, cancel);
            var said = await complaint;
            if (process.ExitCode != 0) throw ImageErrors.Corrupt(location, $"`{program}` says: {said.Last}");
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    private static (string Program, string Package, string[] Arguments) ProgramFor(Compression compression) => compression switch
    {
        Compression.Bzip2 => ("bzip2", "bzip2", ["-dc"]),
        Compression.Xz => ("xz", "xz-utils", ["-dc"]),
        Compression.Zstd => ("zstd", "zstd", ["-dcq", "--long=31"]),
        _ => throw new ArgumentOutOfRangeException(nameof(compression), compression, "no program"),
    };

    private static Process Start(ProcessStartInfo start, string program, string package, string location)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            throw ImageErrors.ToolMissing(program, package, location);
        }
    }

    private static async Task FeedAsync(Stream reading, Process process, CancellationToken cancel)
    {
        try
        {
            await reading.CopyToAsync(process.StandardInput.BaseStream, cancel);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program has ended early; its exit code and its words tell why.
        }
    }
}
