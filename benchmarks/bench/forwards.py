"""Forwarded ports: how soon they are there, and what each path carries, against ssh -L, QEMU's own forwarding, and loopback."""
import json
import os
import socket
import subprocess
import time

from . import guestsockets as sockets
from .home import Failed
from .timing import median

TEMPLATE = "template:tiny"
SECONDS = 2
CONNECTS, ECHOES, CROWD = 50, 300, 50
AGENT = "lima-guestagent"
IDLE_TARGET, STORM_TARGET = 0.1, 20


def measure(home, report, listeners, rounds, idle):
    """Everything about forwards, on one VM."""
    name = "fwd"
    home.create(name, TEMPLATE)
    print("building the image if it is not cached, first start", flush=True)
    home.start(name)
    program = sockets.build(home.path)
    home.run("copy", program, f"{name}:{sockets.PROGRAM}")
    with sockets.Server(sockets.in_guest(home, name, sockets.PROGRAM, "serve"), home.env) as guest:
        latency(report, guest, "0.0.0.0", listeners)
        latency(report, guest, "127.0.0.1", listeners)
        with sockets.Server([program, "serve"]) as here:
            paths(home, report, name, guest, here, rounds)
    agent(home, report, name, idle)


def latency(report, guest, address, count):
    """
    From the word to listen, as it leaves here, to a connection on this machine. The way of that word into the guest is in it; the listener is
    there when the guest has said so, which the second figure counts from.
    """
    from_word, from_answer = [], []
    for _ in range(count):
        port = sockets.free_port()
        began = time.perf_counter()
        guest.tell(f"echo tcp {address} {port}")
        guest.heard()
        answered = time.perf_counter()
        sockets.until_open(port)
        ended = time.perf_counter()
        from_word.append((ended - began) * 1000)
        from_answer.append((ended - answered) * 1000)
        sockets.until_answers(port)
        guest.do(f"close tcp {address} {port}")
    case = "forwards, listen() to connect"
    note = f"{count} listeners; from the guest's answer {median(from_answer):.1f} ms in the median"
    report.add(case, f"{address}, median", median(from_word), "ms", 50, note, sorted(from_word))
    report.add(case, f"{address}, p99", percentile(from_word, 99), "ms", 250)
    report.add(case, f"{address}, worst", max(from_word), "ms")


def paths(home, report, name, guest, here, rounds):
    """Each way to the same kinds of servers, in turns."""
    ways = {"loopback": ports_of(here, "127.0.0.1")}
    outside, inside = ports_of(guest, "0.0.0.0"), ports_of(guest, "127.0.0.1")
    for group in (outside, inside):
        sockets.until_answers(group["echo"])
    ways[f"listener on 0.0.0.0 ({path_of(home, name, outside['echo'])})"] = outside
    ways[f"listener on 127.0.0.1 ({path_of(home, name, inside['echo'])})"] = inside
    ways["QEMU's forwarding alone"] = added_to_qemu(home, name, outside)
    other = {kind: sockets.free_port() for kind in inside}
    words = [word for kind in inside for word in ("-L", f"127.0.0.1:{other[kind]}:127.0.0.1:{inside[kind]}")]
    ssh = subprocess.Popen(
        ["ssh", "-F", os.path.join(home.path, name, "ssh.config"), "-o", "ControlPath=none", "-N", *words, f"lima-{name}"], env=home.env)
    try:
        sockets.until_answers(other["echo"])
        ways["ssh -L"] = other
        report_paths(report, ways, rounds)
    finally:
        ssh.terminate()
        ssh.wait(60)


