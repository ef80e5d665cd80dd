using Lima.Cli.Output;
using Lima.Cli.Templates;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Cli.Tests.Templates;

public sealed class TemplateFinderTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Dictionary<string, string> _env = [];
    private readonly StringWriter _error = new();
    private readonly ITestOutputHelper _output;

    public TemplateFinderTests(ITestOutputHelper output)
    {
        _output = output;
        _env["HOME"] = _directory["home"];
        _env["LIMA_HOME"] = _directory["lima"];
        _env["PATH"] = $"{_directory["path"]}:/usr/bin:/bin";
        foreach (var name in new[] { "home", "lima/_templates/experimental", "path", "bin", "libexec/lima", "share/lima/templates/_images" })
            Directory.CreateDirectory(_directory[name]);
    }

    [Fact]
    public void Templates_are_found_by_name_the_users_own_first()
    {
        Write("share/lima/templates/a.yaml", "cpus: 1");
        Write("share/lima/templates/b-1.2.yaml", "cpus: 2");
        Write("share/lima/templates/_images/c.yaml", "cpus: 4");
        Write("share/lima/templates/s.sh", "#!/bin/sh");
        Write("lima/_templates/a.yaml", "cpus: 3");
        Write("lima/_templates/experimental/d.yaml", "cpus: 5");
        File.CreateSymbolicLink(_directory["share/lima/templates/b.yaml"], "b-1.2.yaml");
        var finder = Finder();
        Assert.Equal(new TemplateText("template:a", "cpus: 3", "template:a"), finder.Read("template:a"));
        Assert.Equal(new TemplateText("template://b-1.2", "cpus: 2", "template:b-1.2"), finder.Read("template://b-1.2"));
        Assert.Contains("write `template:b-1.2`", _error.ToString());
        Assert.Equal("cpus: 2", finder.Read("template:b").Yaml);
        Assert.Equal("cpus: 4", finder.Read("template:_images/c").Yaml);
        Assert.Equal("#!/bin/sh", finder.Read("template:s.sh").Yaml);
        Assert.Equal(["a", "b", "b-1.2", "experimental/d"], finder.All().Select(pair => pair.Key));
        Directory.CreateSymbolicLink(_directory["lima/_templates/loop"], "..");
        Assert.InRange(finder.All().Count, 4, 100);
        Assert.Contains("must not contain `..`", Fails(finder, "template:../a"));
        Assert.Contains("template `x` not found", Fails(finder, "template:x"));
        _env["LIMA_TEMPLATES_PATH"] = _directory["share/lima/templates"];
        Assert.Equal("cpus: 1", Finder().Read("template:a").Yaml);
    }

    [Fact]
    public void Files_are_found_by_every_way_to_write_them()
    {
        Write("home/x.yaml", "cpus: 1");
        var (finder, path) = (Finder(), _directory["home/x.yaml"]);
        Assert.Equal(path, finder.Read(path).Location);
        Assert.Equal(path, finder.Read("home/x.yaml").Location);
        Assert.Equal(path, finder.Read("~/x.yaml").Location);
        Assert.Equal("file://" + path, finder.Read("file://" + path).Location);
        Assert.Equal("cpus: 1", finder.Read("file://" + path).Yaml);
        Assert.Contains("is not an absolute path", Fails(finder, "file://x.yaml"));
        Assert.Contains("does not exist", Fails(finder, "y.yaml"));
        Assert.Contains("is a directory", Fails(finder, "home/"));
        Assert.Contains("don't know how to interpret `nope:x`", Fails(finder, "nope:x"));
        Write("a:b.yaml", "cpus: 2");
        Write("ab:c.yaml", "cpus: 3");
        Assert.Equal("cpus: 2", finder.Read("a:b.yaml").Yaml);
        Assert.Equal("cpus: 3", finder.Read("ab:c.yaml").Yaml);
        File.WriteAllBytes(_directory["binary"], [0xff, 0xfe, 0x00]);
        Assert.Contains("is no text", Fails(finder, "./binary"));
        File.WriteAllBytes(_directory["large"], new byte[(4 << 20) + 1]);
        Assert.Contains("`./large` is larger than 4 MiB", Fails(finder, "./large"));
        Assert.Equal(new TemplateText("-", "from pipe", "-"), finder.Read("-"));
    }

    [Fact]
    public void An_image_makes_a_template()
    {
        var finder = Finder();
        Assert.Equal("os: Linux\narch: riscv64\nimages:\n- location: \"https://example.com/x-riscv64.img\"\n  arch: riscv64\n", finder.Read("https://example.com/x-riscv64.img").Yaml);
        Assert.Contains($"location: \"{_directory["disk.raw"]}\"", finder.Read("./disk.raw").Yaml);
        Assert.Contains("cannot determine image arch", _error.ToString());
    }

    [Fact]
    public void The_web_is_read_up_to_a_size_and_for_a_time()
    {
        using var web = new LocalWeb(async (request, response) =>
        {
            switch (request.Url!.AbsolutePath)
            {
                case "/t.yaml":
                    await response.OutputStream.WriteAsync("cpus: 7"u8.ToArray());
                    break;
                case "/huge":
                    response.SendChunked = true;
                    for (var i = 0; i < 5 << 4; i++) await response.OutputStream.WriteAsync(new byte[64 << 10]);
                    break;
                case "/declared":
                    response.ContentLength64 = 5 << 20;
                    await response.OutputStream.WriteAsync(new byte[1]);
                    break;
                case "/slow":
                    response.SendChunked = true;
                    await response.OutputStream.WriteAsync(new byte[1]);
                    await response.OutputStream.FlushAsync();
                    await Task.Delay(TimeSpan.FromSeconds(30));
                    break;
                default:
                    response.StatusCode = 404;
                    break;
            }
        });
        var finder = Finder();
        Assert.Equal(new TemplateText(web.Address + "/t.yaml", "cpus: 7", web.Address + "/t.yaml"), finder.Read(web.Address + "/t.yaml"));
        Assert.Contains("(7 bytes)", _error.ToString());
        Assert.Contains("status 404", Fails(finder, web.Address + "/x.yaml"));
        Assert.Contains("is larger than 4 MiB", Fails(finder, web.Address + "/huge"));
        Assert.Contains("is larger than 4 MiB (5242880 bytes)", Fails(finder, web.Address + "/declared"));
        var hurried = Finder(new TemplateOrigins(web.Address, web.Address, TimeSpan.FromSeconds(0.5)));
        Assert.Contains("no whole answer within 0.5 seconds", Fails(hurried, web.Address + "/slow"));
        Assert.Contains("cannot download", Fails(finder, "http://127.0.0.1:1/x.yaml"));
    }

    [Fact]
    public void GitHub_is_asked_with_the_users_token()
    {
        using var web = LocalWeb.Files(
            ("/api/repos/org/repo", "{\"default_branch\": \"trunk\"}"),
            ("/api/repos/org/none", "{}"),
            ("/api/repos/org/broken", "<html>"),
            ("/raw/org/repo/trunk/.lima.yaml", "real.yaml"),
            ("/raw/org/repo/trunk/real.yaml", "cpus: 2\n"),
            ("/raw/org/repo/v1/dir/x.yaml", "cpus: 1\n"));
        var finder = Finder(new TemplateOrigins(web.Address + "/api", web.Address + "/raw", TimeSpan.FromSeconds(60)));
        Assert.Equal(new TemplateText("github:org/repo", "cpus: 2\n", "github:org/repo"), finder.Read("github:org/repo"));
        Assert.Equal(web.Address + "/raw/org/repo/v1/dir/x.yaml", finder.Url("github:org/repo/dir/x@v1"));
        Assert.Contains("still EXPERIMENTAL", _error.ToString());
        Assert.DoesNotContain(web.Requests, request => request.Token is not null);
        Assert.Contains("the repository has none", Fails(finder, "github:org/none"));
        Assert.Contains("is no JSON", Fails(finder, "github:org/broken"));
        Assert.Contains("status 404", Fails(finder, "github:org/missing"));
        _env["GITHUB_TOKEN"] = "second";
        finder.Url("github:org/repo");
        _env["GH_TOKEN"] = "first";
        finder.Url("github:org/repo");
        Assert.Equal(["token second", "token first"], web.Requests.Where(r => r.Token is not null).Select(r => r.Token!));
        Assert.DoesNotContain(web.Requests, request => request.Path.StartsWith("/raw") && request.Token is not null);
    }

    [Fact]
    public void Plugins_say_what_their_scheme_stands_for()
    {
        Write("made.yaml", "cpus: 6");
        Plugin("path", "dev", $"echo \"{_directory.Path}/$1.yaml\"");
        Plugin("bin", "self", "echo \"$(limactl-url-dev \"$1\")\"");
        Plugin("libexec/lima", "deep", "echo \"self:$1\"");
        Plugin("path", "args", "test $# = 1 && test \"$1\" = 'a b;$(id)' && echo made.yaml");
        Plugin("path", "bad", "echo no such thing >&2; exit 3");
        Plugin("path", "quiet", "exit 4");
        Plugin("path", "empty", "true");
        Plugin("path", "slow", "sleep 30 & sleep 30");
        Plugin("path", "long", "head -c 100000 /dev/zero | tr '\\0' x");
        Plugin("path", "ping", "echo pong:$1");
        Plugin("path", "pong", "echo ping:$1");
        Write("path/limactl-url-off", "#!/bin/sh\necho x");
        var finder = Finder(TemplateOrigins.Real with { Limit = TimeSpan.FromSeconds(20) });
        foreach (var scheme in new[] { "dev", "self", "deep" }) Assert.Equal("cpus: 6", finder.Read(scheme + ":made").Yaml);
        Assert.Equal("cpus: 6", finder.Read("args:a b;$(id)").Yaml);
        Assert.Contains("failed: no such thing", Fails(finder, "bad:x"));
        Assert.Contains("failed: exit status 4", Fails(finder, "quiet:x"));
        Assert.Contains("printed no locator", Fails(finder, "empty:x"));
        Assert.Contains("prints more than 64 KiB", Fails(finder, "long:x"));
        Assert.Contains("has a redirect loop", Fails(finder, "ping:x"));
        Assert.Contains("don't know how to interpret `off:x`", Fails(finder, "off:x"));
        var hurried = Finder(TemplateOrigins.Real with { Limit = TimeSpan.FromSeconds(0.5) });
        Assert.Contains("did not end within 0.5 seconds", Fails(hurried, "slow:x"));
    }

    [Fact]
    public void The_plugin_of_Fedora_Rawhide_finds_the_newest_build()
    {
        if (Need.DirectoryAbove(_output, "plugins") is not { } plugins) return;
        File.Copy(Path.Combine(plugins, "limactl-url-fedora-rawhide"), _directory["libexec/lima/limactl-url-fedora-rawhide"]);
        Write("path/curl", "#!/bin/sh\necho Fedora-Rawhide-20260316.n.0\n");
        File.SetUnixFileMode(_directory["path/curl"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var text = Finder().Read("fedora-rawhide:_images/fedora-rawhide").Yaml;
        Assert.Contains("/Cloud/aarch64/images/Fedora-Cloud-Base-Generic-Rawhide-20260316.n.0.aarch64.qcow2\"\n  arch: aarch64\n", text);
        Assert.Contains("knows only _images/fedora-rawhide", Fails(Finder(), "fedora-rawhide:other"));
        Write("path/curl", "#!/bin/sh\necho '<html>'\n");
        Assert.Contains("names no build", Fails(Finder(), "fedora-rawhide:_images/fedora-rawhide"));
    }

    [Fact]
    public void A_new_instance_gets_the_users_own_base_and_its_files()
    {
        Directory.CreateDirectory(_directory["lima/_config"]);
        Write("lima/_config/base.yaml", "cpus: 7\nmemory: 7GiB\n");
        Write("own.yaml", "memory: 1GiB\nbase: base.yaml\nprovision:\n- file: ~/s.sh\n");
        Write("base.yaml", "cpus: 1\ndisk: 1GiB\n");
        Write("home/s.sh", "#!/bin/sh\ntrue\n");
        using var context = new CliContext(World(), new GlobalOptions());
        var sources = new TemplateSources(context);
        var template = sources.Finder.Read("./own.yaml");
        Assert.Equal("memory: 1GiB\nprovision:\n- script: |\n    #!/bin/sh\n    true\n\ncpus: 7\n\ndisk: 1GiB\n", sources.Embed(template, withBase: true).Yaml);
        Assert.Contains("cpus: 1\n", sources.Embed(template).Yaml);
        Assert.Equal($"memory: 1GiB\nbase: {_directory["base.yaml"]}\nprovision:\n- file: {_directory["home/s.sh"]}\n", sources.MakeAbsolute(template));
        Write("bad.yaml", "base: [../x.yaml, none.yaml]\n");
        Assert.Equal(2, Assert.Throws<CliException>(() => sources.Embed(sources.Finder.Read("./bad.yaml"))).Problems.Count);
    }

    private static string Fails(TemplateFinder finder, string locator) => Assert.Throws<CliException>(() => finder.Read(locator)).Message;

    private void Write(string name, string content) => File.WriteAllText(_directory[name], content);

    private void Plugin(string directory, string scheme, string script)
    {
        var file = $"{directory}/limactl-url-{scheme}";
        Write(file, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(_directory[file], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private TemplateFinder Finder(TemplateOrigins? origins = null)
    {
        var world = World();
        return new TemplateFinder(world, new CliPaths(world), new Log(world, LogLevel.Debug), origins);
    }

    private CliWorld World() => new()
    {
        Out = TextWriter.Null,
        Error = _error,
        In = new Lazy<TextReader>(() => new StringReader("from pipe")),
        TerminalWidth = () => null,
        Env = name => _env.GetValueOrDefault(name),
        AllEnv = () => _env,
        WorkingDirectory = _directory.Path,
        BinaryPath = _directory["bin/limactl"],
        Clock = TimeProvider.System,
        Exec = _ => 0,
        OnInterrupt = _ => new StringReader(""),
    };

    public void Dispose() => _directory.Dispose();
}
