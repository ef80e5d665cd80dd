using Lima.Cli.Shell;
using Lima.Testing;

namespace Lima.Cli.Tests;

public sealed class InstanceSettingsTests
{
    [Theory]
    [InlineData("user:\n  shell: null\n", null)]
    [InlineData("user:\n  shell: ~\n", null)]
    [InlineData("user:\n  shell:\n", null)]
    [InlineData("user:\n  shell: \"\"\n", null)]
    [InlineData("user:\n  name: null\n  shell: /bin/zsh\n", "/bin/zsh")]
    [InlineData("user:\n  shell: \"null\"\n", "null")]
    [InlineData("cpus: 1\n", null)]
    [InlineData("user: [broken\n", null)]
    public void The_login_shell_is_what_the_file_sets(string yaml, string? shell)
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory["lima.yaml"], yaml);
        Assert.Equal(shell, InstanceSettings.Read(directory["lima.yaml"], "/home/alice").LoginShell);
    }
}