def report_paths(report, ways, rounds):
    """Measures in turns, so that other work on the machine hits all alike."""
    samples = {way: {"connect": [], "echo": [], "download": [], "upload": [], "crowd": []} for way in ways}
    for _ in range(rounds):
        for way, ports in ways.items():
            one = samples[way]
            one["connect"] += [sockets.connect_ms(ports["echo"]) for _ in range(CONNECTS)]
            one["echo"] += sockets.echoes_ms(ports["echo"], ECHOES)
            one["download"].append(sockets.download(ports["source"], SECONDS))
            one["upload"].append(sockets.upload(ports["sink"], SECONDS))
            if way != "QEMU's forwarding alone":
                one["crowd"].append(sockets.at_once_ms(ports["echo"], CROWD))
    for key, what, unit in (
            ("connect", "connect and one byte back", "ms"), ("echo", "32 bytes there and back", "ms"), ("download", "guest to host", "MiB/s"),
            ("upload", "host to guest", "MiB/s"), ("crowd", f"{CROWD} connections at once, all answered", "ms")):
        for way, one in samples.items():
            if not one[key]:
                # Its queue has the length one: of several at once some hang for minutes.
                continue
            note = f"p99 {percentile(one[key], 99):.2f}" if key in ("connect", "echo") else ""
            report.add(f"forwards, {what}", way, median(one[key]), unit, note=note, samples=sorted(one[key]))


def ports_of(server, address):
    """An echo, a source and a sink."""
    ports = {kind: sockets.free_port() for kind in ("echo", "source", "sink")}
    for kind, port in ports.items():
        server.do(f"{kind} tcp {address} {port}")
    return ports


def path_of(home, name, port):
    """Which way the forward takes."""
    forwards = home.instance(name).get("forwards") or []
    return next((one.get("path") for one in forwards if one["hostAddress"] == f"127.0.0.1:{port}"), None) or "no path"


def added_to_qemu(home, name, guest_ports):
    """Rules of QEMU's own for the same listeners, which the host knows nothing of."""
    ports = {kind: sockets.free_port() for kind in guest_ports}
    with socket.socket(socket.AF_UNIX) as monitor:
        monitor.settimeout(30)
        monitor.connect(os.path.join(home.path, name, "plug.sock"))
        talk = monitor.makefile("rw")
        talk.readline()
        for command in ({"execute": "qmp_capabilities"}, *(
                {"execute": "human-monitor-command", "arguments": {"command-line": f"hostfwd_add net0 tcp:127.0.0.1:{ports[kind]}-:{guest_ports[kind]}"}}
                for kind in ports)):
            talk.write(json.dumps(command) + "\n")
            talk.flush()
            while "event" in (answer := json.loads(talk.readline())):
                pass
            if answer.get("return") not in ({}, ""):
                raise Failed(f"QEMU: {answer}")
    return ports


def agent(home, report, name, idle):
    """What the guest's agent costs the guest, at rest and while something binds 200 ports a second."""
    pid = guest(home, name, "pidof", AGENT).split()
    if not pid:
        print(f"  no {AGENT} runs in the guest: its cost is not measured", flush=True)
        return
    share = guest_share(home, name, pid[0], lambda: time.sleep(idle))
    report.add("forwards, the guest's agent", f"CPU at rest over {idle} s", share, "%", IDLE_TARGET)
    share = guest_share(home, name, pid[0], lambda: guest(home, name, sockets.PROGRAM, "storm", "200", "30", "20000"))
    report.add("forwards, the guest's agent", "CPU while 200 ports a second are bound for 30 s", share, "%", STORM_TARGET)


def guest_share(home, name, pid, work):
    """Percent of one processor of the guest that a process used meanwhile, by the scheduler's clock."""
    before, began = used(home, name, pid)
    work()
    after, ended = used(home, name, pid)
    return (after - before) / (ended - began) * 100


def used(home, name, pid):
    """Seconds that all threads of the process have run, and seconds since the guest's boot."""
    text = guest(home, name, "sh", "-c", f"'cat /proc/{pid}/task/*/schedstat; cat /proc/uptime'").split("\n")
    lines = [line for line in text if line]
    return sum(int(line.split()[0]) for line in lines[:-1]) / 1e9, float(lines[-1].split()[0])


def guest(home, name, *words):
    """What a command in the guest printed; nothing when it failed."""
    done = subprocess.run(
        sockets.in_guest(home, name, *words), env=home.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    return done.stdout


def percentile(values, share):
    """The value that so many percent are not above."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * share // 100)]
