namespace Lima.EndToEnd.Tests.Support;

/// <summary>Names as programs inside a guest find them.</summary>
internal static class GuestNames
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Names of one's own, for a template.</summary>
    public const string Hosts = """
        hostResolver:
          hosts:
            My.Static.Test: 10.9.8.7
            alias.test: my.static.test
            workstation.test: host.lima.internal
        """;

    /// <summary>Those names, the host and the guest itself are found; the guest at its address in a network with others, if it is in one.</summary>
    public static async Task AreFoundAsync(Limactl cli, string name, string own = "192.168.5.15")
    {
        await IsAsync(cli, name, "my.static.test", "10.9.8.7");
        await IsAsync(cli, name, "MY.STATIC.TEST", "10.9.8.7");
        await IsAsync(cli, name, "alias.test", "10.9.8.7");
        await IsAsync(cli, name, "workstation.test", "192.168.5.2");
        await IsAsync(cli, name, $"lima-{name}.internal", own);
        await IsAsync(cli, name, $"{name}.lima.internal", own);
        await IsAsync(cli, name, "nobody.lima.internal", "");
    }

    /// <summary>Asks until a name has that address; empty for none.</summary>
    public static async Task IsAsync(Limactl cli, string guest, string name, string address)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            var found = await cli.GuestAsync(guest, "sh", "-c", $"getent ahostsv4 {name} | awk 'NR == 1 {{ print $1 }}'");
            if (found == address) return;
            Assert.False(limit.IsCancellationRequested, $"`{name}` is `{found}` in {guest}, not `{address}`");
            await Task.Delay(500);
        }
    }
}
