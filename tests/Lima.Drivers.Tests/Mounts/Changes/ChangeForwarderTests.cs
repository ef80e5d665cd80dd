using System.Diagnostics;
using Lima.Domain.Specs;
using Lima.Drivers.Mounts.Changes;
using Lima.Testing;

namespace Lima.Drivers.Tests.Mounts.Changes;

/// <summary>Real files, a real watch, and a guest that sees the very same directory, so that all it does comes back as a change.</summary>
public sealed class ChangeForwarderTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _directory = new();
    private readonly LocalShell _guest = new();
    private IChangeForwarder _forwarder = null!;

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(_directory["real/sub"]);
        Directory.CreateDirectory(_directory["read only"]);
        Directory.CreateSymbolicLink(_directory["shared"], _directory["real"]);
        File.WriteAllText(_directory["real/old"], "old");
        File.WriteAllText(_directory["real/sub/it's"], "old");
        _forwarder = new ChangeForwarding(TimeProvider.System).Start(
        [
            new MountSpec(_directory["shared"], _directory["shared"], Writable: true),
            new MountSpec(_directory["read only"], _directory["read only"], Writable: false),
        ], _guest);
        await _forwarder.Watching.WaitAsync(Limit);
    }

    [Fact]
    public async Task Every_kind_of_change_is_told_under_the_guests_name()
    {
        File.AppendAllText(_directory["real/old"], "more");
        await ToldAsync("shared/old");
        File.WriteAllText(_directory["real/sub/new"], "");
        await ToldAsync("shared/sub/new");
        File.SetUnixFileMode(_directory["real/sub/it's"], UnixFileMode.UserRead);
        await ToldAsync("it");
        File.Move(_directory["real/sub/new"], _directory["real/sub/renamed"]);
        await ToldAsync("shared/sub/renamed");
        File.Delete(_directory["real/sub/renamed"]);
        await UntilAsync(() => _guest.Commands.Any(command => command.Contains($"[ -e {_directory["shared/sub/renamed"]} ]", StringComparison.Ordinal)));
        Assert.Empty(_forwarder.Problems);
        Assert.False(File.Exists(_directory["real/sub/renamed"]));
    }

    [Fact]
    public async Task New_directories_are_watched_with_all_that_is_in_them()
    {
        Directory.CreateDirectory(_directory["real/a/b/c"]);
        File.WriteAllText(_directory["real/a/b/c/deep"], "");
        await ToldAsync("shared/a/b/c/deep");
        File.WriteAllText(_directory["real/a/b/c/later"], "");
        await ToldAsync("shared/a/b/c/later");
    }

    [Fact]
    public async Task Times_stay_as_they_were_to_the_nanosecond()
    {
        File.WriteAllText(_directory["outside"], "words");
        File.SetLastWriteTimeUtc(_directory["outside"], new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc).AddTicks(1234567));
        var before = FileMarks.Of(_directory["outside"]);
        File.Move(_directory["outside"], _directory["real/inside"]);
        await ToldAsync("shared/inside");
        await UntilAsync(() => FileMarks.Of(_directory["real/inside"]) == before);
    }

    [Fact]
    public async Task What_the_guest_does_because_it_was_told_is_not_told_again()
    {
        foreach (var name in (string[])["one", "two", "three"])
        {
            File.WriteAllText(_directory[name], "words");
            File.Move(_directory[name], _directory["real/" + name]);
            await ToldAsync("shared/" + name);
        }

        Assert.Single(_guest.Commands, command => command.Contains(_directory["shared/one"], StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_storm_is_told_in_few_commands()
    {
        for (var i = 0; i < 10_000; i++) File.WriteAllText(_directory[$"real/sub/{i}"], "");
        File.WriteAllText(_directory["real/last"], "");
        await UntilAsync(() => _guest.Commands.Any(command => command.Contains($"{_directory["shared/sub"]} ", StringComparison.Ordinal)
            || command.Contains($"{_directory["shared/sub"]}\n", StringComparison.Ordinal)));
        await ToldAsync("shared/last", "shared\n", "shared ");
        Assert.InRange(_guest.Commands.Count, 1, 1000);
        Assert.All(_guest.Commands, command => Assert.InRange(command.Length, 1, 64 * 1024));
    }

    [Fact]
    public async Task A_command_that_fails_is_tried_again()
    {
        _guest.Failures = 1;
        File.AppendAllText(_directory["real/old"], "more");
        await ToldAsync("shared/old");
    }

    [Fact]
    public async Task Links_and_read_only_directories_are_left_alone()
    {
        File.WriteAllText(_directory["target"], "");
        var before = FileMarks.Of(_directory["target"]);
        File.CreateSymbolicLink(_directory["real/link"], _directory["target"]);
        File.WriteAllText(_directory["read only/file"], "");
        await UntilAsync(() => _guest.Commands.Any(command => command.Contains($"[ -e {_directory["shared/link"]} ]", StringComparison.Ordinal)));
        Assert.Equal(before, FileMarks.Of(_directory["target"]));
        Assert.DoesNotContain(_guest.Commands, command => command.Contains("read only", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_cannot_be_watched_is_said()
    {
        await using var forwarder = new ChangeForwarding(TimeProvider.System).Start([new MountSpec(_directory["absent"], "/mnt", Writable: true)], _guest);
        await forwarder.Watching.WaitAsync(Limit);
        Assert.Contains(_directory["absent"], Assert.Single(forwarder.Problems));
    }

    public async Task DisposeAsync()
    {
        await _forwarder.DisposeAsync();
        await _guest.DisposeAsync();
        _directory.Dispose();
    }

    private Task ToldAsync(params string[] names) => UntilAsync(() => _guest.Commands.Any(command =>
        command.Contains("touch", StringComparison.Ordinal) && names.Any(name => command.Contains(name, StringComparison.Ordinal))));

    private static async Task UntilAsync(Func<bool> condition)
    {
        var began = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(began.Elapsed < Limit, "it did not come true in time");
            await Task.Delay(20);
        }
    }
}
