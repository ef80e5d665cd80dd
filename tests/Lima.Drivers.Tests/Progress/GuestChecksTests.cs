using System.Diagnostics;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Progress;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.Progress;

/// <summary>What guests are asked of their readiness, by shells as guests have them.</summary>
public sealed class GuestChecksTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, string> Params = new() { ["A"] = "it's \"$HOME\" `id`", ["B"] = "" };

    public static TheoryData<string> Shells => ["dash", "bash", "busybox sh"];

    [Theory]
    [MemberData(nameof(Shells))]
    public void A_probe_says_by_its_exit_status_whether_it_holds(string shell)
    {
        Assert.Equal(0, Run(shell, Probe("#!/bin/sh\n[ \"$PARAM_A\" = \"it's \\\"\\$HOME\\\" \\`id\\`\" ] && [ -z \"$PARAM_B\" ]\n")) ?? 0);
        Assert.Equal(3, Run(shell, Probe("#!/bin/sh\nexit 3\n")) ?? 3);
    }

    [Fact]
    public void A_probe_is_run_by_what_its_first_line_names_and_leaves_nothing_behind()
    {
        if (!Need.Programs(output, "bash", "base64")) return;
        Assert.Equal(0, Run("dash", Probe("#!/usr/bin/env bash\n[[ $PARAM_A == it* && $(cat) == '' ]]\r\n")) ?? 0);
        Assert.Equal(5, Run("dash", Probe("#!/bin/sh -e\nfalse || exit 5\n")) ?? 5);
        Assert.Equal(1, Run("dash", Probe("#!/bin/sh -e\nfalse\nexit 0\n")) ?? 1);
        Assert.Equal(0, Run("dash", Probe("true\n")) ?? 0);
    }

    [Fact]
    public void A_probe_as_large_as_a_command_line_can_hold_runs_and_a_larger_one_does_not()
    {
        var script = "#!/bin/sh\nexit 4\n";
        var padded = script + new string('#', GuestChecks.ProbeBytesMax - script.Length);
        Assert.Equal(4, Run("dash", Probe(padded)) ?? 4);
        Assert.Null(GuestChecks.Probe(new ProbeSpec("", padded + "#"), Params));
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public void Marks_are_printed_by_any_shell(string shell) => Assert.InRange(Run(shell, GuestChecks.Marks("/usr/local dir")) ?? 0, 0, 1);

    [Theory]
    [InlineData("", "")]
    [InlineData("user-session\nsshfs\n", "sshfs user-session")]
    [InlineData("systemd\ncontainerd\niid-0123\n", "boot-scripts containerd systemd")]
    [InlineData("probe-0\nssh\nboot-scripts\nrubbish", "")]
    public void Only_what_the_boot_scripts_say_of_is_taken(string printed, string holding) =>
        Assert.Equal(holding, string.Join(' ', GuestChecks.Holding(printed).Order(StringComparer.Ordinal)));

    [Theory]
    [InlineData("LIMA1 1.5 end script 05-a", GuestReportKind.End, "script 05-a")]
    [InlineData("LIMA1 1.5 met user-session", GuestReportKind.Met, "user-session")]
    public void The_guest_says_what_is_over_and_what_holds(string line, GuestReportKind kind, string text) =>
        Assert.Equal(new GuestReport(1.5, kind, text), GuestReport.Parse(line));

    private static string Probe(string script) => GuestChecks.Probe(new ProbeSpec("", script), Params)!;

    private int? Run(string shell, string command)
    {
        var words = shell.Split(' ');
        if (!Need.Programs(output, words[0], "base64")) return null;
        var before = Directory.GetFiles("/tmp", "lima-probe.*").Length;
        var start = new ProcessStartInfo(words[0], [.. words[1..], "-c", command]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        _ = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(before, Directory.GetFiles("/tmp", "lima-probe.*").Length);
        return process.ExitCode;
    }
}
