using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Lima.EndToEnd.Tests.Support;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.EndToEnd.Tests;

/// <summary>Lima's truth table of forwards, asked of a real guest: who listens, and where on the host its payload comes from.</summary>
[Collection(ForwardingCollection.Name)]
public sealed class TruthTableTests(ForwardingVm vm, ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [ProductFact]
    public async Task Every_listener_is_reached_where_the_table_says_and_nowhere_else()
    {
        var rows = Rows();
        await FreeAsync(rows);
        await vm.RunningAsync();
        var words = await LogAsync();
        var serving = await vm.ServeAsync([.. rows.Select(row => $"name tcp {row.Ip} {row.Port}")]);

        foreach (var row in rows.Where(row => row.Host.Length > 0)) await IsReachedAsync(row);
        foreach (var row in rows)
        {
            foreach (var end in Elsewhere(row)) Assert.False(await AnswersAsync(end), $"{row} is reached on {end}, where it should not be");
            await IsSaidAsync(row, words);
        }

        await vm.EndAsync(serving);
        foreach (var row in rows.Where(row => row.Host.Length > 0))
        {
            foreach (var end in Ends(row)) await Until(async () => !await AnswersAsync(end), $"{end} is still there after the end of {row}");
        }

        output.WriteLine($"{rows.Count} rows hold; {vm.HostAddress} was the address of the host, and its ports from 2000 on were shifted by {vm.Shift}");
    }

    /// <summary>The rows of the table, in this machine's words; those that this user's host may not listen for are left out aloud.</summary>
    private List<Row> Rows()
    {
        var rows = new List<Row>();
        foreach (var data in TruthTable.Rows)
        {
            var host = TruthTable.Shifted((string)data[2], vm.Shift)
                .Replace(TruthTable.HostAddress, vm.HostAddress, StringComparison.Ordinal)
                .Replace(TruthTable.Sockets, vm.Home[$"{ForwardingVm.Name}/sock/"], StringComparison.Ordinal);
            var row = new Row((string)data[0], (int)data[1], host);
            if (row.Host.Length == 0 || row.Port >= 1024 || ForwardingVm.MayListenOn(row.Port)) rows.Add(row);
            else Console.WriteLine($"SKIP: {row}: this user may not listen on port {row.Port}");
        }

        return rows;
    }

    /// <summary>The table names ports of the host: another run of this test may have them for a while.</summary>
    private async Task FreeAsync(List<Row> rows)
    {
        foreach (var end in rows.Where(row => row.Host.Length > 0 && row.Host[0] != '/').SelectMany(Ends))
            await Until(async () => !await AnswersAsync(end), $"{end} of this machine is taken by something else");
    }

    private async Task IsReachedAsync(Row row)
    {
        foreach (var end in Ends(row)) await Until(() => SaysItsNameAsync(end, row), $"{row} is not reached on {end}");
    }

    // A port of the host is exactly on the address that the rule names, and what is ignored is on none.
    private IEnumerable<EndPoint> Elsewhere(Row row)
    {
        if (row.Host.Length == 0)
        {
            var ports = row.Port is >= 3000 and < 3040 ? new[] { row.Port, row.Port - 1000 + vm.Shift } : [row.Port];
            foreach (var port in ports)
            {
                yield return new IPEndPoint(IPAddress.Loopback, port);
                yield return new IPEndPoint(IPAddress.Parse(vm.HostAddress), port);
            }

            if (row.Port is >= 5000 and < 5010) yield return Echo.File(vm.Home[$"{ForwardingVm.Name}/sock/port{row.Port}.sock"]);
        }
        else if (IPEndPoint.TryParse(row.Host, out var end))
        {
            if (end.Address.Equals(IPAddress.Loopback)) yield return new IPEndPoint(IPAddress.Parse(vm.HostAddress), end.Port);
            else if (end.Address.Equals(IPAddress.Parse(vm.HostAddress))) yield return new IPEndPoint(IPAddress.Loopback, end.Port);
        }
    }

    /// <summary>Where a row is reached.</summary>
    private IEnumerable<EndPoint> Ends(Row row)
    {
        if (!IPEndPoint.TryParse(row.Host, out var end)) return [Echo.File(row.Host)];
        return end.Address.Equals(IPAddress.Any) ? [new IPEndPoint(IPAddress.Loopback, end.Port), new IPEndPoint(IPAddress.Parse(vm.HostAddress), end.Port)]
            : end.Address.Equals(IPAddress.IPv6Any) ? [new IPEndPoint(IPAddress.IPv6Loopback, end.Port), new IPEndPoint(IPAddress.Parse(vm.HostAddress), end.Port)]
            : [end];
    }

    private async Task IsSaidAsync(Row row, int from)
    {
        var guest = row.Ip.Contains(':') ? $"[{row.Ip}]:{row.Port}" : $"{row.Ip}:{row.Port}";
        var said = row.Host.Length > 0 ? $"{ForwardingVm.Name}: forwarding TCP from {guest} to {row.Host}" : $"{ForwardingVm.Name}: not forwarding TCP {guest}";
        await Until(async () => Count(await File.ReadAllTextAsync(Log), said, from) == 1, $"`{said}` is not in the host's log exactly once");
    }

    private string Log => vm.Home["_host/host.log"];

    private async Task<int> LogAsync() => (await File.ReadAllTextAsync(Log)).Length;

    // Followed by an end of the word, so that 300 is not found in 3000.
    private static int Count(string text, string said, int from)
    {
        var count = 0;
        for (var at = from; (at = text.IndexOf(said, at, StringComparison.Ordinal)) >= 0; at += said.Length)
            if (at + said.Length == text.Length || !char.IsLetterOrDigit(text[at + said.Length])) count++;
        return count;
    }

    private static async Task<bool> SaysItsNameAsync(EndPoint end, Row row)
    {
        try
        {
            var said = Encoding.ASCII.GetBytes("payload");
            return Encoding.ASCII.GetString(await Echo.ExchangeAsync(end, said)) == $"tcp {row.Ip} {row.Port}\npayload";
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }

    /// <summary>Whether anybody takes a connection.</summary>
    private static async Task<bool> AnswersAsync(EndPoint end)
    {
        using var socket = new Socket(end.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(end);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task Until(Func<Task<bool>> holds, string otherwise)
    {
        for (var began = Stopwatch.StartNew(); !await holds(); await Task.Delay(100)) Assert.True(began.Elapsed < Limit, otherwise);
    }

    private sealed record Row(string Ip, int Port, string Host)
    {
        public override string ToString() => $"{Ip} port {Port}";
    }
}
