using System.Text.Json;
using Lima.Cli.Tests.Support;

namespace Lima.Cli.Tests.Plugins;

public sealed class PluginTests : IDisposable
{
    private readonly CliRun _cli = new();
    private readonly string _directory;

    public PluginTests()
    {
        _directory = Path.Combine(_cli.Path, "plugins");
        Directory.CreateDirectory(_directory);
        _cli.Environment["PATH"] = _directory + ":/usr/bin:/bin";
    }

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task An_unknown_word_becomes_the_program_of_that_name_with_all_that_follows()
    {
        var path = Plugin("hello");
        var result = await _cli.LimactlAsync("--log-level", "debug", "hello", "--tty", "start", "-x");
        var exec = Assert.Single(result.Execs);
        Assert.Equal(path, exec.Program);
        Assert.Equal([path, "--tty", "start", "-x"], exec.Arguments);
        Assert.Contains(_directory, exec.Environment["PATH"].Split(':'));
    }

    [Fact]
    public async Task A_command_of_ours_is_never_a_plugin_and_an_unknown_word_stays_unknown()
    {
        Plugin("list");
        Plugin("plain", executable: false);
        using var host = new FakeHost(_cli.Home, _ => Views.List());
        Assert.Empty((await _cli.LimactlAsync("list")).Execs);
        var result = await _cli.LimactlAsync("plain");
        Assert.Equal(ExitCodes.Usage, result.Exit);
        Assert.Contains("unknown command `plain`", result.Messages);
    }

    [Fact]
    public async Task Help_and_info_name_plugins_with_what_scripts_say_of_themselves()
    {
        Plugin("hello", "# <limactl-desc>Says hello</limactl-desc>");
        Plugin("mute");
        Plugin("url-foo");
        var help = (await _cli.LimactlAsync("--help")).Out;
        Assert.Contains("Available Plugins (Experimental):\n  hello  Says hello\n  mute\n", help);
        Assert.DoesNotContain("url-foo", help);
        using var info = JsonDocument.Parse((await _cli.LimactlAsync("info")).Out);
        var plugins = info.RootElement.GetProperty("plugins").EnumerateArray().ToList();
        Assert.Equal(["hello", "mute"], plugins.Select(plugin => plugin.GetProperty("name").GetString()));
        Assert.Equal("Says hello", plugins[0].GetProperty("description").GetString());
    }

    private string Plugin(string name, string body = "", bool executable = true)
    {
        var path = Path.Combine(_directory, "limactl-" + name);
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        if (executable) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return path;
    }
}
