using System.Diagnostics;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.GuestAgent.Tests;

/// <summary>What <c>guest/provision.sh</c> does with files, by the shells of guests; everything is owned by the one who runs the tests.</summary>
public sealed class ProvisionScriptTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ITestOutputHelper _output;

    public ProvisionScriptTests(ITestOutputHelper output)
    {
        _output = output;
        foreach (var folder in (string[])["seed/provision.data", "seed/provision.yq", "seed/provision.system", "work", "target"]) Directory.CreateDirectory(_directory[folder]);
        // Stands in for the program of the guest: appends the expression to the file.
        Write("seed/lima-guestagent", "#!/bin/sh\n[ ! -e \"$4\" ] || cat \"$4\"\ncat \"$3\"\n", "755");
    }

    public void Dispose() => _directory.Dispose();

    public static TheoryData<string> Shells => ["dash", "busybox sh", "bash"];

    [Theory]
    [MemberData(nameof(Shells))]
    public void A_data_file_appears_whole_with_its_permissions(string shell)
    {
        Write("seed/provision.data/00000003", "some text\n");
        if (Run(shell, Data(3, "target/a b/$x/file", permissions: "600"), "provision_all data") is not { } ran) return;
        Assert.Equal("phase provision data 00000003\nend provision data 00000003\nfailed 0\n", ran);
        Assert.Equal("some text\n", File.ReadAllText(_directory["target/a b/$x/file"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_directory["target/a b/$x/file"]));
        Assert.Single(Directory.GetFiles(_directory["target/a b/$x"]));
    }

    [Theory]
    [InlineData("false", "old")]
    [InlineData("true", "new")]
    public void What_is_there_is_kept_only_without_overwrite(string overwrite, string expected)
    {
        Write("seed/provision.data/00000000", "new");
        Write("target/file", "old");
        if (Run("dash", Data(0, "target/file", overwrite: overwrite), "provision_all data") is null) return;
        Assert.Equal(expected, File.ReadAllText(_directory["target/file"]));
    }

    [Fact]
    public void A_file_that_has_its_content_is_not_written_again()
    {
        Write("seed/provision.data/00000000", "same");
        Write("target/file", "same");
        File.SetLastWriteTimeUtc(_directory["target/file"], DateTime.UnixEpoch);
        if (Run("busybox sh", Data(0, "target/file", permissions: "640"), "provision_all data") is null) return;
        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(_directory["target/file"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(_directory["target/file"]));
    }

    [Fact]
    public void A_symbolic_link_stays_one()
    {
        Write("seed/provision.data/00000000", "new");
        Write("target/real", "old");
        File.CreateSymbolicLink(_directory["target/link"], _directory["target/real"]);
        if (Run("dash", Data(0, "target/link"), "provision_all data") is null) return;
        Assert.NotNull(new FileInfo(_directory["target/link"]).LinkTarget);
        Assert.Equal("new", File.ReadAllText(_directory["target/real"]));
    }

    [Fact]
    public void An_owner_that_is_unknown_leaves_no_file_behind()
    {
        Write("seed/provision.data/00000000", "new");
        if (Run("dash", Data(0, "target/file", owner: "nobody-of-that-name:"), "provision_all data") is not { } ran) return;
        Assert.Contains("warn provision data 00000000 exit 1", ran);
        Assert.Empty(Directory.GetFiles(_directory["target"]));
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public void An_expression_changes_a_file_and_makes_one(string shell)
    {
        Write("seed/provision.yq/00000001", "b\n");
        Write("seed/provision.yq/00000002", "c\n");
        Write("target/there", "a\n");
        if (Run(shell, Yq(1, "target/there") + Yq(2, "target/sub/new", permissions: "600"), "provision_all yq") is not { } ran) return;
        Assert.EndsWith("failed 0\n", ran, StringComparison.Ordinal);
        Assert.Equal(("a\nb\n", "c\n"), (File.ReadAllText(_directory["target/there"]), File.ReadAllText(_directory["target/sub/new"])));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_directory["target/sub/new"]));
        Assert.Empty(Directory.GetFiles(_directory["work"]));
    }

    [Fact]
    public void A_failing_expression_leaves_the_file_as_it_was_and_the_others_are_done()
    {
        Write("seed/provision.yq/00000001", "b\n");
        Write("seed/provision.yq/00000002", "c\n");
        Write("seed/lima-guestagent", "#!/bin/sh\n[ \"$2\" = auto ] && exit 3\ncat \"$3\"\n", "755");
        Write("target/there", "a\n");
        if (Run("dash", Yq(1, "target/there") + Yq(2, "target/other").Replace("'auto'", "'json'", StringComparison.Ordinal), "provision_all yq") is not { } ran) return;
        Assert.Contains("warn provision yq 00000001 exit 3", ran);
        Assert.Equal("a\n", File.ReadAllText(_directory["target/there"]));
        Assert.Equal("c\n", File.ReadAllText(_directory["target/other"]));
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public void A_script_that_fails_does_not_keep_the_next_from_running(string shell)
    {
        Write("seed/provision.system/00000000", "#!/bin/sh\necho one\nexit 7\n");
        Write("seed/provision.system/00000005", "#!/bin/sh\necho two >\"$TARGET\"\n");
        if (Run(shell, $"export TARGET='{_directory["target/two"]}'\n", "provision_all system") is not { } ran) return;
        Assert.Equal(
            "phase provision system 00000000\none\nwarn provision system 00000000 exit 7\nend provision system 00000000\n"
            + "phase provision system 00000005\nend provision system 00000005\nfailed 1\n", ran);
        Assert.Equal("two\n", File.ReadAllText(_directory["target/two"]));
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public void Dependencies_run_once_before_the_packages_and_their_failure_leaves_those_out(string shell)
    {
        foreach (var name in (string[])["05-a", "30-install-packages", "40-b"]) Write($"seed/boot.d/{name}.sh", $"echo in {name}\n");
        Write("seed/provision.dependency/00000002", "#!/bin/sh\nexit 1\n");
        if (Run(shell, "", "boot_scripts boot.d") is not { } ran) return;
        Assert.Equal(
            ["phase script 05-a", "in 05-a", "end script 05-a", "phase provision dependency 00000002", "warn provision dependency 00000002 exit 1",
                "end provision dependency 00000002", "30-install-packages is left out, because a dependency script failed", "phase script 40-b", "in 40-b", "end script 40-b"],
            ran.Split('\n')[..10]);
    }

    private void Write(string name, string text, string? mode = null)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_directory[name])!);
        File.WriteAllText(_directory[name], text);
        if (mode is not null) File.SetUnixFileMode(_directory[name], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private string Data(int index, string path, string permissions = "644", string overwrite = "true", string? owner = null) =>
        File_("DATAFILE", index, path, permissions, owner) + $"LIMA_CIDATA_DATAFILE_{index:D8}_OVERWRITE={overwrite}\n";

    private string Yq(int index, string path, string permissions = "644") =>
        File_("YQ_PROVISION", index, path, permissions, null) + $"LIMA_CIDATA_YQ_PROVISION_{index:D8}_FORMAT='auto'\n";

    private string File_(string kind, int index, string path, string permissions, string? owner) =>
        $"LIMA_CIDATA_{kind}_{index:D8}_PATH='{_directory[path]}'\nLIMA_CIDATA_{kind}_{index:D8}_PERMISSIONS={permissions}\n"
        + $"LIMA_CIDATA_{kind}_{index:D8}_OWNER={owner ?? "\"$(id -u):$(id -g)\""}\n";

    /// <summary>Runs one of the functions between what boot.sh would bring; null where the shell is missing.</summary>
    private string? Run(string shell, string variables, string call)
    {
        if (!Need.Programs(_output, shell.Split(' ')[0])) return null;
        var guest = Path.Combine(Repository(), "guest");
        // The functions of boot.sh without what it does, which is for root.
        var functions = File.ReadAllText(Path.Combine(guest, "boot.sh")).Split("# shellcheck source=guest/provision.sh")[0];
        Write("run.sh", $$"""
            {{functions}}
            report() { echo "$*" >&5; }
            exec 5>&1
            . '{{guest}}/provision.sh'
            work='{{_directory["work"]}}'
            as_owner() { "$@"; }
            await_network() { :; }
            tell_what_holds() { :; }
            chmod() { case $* in *" /var/lib/lima "*) ;; *) command chmod "$@" ;; esac; }
            {{variables}}
            {{call}}
            echo "failed $failed"
            """);
        string[] words = shell.Split(' ');
        var start = new ProcessStartInfo(words[0], [.. words[1..], _directory["run.sh"]]) { RedirectStandardOutput = true };
        start.Environment["LIMA_CIDATA_MNT"] = _directory["seed"];
        using var process = Process.Start(start)!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return text;
    }

    private static string Repository()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "LimaActors.sln"))) return at.FullName;
        throw new InvalidOperationException("the repository is not above the tests");
    }
}
