using System.Collections.Immutable;
using System.Reflection;
using System.Xml.Linq;

namespace Lima.Architecture.Tests;

/// <summary>Layers are projects: who may know whom, by what is compiled and by what the project files say.</summary>
public sealed class LayerTests
{
    /// <param name="Assembly">Compiled name.</param>
    /// <param name="Projects">Projects of ours that it may reference.</param>
    /// <param name="Packages">Third-party packages and their assemblies, by the start of the name.</param>
    private sealed record Layer(string Assembly, string[] Projects, string[] Packages);

    private static readonly ImmutableDictionary<string, Layer> Layers = new Dictionary<string, Layer>
    {
        ["Lima.Domain"] = new("Lima.Domain", [], []),
        ["Lima.Contracts"] = new("Lima.Contracts", [], []),
        ["Lima.Templates"] = new("Lima.Templates", ["Lima.Domain"], ["YamlDotNet", "Tomlyn"]),
        // Logging.Abstractions is what SSH.NET takes its logger as; it brings no implementation.
        ["Lima.Drivers"] = new("Lima.Drivers", ["Lima.Domain"], ["SSH.NET", "Renci.SshNet", "Microsoft.Extensions.Logging.Abstractions"]),
        ["Lima.Actors"] = new("Lima.Actors", ["Lima.Domain", "Lima.Drivers"], ["Akka", "Microsoft.Extensions."]),
        ["Lima.Host"] = new(
            "lima-host", ["Lima.Actors", "Lima.Drivers", "Lima.Templates", "Lima.Contracts", "Lima.Domain"],
            ["Akka", "Microsoft.Data.Sqlite", "SQLitePCLRaw", "System.Linq.Async", "Microsoft.Extensions.", "Microsoft.AspNetCore", "linq2db"]),
        // Runs on the host beside QEMU, small and by itself; it is launched, not referenced.
        ["Lima.VirtiofsRelay"] = new("lima-virtiofs-relay", [], []),
        // Runs inside guests; it is copied, not referenced.
        ["Lima.GuestAgent"] = new("lima-guestagent", ["Lima.Templates", "Lima.Domain"], ["YamlDotNet", "Tomlyn"]),
        // YamlDotNet and Tomlyn come with the templates; the CLI reads single settings with its parser, without building a spec.
        ["Lima.Cli"] = new("limactl", ["Lima.Contracts", "Lima.Domain", "Lima.Templates"], ["System.CommandLine", "Spectre.Console", "YamlDotNet", "Tomlyn"]),
    }.ToImmutableDictionary();

    public static TheoryData<string> Names => [.. Layers.Keys.Order(StringComparer.Ordinal)];

    [Fact]
    public void Every_project_of_the_product_has_its_layer() =>
        Assert.Equal(Names.Order(StringComparer.Ordinal), Sources().Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_compiled_knows_only_what_it_may(string name)
    {
        var layer = Layers[name];
        var ours = Layers.ToDictionary(l => l.Value.Assembly, l => l.Key);
        var wrong = Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, layer.Assembly + ".dll")).GetReferencedAssemblies()
            .Select(a => a.Name!)
            .Where(a => ours.TryGetValue(a, out var project) ? !layer.Projects.Contains(project) : !IsOfDotNet(a) && !Allowed(layer, a));
        Assert.Empty(wrong);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_project_file_says_only_what_it_may(string name)
    {
        var layer = Layers[name];
        var project = XDocument.Load(Repository.PathOf($"src/{name}/{name}.csproj"));
        Assert.Empty(References(project, "ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r)!).Except(layer.Projects));
        var packages = References(project, "PackageReference").Where(p => !Allowed(layer, p));
        Assert.Empty(packages);
    }

    [Fact]
    public void Only_actors_and_host_know_Akka()
    {
        var knowing = Sources().Where(p => References(XDocument.Load(Repository.PathOf(p)), "PackageReference").Any(r => r.StartsWith("Akka", StringComparison.Ordinal)));
        Assert.Equal(["Lima.Actors", "Lima.Host"], knowing.Select(p => Path.GetFileNameWithoutExtension(p)!).Order());
        var using_ = Repository.Sources.Where(f => Repository.Read(f).Contains("using Akka", StringComparison.Ordinal));
        Assert.All(using_, f => Assert.True(f.StartsWith("src/Lima.Actors/", StringComparison.Ordinal) || f.StartsWith("src/Lima.Host/", StringComparison.Ordinal), f));
    }

    [Fact]
    public void The_domain_touches_neither_files_nor_processes_nor_network_nor_threads()
    {
        string[] world = ["System.IO.", "System.Diagnostics.Process", "System.Net", "System.Threading.Thread", "Microsoft.Win32"];
        var known = Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, "Lima.Domain.dll")).GetReferencedAssemblies().Select(a => a.Name!);
        // Addresses are values like any other; what speaks to them lies elsewhere.
        var touched = known.Where(a => a != "System.Net.Primitives" && world.Any(w => a.StartsWith(w, StringComparison.Ordinal)));
        Assert.Empty(touched);
        string[] words = ["File.", "Directory.", "Process.", "Environment.", "Random", "Guid.NewGuid", "TimeProvider", "Task"];
        var wrong = from file in Repository.Sources
                    where file.StartsWith("src/Lima.Domain/", StringComparison.Ordinal)
                    from word in words
                    where CSharpText.Code(Repository.Read(file)).Any(line => CSharpText.HasWord(line, word))
                    select $"{file}: {word}";
        Assert.Empty(wrong);
    }

    private static bool Allowed(Layer layer, string reference) => layer.Packages.Any(p => reference.StartsWith(p, StringComparison.Ordinal));

    private static bool IsOfDotNet(string assembly) =>
        File.Exists(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, assembly + ".dll"));

    private static IEnumerable<string> Sources() => Repository.Projects.Where(p => p.StartsWith("src/", StringComparison.Ordinal));

    private static IEnumerable<string> References(XDocument project, string kind) =>
        project.Descendants(kind).Select(r => (string)r.Attribute("Include")!);
}
