using System.Collections.Immutable;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.CloudInit;
using Lima.Drivers.Files;
using Lima.Drivers.Instances;
using Lima.Drivers.Processes;

namespace Lima.Drivers.AfterBoot;

/// <summary>The real one.</summary>
public sealed class AfterBootWork : IAfterBoot
{
    private const UnixFileMode Readable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    // Playbooks install software by slow networks.
    private static readonly TimeSpan PlayLimit = TimeSpan.FromHours(2);

    /// <inheritdoc/>
    public async Task CopyToHostAsync(VmSpec spec, InstanceDirectory directory, CancellationToken cancel)
    {
        List<string> problems = [];
        foreach (var rule in spec.CopyToHost)
        {
            try
            {
                await new GuestFileCopy(directory, rule).RunAsync(cancel);
            }
            catch (DriverException failure)
            {
                problems.Add(failure.Message);
            }
        }

        Refuse(problems, "copying to the host");
    }

    /// <inheritdoc/>
    public async Task PlayAsync(VmSpec spec, InstanceDirectory directory, CancellationToken cancel)
    {
        var inventory = Path.Combine(directory.Path, "ansible-inventory.yaml");
        AtomicFile.Write(inventory, Inventory(directory), Readable);
        var parameters = spec.Params.Select(p => KeyValuePair.Create($"PARAM_{p.Key}", p.Value)).ToImmutableDictionary()
            // It refuses to run without UTF-8.
            .SetItem("LC_ALL", "C.UTF-8");
        foreach (var (index, entry) in spec.Provision.Index().Where(entry => entry.Item.Mode == "ansible"))
        {
            if (Programs.Find("ansible-playbook") is null)
                throw Failed(index, "`ansible-playbook` is not installed on this machine");
            var result = await ProcessRunner.RunAsync(new ProcessSpec("ansible-playbook", ["-i", inventory, entry.Playbook]) { Environment = parameters }, PlayLimit, cancel);
            if (result.ExitCode != 0) throw Failed(index, $"`ansible-playbook` ended with status {result.ExitCode}: {LastLines(result.Output + result.Error)}");
        }
    }

    /// <inheritdoc/>
    public void RemoveCopies(VmSpec spec)
    {
        List<string> problems = [];
        foreach (var rule in spec.CopyToHost.Where(rule => rule.DeleteOnStop))
        {
            try
            {
                File.Delete(rule.Host);
            }
            catch (DirectoryNotFoundException)
            {
                // Gone with all around it.
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                problems.Add($"`{rule.Host}` could not be removed: {failure.Message}");
            }
        }

        Refuse(problems, "removing copies");
    }

    /// <summary>The one host of the inventory, reached as <c>ssh -F</c> does.</summary>
    internal static string Inventory(InstanceDirectory directory) =>
        "lima:\n  hosts:\n"
        + $"    {YamlText.Quote(directory.Name.Value)}:\n      ansible_connection: \"ssh\"\n      ansible_host: {YamlText.Quote(directory.Name.Hostname)}\n"
        + $"      ansible_ssh_common_args: {YamlText.Quote("-F " + ShellText.Quote(directory.SshConfig))}\n";

    private static DriverException Failed(int index, string why) =>
        new(VmCauses.Requirements, "playing playbooks", $"provision[{index}] (mode ansible): {why}", "");

    private static string LastLines(string text) => string.Join(
        " | ", text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(3)
            .Select(line => string.Concat(line.Take(200).Select(letter => char.IsControl(letter) ? ' ' : letter))));

    private static void Refuse(List<string> problems, string step)
    {
        if (problems.Count > 0) throw new DriverException(VmCauses.Requirements, step, string.Join("; ", problems));
    }
}
