"""Short commands: list, create, shell."""
import json
import os
import socket
import stat
import time

from .timing import interleaved, median

CREATE_MS, CREATE_MB = 100, 1.0
SHELL_MS = 10


def list_times(home, report, count, rounds, target):
    """`list` and `list --json` with `count` instances, and what of it is the process and the host."""
    limactl = home.limactl
    times = interleaved(
        {"version": [limactl, "--version"], "list": [limactl, "list"], "json": [limactl, "list", "--json"]}, rounds, home.env)
    case = f"list, {count} instance{'s' if count > 1 else ''}"
    report.add(case, "limactl list", median(times["list"]), "ms", target, f"{rounds} rounds", times["list"])
    report.add(case, "limactl list --json", median(times["json"]), "ms", target, "", times["json"])
    report.add(case, "limactl --version", median(times["version"]), "ms", note="floor: a process that does nothing", samples=times["version"])
    answers = sorted(_get(home) for _ in range(rounds))
    report.add(case, "the host's answer alone", median(answers), "ms", note="GET /v1/instances on its socket", samples=answers)


def _get(home):
    began = time.perf_counter()
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(os.path.join(home.path, "_host", "api.sock"))
        link.sendall(b"GET /v1/instances HTTP/1.1\r\nHost: lima\r\nConnection: close\r\n\r\n")
        while link.recv(65536):
            pass
    return (time.perf_counter() - began) * 1000


def create_many(home, report, names, template):
    """One process for each, as a script would do it."""
    before = home.disk_bytes()
    times = sorted(home.create(name, template) * 1000 for name in names)
    grown = (home.disk_bytes() - before) / len(times) / 1e6
    report.add("create", f"limactl create, {len(times)} times", median(times), "ms", CREATE_MS, "each; image is cached", times)
    report.add("create", "disk, each", grown, "MB", CREATE_MB, "everything that grew in LIMA_HOME; the disk itself comes with the first start")


def shell_times(home, report, name, rounds):
    """Against the very command line of OpenSSH that limactl becomes, over the same connection."""
    argv = _openssh_line(home, name)
    bare = ["ssh", "-F", os.path.join(home.path, name, "ssh.config"), f"lima-{name}", "true"]
    times = interleaved({"shell": [home.limactl, "shell", name, "true"], "ssh": argv, "bare": bare}, rounds, home.env)
    report.add("shell", "limactl shell NAME true", median(times["shell"]), "ms", note=f"warm, {rounds} rounds", samples=times["shell"])
    report.add("shell", "ssh with the same login shell", median(times["ssh"]), "ms", note="same connection, same remote command", samples=times["ssh"])
    report.add("shell", "difference", median(times["shell"]) - median(times["ssh"]), "ms", SHELL_MS)
    report.add("shell", "ssh NAME true", median(times["bare"]), "ms", note="without a login shell", samples=times["bare"])


def _openssh_line(home, name):
    """The arguments that limactl would run OpenSSH with, taken by a stand-in that writes them down."""
    recorder, record = os.path.join(home.path, "_recorder"), os.path.join(home.path, "_record")
    with open(recorder, "w") as file:
        file.write(f"#!/usr/bin/env python3\nimport json, sys\njson.dump(sys.argv[1:], open({record!r}, 'w'))\n")
    os.chmod(recorder, stat.S_IRWXU)
    plain, home.env = home.env, {**home.env, "SSH": recorder}
    try:
        home.run("shell", name, "true")
    finally:
        home.env = plain
    with open(record) as file:
        arguments = json.load(file)
    os.unlink(recorder)
    os.unlink(record)
    return ["ssh", *arguments]
