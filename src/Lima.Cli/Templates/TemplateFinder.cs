using System.Text;
using Lima.Cli.Output;
using Lima.Domain.Vms;
using Lima.Templates.Locators;

namespace Lima.Cli.Templates;

/// <summary>Turns what the user named (a template, a file, an image, an address, standard input) into the text of a template.</summary>
internal sealed class TemplateFinder
{
    private readonly CliWorld _world;
    private readonly TemplateStore _store;
    private readonly Log _log;
    private readonly WebReader _web;
    private readonly LocatorWorld _locators;
    private readonly UrlPlugins _plugins;

    /// <summary>Finds templates for one command.</summary>
    /// <param name="world">Surroundings.</param>
    /// <param name="paths">Where things are.</param>
    /// <param name="log">Takes what the user should know; standard error when absent.</param>
    /// <param name="origins">What <c>github:</c> stands for; the real one when absent.</param>
    public TemplateFinder(CliWorld world, CliPaths paths, Log? log = null, TemplateOrigins? origins = null)
    {
        origins ??= TemplateOrigins.Real;
        _world = world;
        _store = new TemplateStore(world, paths);
        _log = log ?? new Log(world);
        _web = new WebReader(origins.Limit, world.Clock, _log);
        _plugins = new UrlPlugins(world, paths, origins.Limit);
        _locators = new LocatorWorld(_plugins, new GitHubClient(origins, _web, world.Env), _log);
    }

    /// <summary>Whether an argument names a template rather than an instance.</summary>
    public static bool IsLocator(string argument) => argument == "-" || !VmName.TryParse(argument, out _, out _);

    /// <summary>The name an instance gets from a locator; null when none can be made of it.</summary>
    public static string? NameFrom(string locator) => InstanceNames.From(locator, InstanceTable.HostArch, out _);

    /// <summary>Names of all templates with their files; those of an earlier directory hide those of a later one.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> All() => _store.All();

    /// <summary>Reads a template.</summary>
    /// <exception cref="CliException">There is no such template, or it cannot be read.</exception>
    public TemplateText Read(string locator)
    {
        var (bytes, location) = ReadBytes(locator);
        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
            return new TemplateText(locator, text.TrimStart('\ufeff'), location);
        }
        catch (DecoderFallbackException)
        {
            throw new CliException($"template `{Printable.Line(locator)}` is no text (not UTF-8)", "name a template, or an image by its whole file name");
        }
    }

    /// <summary>Reads whatever a locator names, and says where it was: the absolute form of the locator.</summary>
    /// <exception cref="CliException">There is nothing, or it cannot be read.</exception>
    public (byte[] Bytes, string Location) ReadBytes(string locator)
    {
        var at = Resolve(locator);
        var location = Locator.Parse(locator) is { Kind: LocatorKind.File or LocatorKind.Image, Scheme: "" } file ? FullPath(file.Rest) : Locator.Parse(locator).Canonical;
        return at.Kind switch
        {
            LocatorKind.StandardInput => (Encoding.UTF8.GetBytes(StandardInput()), "-"),
            LocatorKind.Template => (ReadFile(_store.Find(at.Rest), at.Text), location),
            LocatorKind.Web => (_web.Read(at.Rest), location),
            LocatorKind.Image => (Image(at.Scheme.Length > 0 ? at.Text : FullPath(at.Rest)), location),
            LocatorKind.Custom => (ReadCustom(at), location),
            _ when at.Scheme == "file" && !at.Rest.StartsWith('/') => throw new CliException($"file URL `{Printable.Line(at.Text)}` is not an absolute path"),
            _ => (ReadFile(FullPath(at.Rest), at.Text), location),
        };
    }

    /// <summary>The locator that a locator stands for, when all plugins and redirections have been followed.</summary>
    /// <exception cref="CliException">A step fails or leads back.</exception>
    public string Url(string locator) => Resolve(locator).Text;

    private Locator Resolve(string locator)
    {
        try
        {
            return LocatorResolver.Resolve(locator, _locators);
        }
        catch (LocatorException e)
        {
            throw new CliException(e.Message, e.Hint);
        }
    }

    private byte[] Image(string locator)
    {
        var template = ImageLocator.Template(locator, InstanceTable.HostArch);
        if (template.ArchIsGuess) _log.Warn($"cannot determine image arch from URL `{Printable.Line(locator)}`; assuming `{template.Arch}`");
        return Encoding.UTF8.GetBytes(template.Yaml);
    }

    /// <summary>A scheme that no plugin knows may be a file with a colon in its name.</summary>
    private byte[] ReadCustom(Locator at)
    {
        if (ImageLocator.IsImage(at.Text)) return Image(at.Text);
        var path = FullPath(at.Text);
        return File.Exists(path)
            ? ReadFile(path, at.Text)
            : throw new CliException(
                $"don't know how to interpret `{Printable.Line(at.Text)}` as a template locator: there is no plugin `limactl-url-{at.Scheme}` and no such file",
                "name a file, an address, or `template:NAME`");
    }

    private string FullPath(string path) => Path.GetFullPath(
        path == "~" ? _world.UserHome : path.StartsWith("~/", StringComparison.Ordinal) ? Path.Combine(_world.UserHome, path[2..]) : path,
        _world.WorkingDirectory);

    private static byte[] ReadFile(string path, string source)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read);
            return BoundedBytes.Read(file, source);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var why = e is FileNotFoundException or DirectoryNotFoundException ? "does not exist"
                : Directory.Exists(path) ? "is a directory" : $"cannot be read: {Printable.Line(e.Message)}";
            throw new CliException($"template `{Printable.Line(source)}` {why}", "name a file, an address, or `template:NAME`");
        }
    }

    private string StandardInput()
    {
        var text = new StringBuilder();
        var buffer = new char[16 << 10];
        for (int read; (read = _world.In.Value.Read(buffer, 0, buffer.Length)) > 0;)
        {
            text.Append(buffer, 0, read);
            if (text.Length > BoundedBytes.Max) throw new CliException("standard input is larger than 4 MiB");
        }

        return text.ToString();
    }
}
