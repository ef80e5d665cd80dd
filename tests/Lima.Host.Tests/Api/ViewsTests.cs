using System.Collections.Immutable;
using Lima.Actors.PortForwarding;
using Lima.Actors.Vms;
using Lima.Domain.Vms;
using Lima.Drivers.Instances;
using Lima.Host.Api;
using Lima.Host.Specs;
using Lima.Testing;

namespace Lima.Host.Tests.Api;

/// <summary>From a state to what clients see.</summary>
public sealed class ViewsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly InstanceDirectory _web;
    private readonly Views _views;

    public ViewsTests()
    {
        var home = new LimaHome(_directory.Path);
        _web = home.Instance(VmName.Parse("web"));
        Directory.CreateDirectory(_web.Path);
        File.WriteAllText(_web.LimaYaml, Support.ApiClient.Yaml + "message: hello\n");
        _views = new Views(home, new InstanceSpecs(home), new Drivers.Processes.ProcessTable(), new PortForwardModel(), new VmAddresses(new VmReadModel(), isOn: false), new Lima.Actors.Networks.NetworkModel());
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_running_one_shows_its_processes_ports_and_troubles()
    {
        File.WriteAllText(_web.LimaVersion, "2.1.0\n");
        var since = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        var view = _views.Of(View(new VmState
        {
            Name = "web", Phase = VmPhase.Running, Intent = VmIntent.Stopping, Since = since, SshPort = 60022,
            Process = new ProcessIdentity(4711, 1, "boot"),
            Degradations = ImmutableSortedDictionary<string, VmCause>.Empty.Add("ssh-down", new VmCause("ssh-down", "keeping", "no answer")),
        }));
        Assert.Equal(("Running", "stopping", 60022, 4711, Environment.ProcessId), (view.Status, view.Intent, view.SshLocalPort, view.DriverPid, view.HostAgentPid));
        Assert.Equal(("hello", "2.1.0", since, 3L), (view.Message, view.LimaVersion, view.Since, view.Sequence));
        var trouble = Assert.Single(view.Degraded!);
        Assert.Equal(("ssh-down", "no answer", null), (trouble.Code, trouble.Message, trouble.Hint));
        Assert.Equal(_web.SshConfig, view.SshConfigFile);
        Assert.Equal("127.0.0.1", view.SshAddress);
    }

    [Fact]
    public void A_cause_is_told_with_its_hint_and_nothing_else_is_made_up()
    {
        var view = _views.Of(View(new VmState { Name = "web", Phase = VmPhase.Error, Cause = new VmCause("x", "running", "it broke", "mend it") }));
        Assert.Equal(("Error", "it broke", "mend it"), (view.Status, view.Cause?.Message, view.Cause?.Hint));
        Assert.Null(view.Intent);
        Assert.Null(view.Degraded);
        Assert.Null(view.DriverPid);
        Assert.Null(view.Config);
        Assert.Equal("", view.LimaVersion);
        Assert.False(view.Protected);
    }

    [Theory]
    [InlineData(VmPhase.Stopped, "Broken")]
    [InlineData(VmPhase.Error, "Broken")]
    [InlineData(VmPhase.Running, "Running")]
    public void Only_an_idle_one_is_broken_by_a_configuration_that_cannot_be_read(VmPhase phase, string status)
    {
        File.Delete(_web.LimaYaml);
        var state = new VmState { Name = "web", Phase = phase, Process = phase == VmPhase.Running ? new ProcessIdentity(1, 1, "b") : null };
        var view = _views.Of(View(state));
        Assert.Equal(status, view.Status);
        Assert.Contains("missing", Assert.Single(view.Errors!), StringComparison.Ordinal);
        Assert.Equal(status, _views.StatusOf(View(state)));
    }

    [Fact]
    public void A_file_of_absurd_size_is_not_read()
    {
        using (var file = File.Create(_web.LimaYaml)) file.SetLength(1L << 40);
        var view = _views.Of(View(new VmState { Name = "web" }));
        Assert.Equal("Broken", view.Status);
        Assert.Contains("at most 4194304", Assert.Single(view.Errors!), StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_file_is_read_again()
    {
        Assert.Equal(1, _views.Of(View(new VmState { Name = "web" })).Cpus);
        File.WriteAllText(_web.LimaYaml, Support.ApiClient.Yaml.Replace("cpus: 1", "cpus: 3", StringComparison.Ordinal));
        File.SetLastWriteTimeUtc(_web.LimaYaml, DateTime.UtcNow.AddSeconds(5));
        Assert.Equal(3, _views.Of(View(new VmState { Name = "web" })).Cpus);
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("-1")]
    [InlineData("1")]
    [InlineData("99999999999999999999")]
    public void A_number_in_a_pid_file_proves_nothing(string text)
    {
        File.WriteAllText(Path.Combine(_web.Path, "ha.pid"), text);
        Assert.Null(ForeignAgent.Of(_web));
        Assert.Equal("Stopped", _views.Of(View(new VmState { Name = "web" })).Status);
    }

    private static VmView View(VmState state) => new(VmId.From(Guid.NewGuid()), state, 3);
}
