using System.Text;
using Lima.Drivers.Files;
using Lima.Testing;

namespace Lima.Drivers.Tests.Files;

public sealed class AtomicFileTests : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Executable = Private | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Writes_text_without_a_byte_order_mark()
    {
        AtomicFile.Write(_directory["a"], "grün\n", Private);
        Assert.Equal(Encoding.UTF8.GetBytes("grün\n"), File.ReadAllBytes(_directory["a"]));
    }

    [Theory]
    [InlineData(Private)]
    [InlineData(Executable)]
    [InlineData(UnixFileMode.UserRead)]
    public void The_mode_is_exactly_the_one_asked_for(UnixFileMode mode)
    {
        AtomicFile.Write(_directory["a"], "x"u8, mode);
        Assert.Equal(mode, File.GetUnixFileMode(_directory["a"]));
    }

    [Fact]
    public void Replaces_content_and_mode_and_leaves_nothing_beside_it()
    {
        AtomicFile.Write(_directory["a"], "old, and longer", Executable);
        AtomicFile.Write(_directory["a"], "new", Private);
        Assert.Equal("new", File.ReadAllText(_directory["a"]));
        Assert.Equal(Private, File.GetUnixFileMode(_directory["a"]));
        Assert.Equal([_directory["a"]], Directory.GetFileSystemEntries(_directory.Path));
    }

    [Fact]
    public void A_reader_that_has_the_old_file_open_keeps_it_whole()
    {
        AtomicFile.Write(_directory["a"], "old", Private);
        using var reader = new StreamReader(_directory["a"]);
        AtomicFile.Write(_directory["a"], "new content", Private);
        Assert.Equal("old", reader.ReadToEnd());
    }

    [Fact]
    public void A_link_is_replaced_and_its_target_left_alone()
    {
        File.WriteAllText(_directory["target"], "theirs");
        File.CreateSymbolicLink(_directory["link"], _directory["target"]);
        AtomicFile.Write(_directory["link"], "ours", Private);
        Assert.Equal("theirs", File.ReadAllText(_directory["target"]));
        Assert.Null(new FileInfo(_directory["link"]).LinkTarget);
    }

    [Fact]
    public void A_failure_names_the_file_and_leaves_the_old_one()
    {
        Directory.CreateDirectory(_directory["a"]);
        File.WriteAllText(Path.Combine(_directory["a"], "inside"), "kept");
        var failure = Assert.Throws<DriverException>(() => AtomicFile.Write(_directory["a"], "x", Private));
        Assert.Equal("file-write", failure.Cause.Code);
        Assert.Contains(_directory["a"], failure.Message, StringComparison.Ordinal);
        Assert.Equal([_directory["a"]], Directory.GetFileSystemEntries(_directory.Path));
        Assert.Equal("kept", File.ReadAllText(Path.Combine(_directory["a"], "inside")));
    }

    [Fact]
    public void A_missing_directory_is_a_failure_with_a_way_out()
    {
        var failure = Assert.Throws<DriverException>(() => AtomicFile.Write(_directory["none/a"], "x", Private));
        Assert.NotEmpty(failure.Cause.Hint);
    }

    [Fact]
    public void A_name_of_the_greatest_length_can_be_written()
    {
        var name = new string('n', 255);
        AtomicFile.Write(_directory[name], "x", Private);
        Assert.Equal("x", File.ReadAllText(_directory[name]));
    }

    [Fact]
    public void Writes_only_what_changed()
    {
        Assert.True(AtomicFile.WriteIfChanged(_directory["a"], "one", Private));
        Assert.False(AtomicFile.WriteIfChanged(_directory["a"], "one", Private));
        Assert.True(AtomicFile.WriteIfChanged(_directory["a"], "two", Private));
        Assert.True(AtomicFile.WriteIfChanged(_directory["a"], "two", Executable));
        Assert.Equal(Executable, File.GetUnixFileMode(_directory["a"]));
    }
}
