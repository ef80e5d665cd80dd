using System.CommandLine;
using Lima.Cli.Edits;
using Lima.Cli.Tests.Support;

namespace Lima.Cli.Tests.Edits;

public sealed class EditFlagsTests : IDisposable
{
    private readonly CliRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("--cpus 4", ".cpus = 4")]
    [InlineData("--cpus=0", ".cpus = 0")]
    [InlineData("--memory 8", ".memory = \"8GiB\"")]
    [InlineData("--memory 0.5", ".memory = \"0.5GiB\"")]
    [InlineData("--disk 30", ".disk = \"30GiB\"")]
    [InlineData("--dns 1.1.1.1,8.8.8.8 --dns 2001:db8::1", ".dns += [\"1.1.1.1\",\"8.8.8.8\",\"2001:db8::1\"] | .dns |= unique | .hostResolver.enabled = false")]
    [InlineData("--mount /foo --mount /bar:w", """.mounts = [{"location": "/bar", "mountPoint": "/bar", "writable": true},{"location": "/foo", "mountPoint": "/foo", "writable": false}] + .mounts""")]
    [InlineData("--mount-only /foo,/bar:w", """.mounts = [{"location": "/foo", "mountPoint": "/foo", "writable": false},{"location": "/bar", "mountPoint": "/bar", "writable": true}]""")]
    [InlineData("--mount-none", ".mounts = null")]
    [InlineData("--mount-type 9p", ".mountType = \"9p\"")]
    [InlineData("--mount-inotify", ".mountInotify = true")]
    [InlineData("--mount-writable=false", ".mounts[].writable = false")]
    [InlineData("--network lima:user-v2 --network vzNAT", """.networks += [{"lima": "user-v2"},{"vzNAT": true}] | .networks |= unique_by(.lima)""")]
    [InlineData("--nested-virt", ".nestedVirtualization = true")]
    [InlineData("--rosetta", ".vmOpts.vz.rosetta.enabled = true | .vmOpts.vz.rosetta.binfmt = true")]
    [InlineData("--set .a=1 --set .b=2", ".a=1 | .b=2")]
    [InlineData("--param version=v1.35 --param opts=a=b", ".param[\"version\"] = \"v1.35\" | .param[\"opts\"] = \"a=b\"")]
    [InlineData("--video", ".video.display = \"default\"")]
    [InlineData("--video=false", ".video.display = \"none\"")]
    [InlineData("--audio-device pa --audio-interface virtio", ".audio.device = \"pa\" | .audio.interface = \"virtio\"")]
    [InlineData("--ssh-port 60022", ".ssh.localPort = 60022")]
    [InlineData("--image-variant minimal", ".images = [.images[] | select(.variant == \"minimal\")]")]
    [InlineData("--arch-variant v3", ".images = [.images[] | select(.archVariant == \"v3\")]")]
    [InlineData("--arch aarch64", ".arch = \"aarch64\"")]
    [InlineData("--containerd user", ".containerd.user = true | .containerd.system = false")]
    [InlineData("--containerd system+user", ".containerd.user = true | .containerd.system = true")]
    [InlineData("--containerd none", ".containerd.user = false | .containerd.system = false")]
    [InlineData("--plain", ".plain = true")]
    [InlineData("--port-forward 8080:80", """.portForwards += [{"guestPort": "80", "hostPort": "8080", "static": false}]""")]
    [InlineData("--port-forward=8080:80,static=true --port-forward=3000:3001", """.portForwards += [{"guestPort": "80", "hostPort": "8080", "static": true},{"guestPort": "3001", "hostPort": "3000", "static": false}]""")]
    [InlineData("--shell /bin/zsh", ".user.shell = \"/bin/zsh\"")]
    [InlineData("--set .x=1 --cpus 2 --plain", ".cpus = 2 | .x=1 | .plain = true")]
    [InlineData("--vm-type=qemu", ".vmType = \"qemu\"")]
    public void A_flag_becomes_its_expression_in_the_order_of_the_table(string line, string expression) =>
        Assert.Equal(expression, Expression(line.Split(' ')).Text);

    [Theory]
    [InlineData("--cpus -1", "error while processing flag `cpus`: invalid value for number of cpus, must be >= 0")]
    [InlineData("--cpus two", "error while processing flag `cpus`: `two` is no whole number")]
    [InlineData("--memory big", "error while processing flag `memory`: `big` is no size in GiB, such as 4 or 0.5")]
    [InlineData("--dns 1.2.3.x", "error while processing flag `dns`: `1.2.3.x` is no IP address")]
    [InlineData("--ssh-port 65536", "error while processing flag `ssh-port`: `65536` is no port; give a number from 0 (random) to 65535")]
    [InlineData("--mount /a --mount-only /b", "error while processing flag `mount`: flag `--mount` conflicts with `--mount-only`")]
    [InlineData("--mount-none --mount /b", "error while processing flag `mount-none`: flag `--mount-none` conflicts with `--mount`")]
    [InlineData("--network invalid", "error while processing flag `network`: network name must be `vzNAT` or `lima:*`, got `invalid`")]
    [InlineData("--containerd both", "error while processing flag `containerd`: expected one of [`user`, `system`, `user+system`, `none`], got `both`")]
    [InlineData("--image-variant ", "error while processing flag `image-variant`: `--image-variant` must not be empty")]
    [InlineData("--param version", "error while processing flag `param`: invalid parameter `version`, expected NAME=VALUE")]
    [InlineData("--param other=1", "error while processing flag `param`: template does not define param `other`")]
    [InlineData("--port-forward 8080", "error while processing flag `port-forward`: invalid port forward format `8080`, expected HOST:GUEST")]
    [InlineData("--port-forward 8080:80:extra", "error while processing flag `port-forward`: invalid port forward format `8080:80:extra`, expected HOST:GUEST")]
    [InlineData("--port-forward 8080:80,invalid=true", "error while processing flag `port-forward`: invalid parameter `invalid=true`, expected `static=` followed by a boolean value")]
    [InlineData("--port-forward 8080:80,static=maybe", "error while processing flag `port-forward`: invalid value for static parameter: `maybe`")]
    [InlineData("--port-forward 8080:80,static=true,more", "error while processing flag `port-forward`: invalid port forward format `8080:80,static=true,more`, expected HOST:GUEST or HOST:GUEST,static=true")]
    public void A_value_that_does_not_fit_names_its_flag(string line, string message)
    {
        var error = Assert.Throws<CliException>(() => Expression(line.Split(' ')));
        Assert.Equal(message, error.Message);
        Assert.Equal(ExitCodes.Usage, error.ExitCode);
    }

    [Fact]
    public void Blanks_around_the_parts_of_a_forward_do_not_matter() =>
        Assert.Equal(
            """.portForwards += [{"guestPort": "80", "hostPort": "8080", "static": true}]""",
            Expression("--port-forward", " 8080 : 80 , static=true ").Text);

    [Fact]
    public void Relative_directories_and_tildes_become_absolute()
    {
        var (text, _) = Expression("--mount-only", "./bar:w", "--mount-only", "~/x", "--mount-only", "~");
        Assert.Equal(
            [Path.Combine(_cli.WorkingDirectory, "bar"), Path.Combine(_cli.UserHome, "x"), _cli.UserHome],
            System.Text.RegularExpressions.Regex.Matches(text, "\"location\": \"([^\"]*)\"").Select(match => match.Groups[1].Value));
    }

    [Fact]
    public void What_only_shapes_a_new_instance_is_left_out_with_a_warning_for_an_existing_one()
    {
        var (text, messages) = Expression(["--arch=riscv64", "--cpus", "2", "--plain", "--port-forward=1:2"], newInstance: false);
        Assert.Equal(""".cpus = 2 | .portForwards += [{"guestPort": "2", "hostPort": "1", "static": false}]""", text);
        Assert.Contains("`--arch` is not applicable to an existing instance (Hint: create a new instance with `limactl create --arch=riscv64 --name=NAME`)", messages);
        Assert.Contains("`--plain` is not applicable", messages);
    }

    [Fact]
    public void A_switch_leaves_the_next_word_to_the_command()
    {
        var command = new Command("start");
        var name = new Argument<string>("NAME");
        command.Add(name);
        var flags = new EditFlags(command, create: true);
        var parsed = command.Parse(["--plain", "template:tiny"]);
        Assert.Equal("template:tiny", parsed.GetValue(name));
        Assert.True(flags.Any(parsed));
        Assert.False(flags.Any(command.Parse(["template:tiny"])));
    }

    [Theory]
    [InlineData(1, "1")]
    [InlineData(8, "1 2 4 8")]
    [InlineData(20, "1 2 4 8 16 20")]
    public void Counts_of_processors_to_offer(int host, string counts) => Assert.Equal(counts, string.Join(' ', EditCandidates.Cpus(host)));

    [Theory]
    [InlineData(1, "0.5")]
    [InlineData(8, "1 2 4")]
    [InlineData(20, "1 2 4 8 10")]
    public void Sizes_of_memory_to_offer(int hostGiB, string sizes) =>
        Assert.Equal(sizes, FormattableString.Invariant($"{string.Join(' ', EditCandidates.MemoryGiB((long)hostGiB << 30))}"));

    private (string Text, string Messages) Expression(params string[] arguments) => Expression(arguments, newInstance: true);

    private (string Text, string Messages) Expression(string[] arguments, bool newInstance)
    {
        var command = new Command("create");
        var flags = new EditFlags(command, create: true);
        var parsed = command.Parse(arguments);
        Assert.Empty(parsed.Errors);
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var context = new CliContext(_cli.World(output, error, []), new GlobalOptions());
        return (flags.Expression(parsed, newInstance, ["version", "opts"], context), error.ToString());
    }
}
