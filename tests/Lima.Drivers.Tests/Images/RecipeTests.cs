using System.Diagnostics;
using System.Globalization;
using Lima.Domain.Specs;
using Lima.Drivers.Images;

namespace Lima.Drivers.Tests.Images;

public sealed class RecipeTests : IDisposable
{
    private readonly StoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task A_recipe_is_built_once_for_all_callers()
    {
        _fixture.Recipe("tiny", $"""
            echo run >> {_fixture["runs"]}
            echo "step: making the disk"
            sleep 0.3
            echo "$ARCH" > "$OUT/disk.qcow2"
            echo kernel > "$OUT/kernel"
            echo initrd > "$OUT/initrd"
            echo "root=/dev/vda1 quiet" > "$OUT/cmdline"
            """);
        ImageStore[] stores = [_fixture.Store(), _fixture.Store()];

        var images = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Task.Run(() => EnsureAsync(stores[i % 2]))));

        var image = Assert.Single(images.Distinct());
        Assert.Equal("x86_64\n", await File.ReadAllTextAsync(image.Disk));
        Assert.Equal("kernel\n", await File.ReadAllTextAsync(image.Kernel!));
        Assert.Equal("initrd\n", await File.ReadAllTextAsync(image.Initrd!));
        Assert.Equal("root=/dev/vda1 quiet", image.Cmdline);
        Assert.Single(await File.ReadAllLinesAsync(_fixture["runs"]));
        Assert.Contains(_fixture.Progress, report => report.Step == "building recipe:tiny"
            && report.Detail.StartsWith("making the disk (", StringComparison.Ordinal));
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(_fixture.Options.CacheDirectory, "recipes"), "tmp-*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_changed_recipe_or_another_architecture_is_built_anew()
    {
        var folder = _fixture.Recipe("tiny", "cat $(dirname \"$0\")/list > \"$OUT/disk.qcow2\"");
        await File.WriteAllTextAsync(Path.Combine(folder, "list"), "one");
        var first = await EnsureAsync(_fixture.Store());
        await File.WriteAllTextAsync(Path.Combine(folder, "list"), "two");
        var second = await EnsureAsync(_fixture.Store());
        var third = await EnsureAsync(_fixture.Store(), "aarch64");

        Assert.Equal("one", await File.ReadAllTextAsync(first.Disk));
        Assert.Equal("two", await File.ReadAllTextAsync(second.Disk));
        Assert.Equal(3, new[] { first.Disk, second.Disk, third.Disk }.Distinct().Count());
        Assert.Equal(3, _fixture.Store().List().Count(entry => entry.Location == "recipe:tiny"));
    }

    [Fact]
    public async Task What_recipes_share_counts_and_links_are_not_followed()
    {
        var folder = _fixture.Recipe("tiny", "cat $(dirname \"$0\")/../shared/list > \"$OUT/disk.qcow2\"");
        File.CreateSymbolicLink(Path.Combine(folder, "lib"), "/usr");
        File.CreateSymbolicLink(Path.Combine(folder, "dangling"), "/no/such/file");
        var shared = Directory.CreateDirectory(Path.Combine(folder, "..", "shared")).FullName;
        await File.WriteAllTextAsync(Path.Combine(shared, "list"), "one");
        var first = await EnsureAsync(_fixture.Store());
        await File.WriteAllTextAsync(Path.Combine(shared, "list"), "two");
        Assert.Equal("one", await File.ReadAllTextAsync(first.Disk));
        Assert.Equal("two", await File.ReadAllTextAsync((await EnsureAsync(_fixture.Store())).Disk));
    }

    [Fact]
    public async Task What_a_recipe_builds_on_counts()
    {
        var list = Path.Combine(_fixture.Recipe("base", "exit 1"), "list");
        var folder = _fixture.Recipe("tiny", "cat $(dirname \"$0\")/../base/list > \"$OUT/disk.qcow2\"");
        await File.WriteAllTextAsync(Path.Combine(folder, "from"), "base\n");
        await File.WriteAllTextAsync(list, "one");
        var first = await EnsureAsync(_fixture.Store());
        await File.WriteAllTextAsync(list, "two");
        Assert.Equal("one", await File.ReadAllTextAsync(first.Disk));
        Assert.Equal("two", await File.ReadAllTextAsync((await EnsureAsync(_fixture.Store())).Disk));
    }

    [Fact]
    public async Task A_removed_image_is_built_again_under_another_name()
    {
        _fixture.Recipe("tiny", "date +%N > \"$OUT/disk.qcow2\"");
        var store = _fixture.Store();
        var first = await EnsureAsync(store);
        Assert.True(store.Remove("recipe:tiny"));
        Assert.False(File.Exists(first.Disk));
        Assert.NotEqual(first.Disk, (await EnsureAsync(store)).Disk);
    }

    [Fact]
    public async Task A_failed_build_says_its_last_lines_and_leaves_nothing()
    {
        _fixture.Recipe("tiny", """
            echo half > "$OUT/disk.qcow2"
            echo "reading lists" >&2
            printf 'no mirror \033[31mreachable\033[0m: check the network\n' >&2
            exit 7
            """);
        var error = await Assert.ThrowsAsync<DriverException>(() => EnsureAsync(_fixture.Store()));
        Assert.Equal("recipe-failed", error.Cause.Code);
        Assert.Equal("recipe:tiny failed (exit code 7): reading lists | no mirror [31mreachable[0m: check the network", error.Message);
        Assert.Empty(_fixture.Store().List());
        Assert.Empty(Directory.EnumerateFiles(_fixture.Options.CacheDirectory, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_build_without_a_disk_has_failed()
    {
        _fixture.Recipe("tiny", "true");
        var error = await Assert.ThrowsAsync<DriverException>(() => EnsureAsync(_fixture.Store()));
        Assert.Contains("it made no `disk.qcow2`", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_packages_are_named_with_the_command_that_installs_them()
    {
        _fixture.Recipe("tiny", "echo 'needs: mmdebstrap e2fsprogs $(reboot)' >&2; exit 3");
        var error = await Assert.ThrowsAsync<DriverException>(() => EnsureAsync(_fixture.Store()));
        Assert.Equal("recipe-needs", error.Cause.Code);
        Assert.Equal("recipe:tiny needs packages that are not installed: mmdebstrap e2fsprogs", error.Message);
        Assert.Equal("run `sudo apt-get install mmdebstrap e2fsprogs` and try again", error.Cause.Hint);
    }

    [Theory]
    [InlineData("[ -n \"$INSTALL\" ] || { echo 'needs: a' >&2; exit 3; }; echo ok > \"$OUT/disk.qcow2\"")]
    [InlineData("if [ -n \"$INSTALL\" ]; then touch MARK; exit 0; fi; [ -e MARK ] || { echo 'needs: a'; exit 3; }; echo ok > \"$OUT/disk.qcow2\"")]
    public async Task Packages_are_installed_where_that_is_allowed(string script)
    {
        _fixture.Options = _fixture.Options with { InstallPackages = true };
        _fixture.Recipe("tiny", script.Replace("MARK", _fixture["installed"], StringComparison.Ordinal));
        Assert.Equal("ok\n", await File.ReadAllTextAsync((await EnsureAsync(_fixture.Store())).Disk));
    }

    [Fact]
    public async Task A_cancelled_build_ends_with_all_it_started_and_cleans_up()
    {
        _fixture.Recipe("tiny", $$"""
            trap 'touch {{_fixture["cleaned"]}}; exit 1' TERM
            sleep 600 & echo $! > {{_fixture["child"]}}
            echo half > "$OUT/disk.qcow2"
            mv {{_fixture["child"]}} {{_fixture["pid"]}}
            wait
            """);
        using var cancel = new CancellationTokenSource();
        var call = _fixture.Store().EnsureAsync([new ImageSource("recipe:tiny", "x86_64")], "x86_64", _fixture, cancel.Token);
        await DownloadCacheTests.Until(() => File.Exists(_fixture["pid"]));
        var child = int.Parse(await File.ReadAllTextAsync(_fixture["pid"]), CultureInfo.InvariantCulture);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.True(File.Exists(_fixture["cleaned"]));
        await DownloadCacheTests.Until(() => !IsAlive(child));
        Assert.Empty(Directory.EnumerateFiles(_fixture.Options.CacheDirectory, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_build_that_ignores_the_cancellation_is_killed()
    {
        _fixture.Options = _fixture.Options with { BuildStopLimit = TimeSpan.FromMilliseconds(300) };
        _fixture.Recipe("tiny", $"trap '' TERM; echo $$ > {_fixture["child"]}; mv {_fixture["child"]} {_fixture["pid"]}; while true; do sleep 1; done");
        using var cancel = new CancellationTokenSource();
        var call = _fixture.Store().EnsureAsync([new ImageSource("recipe:tiny", "x86_64")], "x86_64", _fixture, cancel.Token);
        await DownloadCacheTests.Until(() => File.Exists(_fixture["pid"]));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.False(IsAlive(int.Parse(await File.ReadAllTextAsync(_fixture["pid"]), CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task A_build_that_takes_too_long_is_ended()
    {
        _fixture.Options = _fixture.Options with { BuildLimit = TimeSpan.FromMilliseconds(500) };
        _fixture.Recipe("tiny", "sleep 600");
        var error = await Assert.ThrowsAsync<DriverException>(() => EnsureAsync(_fixture.Store()));
        Assert.Contains("did not end within", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flood_of_output_is_bounded()
    {
        _fixture.Recipe("tiny", "head -c 20000000 /dev/zero | tr '\\0' x >&2; yes 'step: x' | head -n 100000; exit 1");
        var error = await Assert.ThrowsAsync<DriverException>(() => EnsureAsync(_fixture.Store()));
        Assert.InRange(error.Message.Length, 1000, 1100);
        Assert.InRange(_fixture.Progress.Count, 1, 1000);
    }

    [Theory]
    [InlineData("recipe:../x", "recipe-name")]
    [InlineData("recipe:", "recipe-name")]
    [InlineData("recipe:none", "recipe-missing")]
    public async Task A_recipe_that_is_none_is_refused(string location, string code)
    {
        _fixture.Recipe("tiny", "true");
        var error = await Assert.ThrowsAsync<DriverException>(() => _fixture.Store().EnsureAsync(
            [new ImageSource(location, "x86_64")], "x86_64", _fixture, CancellationToken.None));
        Assert.Equal(code, error.Cause.Code);
    }

    private Task<LocalImage> EnsureAsync(ImageStore store, string arch = "x86_64") =>
        store.EnsureAsync([new ImageSource("recipe:tiny", arch)], arch, _fixture, CancellationToken.None);

    private static bool IsAlive(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            return !found.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
