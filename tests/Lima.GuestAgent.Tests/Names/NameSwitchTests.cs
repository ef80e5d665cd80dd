using Lima.GuestAgent.Agent;
using Lima.GuestAgent.Names;
using Lima.Testing;

namespace Lima.GuestAgent.Tests.Names;

public sealed class NameSwitchTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly EventLoop _loop = new();
    private readonly Thread _thread;

    public NameSwitchTests()
    {
        _thread = new Thread(_loop.Run);
        _thread.Start();
    }

    private string Script => _directory["host-names"];

    private string[] Calls => File.Exists(_directory["calls"]) ? File.ReadAllLines(_directory["calls"]) : [];

    public void Dispose()
    {
        _loop.Post(_loop.Stop);
        Assert.True(_thread.Join(TimeSpan.FromSeconds(60)));
        _loop.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Rules_go_with_the_host_and_come_back_with_it()
    {
        WriteScript();
        var names = new NameSwitch(_loop, Script, TimeSpan.Zero);
        HostIs(names, true, false);
        Until(names, "off");
        HostIs(names, true);
        Until(names, "off", "on");
        HostIs(names, false);
        Until(names, "off", "on", "off");
    }

    [Fact]
    public void A_host_that_is_back_soon_changes_nothing()
    {
        WriteScript();
        var names = new NameSwitch(_loop, Script, TimeSpan.FromDays(1));
        HostIs(names, true, false, true, false, true);
        Settle();
        var gone = new NameSwitch(_loop, Script, TimeSpan.Zero);
        HostIs(gone, false);
        Until(gone, "off");
    }

    [Fact]
    public void Rules_that_an_earlier_agent_took_away_come_back()
    {
        WriteScript();
        File.WriteAllText(Script + ".off", "");
        var names = new NameSwitch(_loop, Script, TimeSpan.Zero);
        HostIs(names, true);
        Until(names, "on");
    }

    [Fact]
    public void Where_there_are_no_rules_nothing_is_done()
    {
        var names = new NameSwitch(_loop, Script, TimeSpan.Zero);
        HostIs(names, true, false);
        Settle();
        WriteScript();
        HostIs(names, true, false);
        Until(names, "off");
    }

    private void WriteScript() => File.WriteAllText(Script, $"echo \"$1\" >>{_directory["calls"]}\n");

    private void HostIs(NameSwitch names, params bool[] here) => _loop.Post(() =>
    {
        foreach (var one in here) names.HostIs(one);
    });

    /// <summary>Until what is due is done.</summary>
    private void Settle()
    {
        using var done = new ManualResetEventSlim();
        _loop.Post(() => _loop.After(TimeSpan.Zero, done.Set));
        Assert.True(done.Wait(TimeSpan.FromSeconds(60)));
    }

    private void Until(NameSwitch names, params string[] calls) =>
        Assert.True(
            SpinWait.SpinUntil(() => Calls.SequenceEqual(calls) && !names.IsRunning, TimeSpan.FromSeconds(60)),
            $"called with {string.Join(", ", Calls)}, not {string.Join(", ", calls)}");
}
