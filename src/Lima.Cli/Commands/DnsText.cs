using Lima.Cli.Output;
using Lima.Contracts;

namespace Lima.Cli.Commands;

/// <summary>What <c>limactl dns</c> tells people.</summary>
internal static class DnsText
{
    /// <summary>How it is, and what to do if it is not as it could be.</summary>
    public static string Status(DnsView view)
    {
        List<string> lines =
        [
            $"Domain:    {view.Domain}",
            $"Server:    {(view.Port == 0 ? "none (`limactl dns enable` makes one)" : view.Problem is { } problem ? Printable.Line(problem) : $"127.0.0.1:{view.Port}")}",
            $"Programs:  {(view.Works ? "find these names" : "do not find these names")}",
            $"Guests:    their questions go to {string.Join(", ", view.Servers)} ({Printable.Line(view.File)})",
            "",
        ];
        var table = view.Instances.Count == 0 ? "" : Table.Format(
        [
            ["INSTANCE", "ADDRESS", "NAMES"],
            .. view.Instances.Select(instance => (IReadOnlyList<string>)[Printable.Line(instance.Instance), instance.Address ?? "-", string.Join(' ', instance.Names)]),
        ]);
        return string.Join('\n', lines) + table + (view is { Port: > 0, Problem: null, Works: false } ? "\n" + HowTo(view) : "");
    }

    /// <summary>How this machine's resolver comes to ask the host.</summary>
    public static string HowTo(DnsView view) => $"""
        To let programs of this machine find these names, have its resolver ask the host.

        systemd-resolved (246 or newer):
          sudo mkdir -p /etc/systemd/resolved.conf.d
          printf '[Resolve]\nDNS=127.0.0.1:{view.Port}\nDomains=~{view.Domain}\n' | sudo tee /etc/systemd/resolved.conf.d/lima.conf
          sudo systemctl restart systemd-resolved

        dnsmasq, also that of NetworkManager (in /etc/NetworkManager/dnsmasq.d):
          server=/{view.Domain}/127.0.0.1#{view.Port}

        Without either:
          dig @127.0.0.1 -p {view.Port} NAME.{view.Domain}

        """;
}
