using System.Net.Sockets;
using Lima.VirtiofsRelay;

// lima-virtiofs-relay --socket-path=FOR-QEMU --daemon-socket=FOR-THE-DAEMON -- PROGRAM --socket-path={} ARGUMENTS…
const string ForQemu = "--socket-path=", ForDaemon = "--daemon-socket=";
if (args is not [var qemuWord, var daemonWord, "--", _, ..]
    || !qemuWord.StartsWith(ForQemu, StringComparison.Ordinal) || !daemonWord.StartsWith(ForDaemon, StringComparison.Ordinal))
{
    Console.Error.WriteLine("usage: lima-virtiofs-relay --socket-path=PATH --daemon-socket=PATH -- PROGRAM --socket-path={} [ARGUMENT…]");
    return 2;
}

using var daemon = new Daemon(daemonWord[ForDaemon.Length..], args[3..]);
Socket? served;
while ((served = daemon.TryConnect()) is null)
{
    // One that cannot serve at all ends this, too, so that whoever waits for the socket learns of it.
    if (daemon.HasEnded) return 1;
    await Task.Delay(TimeSpan.FromMilliseconds(5));
}

var path = qemuWord[ForQemu.Length..];
using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
// Whoever sees the socket may connect at once.
File.Delete(path + ".new");
listener.Bind(new UnixDomainSocketEndPoint(path + ".new"));
listener.Listen(1);
File.Move(path + ".new", path, overwrite: true);
using var relay = new Relay(new VhostSocket(listener.Accept()), daemon, Console.Error);
relay.Run(served);
return 0;
