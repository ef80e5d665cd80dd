using System.Text;
using Lima.GuestAgent.Agent;
using Lima.GuestAgent.Listeners;
using Lima.GuestAgent.Services;
using Lima.GuestAgent.Tests.Agent;
using Lima.Testing;

namespace Lima.GuestAgent.Tests.Services;

/// <summary>Ports of Kubernetes services.</summary>
public sealed class ServiceTests
{
    private const string NodePort = """{"type":"ADDED","object":{"kind":"Service","metadata":{"namespace":"default","name":"web"},"spec":{"type":"NodePort","ports":[{"protocol":"TCP","port":80,"nodePort":32762}]}}}""";
    private const string LoadBalancer = """{"type":"ADDED","object":{"metadata":{"namespace":"default","name":"lb"},"spec":{"type":"LoadBalancer","ports":[{"protocol":"TCP","port":8081,"nodePort":31000},{"protocol":"UDP","port":8082},{"protocol":"SCTP","port":8083}]}}}""";
    private const string ClusterIp = """{"type":"ADDED","object":{"metadata":{"namespace":"default","name":"inner"},"spec":{"type":"ClusterIP","ports":[{"protocol":"TCP","port":443}]}}}""";

    [Fact]
    public void Node_ports_and_load_balancers_are_reached_from_outside_and_others_are_not()
    {
        var table = new ServiceTable();
        foreach (var line in (string[])[NodePort, LoadBalancer, ClusterIp]) Apply(table, line);
        Assert.Equal([new(8081, false, false, 0), new(8082, true, false, 0), new(32762, false, false, 0)], table.Ports.Entries);
        Apply(table, NodePort.Replace("ADDED", "DELETED", StringComparison.Ordinal));
        Assert.Equal([8081, 8082], table.Ports.Entries.Select(one => (int)one.Port));
        Apply(table, LoadBalancer.Replace("ADDED", "MODIFIED", StringComparison.Ordinal).Replace("LoadBalancer", "ClusterIP", StringComparison.Ordinal));
        Assert.Empty(table.Ports.Entries);
    }

    [Theory]
    [InlineData("")]
    [InlineData("No resources found")]
    [InlineData("[]")]
    [InlineData("""{"type":"ADDED"}""")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":7},"spec":[]}}""")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"x"},"spec":{"type":"NodePort","ports":[{"nodePort":70000},{"nodePort":-1},{"nodePort":"80"},{"nodePort":0},7]}}}""")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"x"},"spec":{"type":"NodePort","ports":[{"nodePort":8""")]
    public void What_is_no_service_changes_nothing(string line)
    {
        var table = new ServiceTable();
        Apply(table, NodePort);
        Apply(table, line);
        Assert.Equal([32762], table.Ports.Entries.Select(one => (int)one.Port));
    }

    [Fact]
    public void What_a_new_watch_does_not_tell_is_gone()
    {
        var table = new ServiceTable();
        Apply(table, NodePort);
        Apply(table, LoadBalancer);
        table.BeginRound();
        Apply(table, NodePort);
        Assert.Equal(3, table.Ports.Entries.Length);
        table.EndRound();
        Assert.Equal([32762], table.Ports.Entries.Select(one => (int)one.Port));
    }

    [Fact]
    public async Task Lines_are_cut_however_they_come_and_endless_ones_are_left_out()
    {
        var text = $"one\n\n{new string('x', 100_000)}\ntwo\n{new string('y', 40_000)}\nrest";
        var reader = new LineReader(new Drops(Encoding.UTF8.GetBytes(text)), 50_000);
        List<int> lengths = [];
        while (await reader.NextAsync(default) is { } line) lengths.Add(line.Length);
        Assert.Equal([3, 0, 3, 40_000], lengths);
    }

    [Fact]
    public void A_watch_follows_kubectl()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory["config"], "");
        File.WriteAllText(directory["events"], $"{NodePort}\n{LoadBalancer}\n");
        File.WriteAllText(directory["kubectl"], "#!/bin/sh\necho \"$KUBECONFIG $*\" >\"${0%/*}/called\"\ncat \"${0%/*}/events\"\nexec sleep 600\n");
        File.SetUnixFileMode(directory["kubectl"], (UnixFileMode)0b111_101_101);
        var told = ListeningSet.Empty;
        using var loop = new EventLoop();
        using (var watch = new ServiceWatch(loop, all => Volatile.Write(ref told, all), [directory["none"], directory["config"]], directory[""]))
        {
            watch.Start();
            Assert.Equal(3, SessionTests.Poll(() => Volatile.Read(ref told).Entries.Length, 3));
        }

        Assert.Equal($"{directory["config"]} get service --all-namespaces --watch --output-watch-events --output json\n", File.ReadAllText(directory["called"]));
    }

    private static void Apply(ServiceTable table, string line) => table.Apply(Encoding.UTF8.GetBytes(line));

    /// <summary>Gives out a few bytes at a time.</summary>
    private sealed class Drops(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 777)], cancellationToken);
    }
}
