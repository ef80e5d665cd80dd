using System.Text.Json;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Instances;
using Lima.Templates;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Host.Tests.Compatibility;

/// <summary>An instance as Lima itself made it: its configuration, and what Lima made of it.</summary>
internal sealed record RecordedInstance(string Path, VmSpec Spec, InstanceDirectory Directory)
{
    private const string Folder = "shared/lima/instances";

    private static readonly HostFacts Host = new()
    {
        Arch = "x86_64",
        Cpus = 2,
        MemoryBytes = 8L << 30,
        UserName = "user",
        Uid = 1001,
        Home = "/home/user",
        Timezone = "Etc/UTC",
    };

    /// <summary>Names of all that have a file; one name that does not exist where there are none, so that a skip is seen.</summary>
    public static TheoryData<string> Names(params string[] files)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var folder = System.IO.Path.Combine(at.FullName, Folder);
            if (!System.IO.Directory.Exists(folder)) continue;
            return [.. System.IO.Directory.EnumerateDirectories(folder)
                .Where(path => files.Any(file => File.Exists(System.IO.Path.Combine(path, file))) && !Text(path, files).StartsWith("(not", StringComparison.Ordinal))
                .Select(path => System.IO.Path.GetFileName(path)).Order(StringComparer.Ordinal)];
        }

        return ["none"];
    }

    /// <summary>The instance of that name; null, with a printed reason, where the records are not here.</summary>
    public static RecordedInstance? Read(string name, ITestOutputHelper output)
    {
        if (Need.DirectoryAbove(output, Folder) is not { } root) return null;
        var path = System.IO.Path.Combine(root, name);
        using var list = JsonDocument.Parse(File.ReadAllText(System.IO.Path.Combine(path, "list.json")));
        var directory = new InstanceDirectory(
            VmName.Parse(list.RootElement.GetProperty("name").GetString()!), list.RootElement.GetProperty("dir").GetString()!);
        var result = TemplateReader.Read(
            File.ReadAllText(System.IO.Path.Combine(path, "lima.yaml")), "lima.yaml", Host, new InstanceFacts(directory.Name.Value, directory.Path) { CreatedBy = "2.2.0" });
        Assert.Empty(result.Errors);
        return new RecordedInstance(path, result.Spec!, directory);
    }

    /// <summary>The first of the files that is there.</summary>
    public static string Text(string path, params string[] files) =>
        File.ReadAllText(files.Select(file => System.IO.Path.Combine(path, file)).First(File.Exists));
}
