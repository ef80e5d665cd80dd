using System.Text;
using Lima.Drivers.CloudInit;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.CloudInit;

public sealed class Iso9660WriterTests(ITestOutputHelper output) : IDisposable
{
    private const UnixFileMode Plain = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Script = Plain | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;

    private static readonly IsoVolume Volume = new(
        "cidata", new DateTimeOffset(2024, 2, 29, 12, 34, 56, TimeSpan.Zero), UnixFileMode.UserRead | UnixFileMode.UserExecute);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_reader_finds_every_file_with_its_content()
    {
        AssertReadBack(
        [
            File("user-data", "#cloud-config\n"),
            File("empty", ""),
            new IsoFile("one-sector", Bytes(2048), Plain),
            new IsoFile("one-more", Bytes(2049), Plain),
            new IsoFile("large", Bytes(1_000_003), Plain),
            File("boot.d/05-environment.sh", "#!/bin/sh\n"),
            File("provision.system/00000000", "true"),
        ]);
    }

    [Fact]
    public void Names_up_to_253_bytes_are_kept()
    {
        AssertReadBack(
        [
            .. new[] { 100, 110, 111, 112, 113, 120, 200, 250, 251, 253 }.Select(length => File(new string('n', length), $"{length}")),
            File("Ünïcode-nämé.txt", "u"),
            File("with blank", "b"),
        ]);
    }

    [Fact]
    public void Deep_paths_are_kept()
    {
        AssertReadBack([File("a/b/c/d/e/f/g/h/i/j/k/leaf", "deep"), File("a/b/side", "s")]);
    }

    [Fact]
    public void Hundreds_of_files_in_one_directory_are_kept()
    {
        AssertReadBack([.. Enumerable.Range(0, 700).Select(i => File($"provision.system/{i:D8}", $"script {i}\n"))]);
    }

    [Fact]
    public void Hundreds_of_directories_with_long_names_are_kept()
    {
        AssertReadBack([.. Enumerable.Range(0, 300).Select(i => File($"directory-{new string('x', 180)}-{i}/file", $"{i}"))]);
    }

    [Fact]
    public void Names_that_differ_only_beyond_eight_letters_stay_apart_for_old_readers()
    {
        if (!Need.Programs(output, "isoinfo")) return;
        var image = Write([File("longname-one.txt", "1"), File("longname-two.txt", "2"), File("LONGNAME-3.txt", "3"), File("longname/x", "4")]);
        var names = IsoInfo.Text(image, "-f").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.Equal(5, names.Length);
    }

    [Fact]
    public void Modes_and_times_are_those_given()
    {
        if (!Need.Programs(output, "isoinfo")) return;
        var image = Write([new IsoFile("boot.sh", "x"u8.ToArray(), Script), new IsoFile("secret", "y"u8.ToArray(), Plain), File("d/f", "z")]);
        var listing = IsoInfo.Text(image, "-R", "-l").Split('\n');
        Assert.Contains(listing, line => line.StartsWith("-rwxr-x---", StringComparison.Ordinal) && line.Contains("Feb 29 2024") && line.Contains("boot.sh"));
        Assert.Contains(listing, line => line.StartsWith("-rw-------", StringComparison.Ordinal) && line.Contains("secret"));
        Assert.Contains(listing, line => line.StartsWith("dr-x------", StringComparison.Ordinal) && line.TrimEnd().EndsWith(" d", StringComparison.Ordinal));
    }

    [Fact]
    public void The_label_is_the_one_that_cloud_init_looks_for()
    {
        if (!Need.Programs(output, "isoinfo")) return;
        var text = IsoInfo.Text(Write([File("meta-data", "")]), "-d");
        Assert.Contains("Volume id: cidata\n", text, StringComparison.Ordinal);
        Assert.Contains("Rock Ridge signatures version 1 found", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_image_depends_on_the_files_only()
    {
        IsoFile[] files = [File("a", "1"), File("b/c", "2"), File("b/d", "3"), File("bb", "4")];
        Assert.Equal(Iso9660Writer.Write(Volume, files), Iso9660Writer.Write(Volume, files.Reverse()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/absolute")]
    [InlineData("a//b")]
    [InlineData("a/../b")]
    [InlineData("./a")]
    public void A_malformed_path_is_refused(string path) =>
        Assert.Throws<ArgumentException>(() => Iso9660Writer.Write(Volume, [File(path, "")]));

    [Fact]
    public void A_name_that_Linux_would_cut_is_refused() =>
        Assert.Throws<ArgumentException>(() => Iso9660Writer.Write(Volume, [File($"d/{new string('ä', 127)}", "")]));

    [Fact]
    public void A_file_that_appears_twice_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Iso9660Writer.Write(Volume, [File("a", "1"), File("a", "2")]));
        Assert.Throws<ArgumentException>(() => Iso9660Writer.Write(Volume, [File("a", "1"), File("a/b", "2")]));
        Assert.Throws<ArgumentException>(() => Iso9660Writer.Write(Volume, [File("a/b", "1"), File("a", "2")]));
    }

    [Fact]
    public void A_label_that_does_not_fit_is_refused() =>
        Assert.Throws<ArgumentException>(() => Iso9660Writer.Write(Volume with { Label = new string('x', 33) }, [File("a", "1")]));

    private void AssertReadBack(IsoFile[] files)
    {
        if (!Need.Programs(output, "isoinfo")) return;
        var image = Write(files);
        var parents = files
            .SelectMany(file => file.Path.Index().Where(letter => letter.Item == '/').Select(letter => file.Path[..letter.Index]))
            .Distinct();
        var expected = files.Select(file => file.Path).Concat(parents).Select(path => "/" + path).Order(StringComparer.Ordinal);
        Assert.Equal(expected, IsoInfo.Files(image));
        foreach (var file in files.Where((_, index) => index % (1 + (files.Length / 20)) == 0))
            Assert.True(file.Content.Span.SequenceEqual(IsoInfo.Content(image, file.Path)), $"content of {file.Path}");
    }

    private string Write(IsoFile[] files)
    {
        var path = _directory["image.iso"];
        System.IO.File.WriteAllBytes(path, Iso9660Writer.Write(Volume, files));
        return path;
    }

    private static IsoFile File(string path, string text) => new(path, Encoding.UTF8.GetBytes(text), Plain);

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }
}
