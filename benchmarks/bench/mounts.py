"""Throughput of directories of the host in a guest, each way against the others."""
import os
import shlex
import subprocess

from .home import Failed
from .timing import median

TYPES = ("virtiofs", "9p", "reverse-sshfs")
KERNEL_NAMES = {"virtiofs": "virtiofs", "9p": "9p", "reverse-sshfs": "fuse.sshfs"}
OWN_DISK = "own disk"

# Runs as root in the guest, in an empty directory; prints a name and seconds for each step. Nothing is left in the guest's cache.
STEPS = """
set -eu
cd "$1"
now() { read -r up _ </proc/uptime; echo "$up"; }
forget() { sync; echo 3 >/proc/sys/vm/drop_caches; }
step() { name=$1; shift; began=$(now); "$@" >/dev/null 2>&1; echo "$name $began $(now)"; }
create() { mkdir small; i=0; while [ $i -lt "$1" ]; do echo $i >small/$i; i=$((i + 1)); done; }
forget
step write dd if=/dev/zero of=big bs=1M count="$2" conv=fsync
forget
step read dd if=big of=/dev/null bs=1M
step create create "$3"
forget
step stat ls -l small
forget
step content sh -c 'cat small/*'
step remove rm -r small
rm big
"""


def measure(home, report, rounds, megabytes, files):
    """Makes one VM for each type, and measures them in turns."""
    places = {}
    for kind in TYPES:
        shared = os.path.join(home.path, "shared-" + kind)
        os.mkdir(shared)
        name = "mnt-" + kind.replace("reverse-", "")
        template = os.path.join(home.path, name + ".yaml")
        with open(template, "w") as file:
            file.write(f"base: template:tiny\nmountType: {kind}\nmounts:\n- location: {shared}\n  mountPoint: /mnt/shared\n  writable: true\n")
        home.create(name, template)
        home.start(name)
        found = _guest(home, name, "awk '$2 == \"/mnt/shared\" { print $3 }' /proc/mounts").strip()
        if found != KERNEL_NAMES[kind]:
            print(f"  {kind}: left out, the guest has {found or 'nothing'} instead", flush=True)
            home.run("stop", "-f", name)
            continue
        places[kind] = (name, "/mnt/shared")
    if not places:
        raise Failed("no mount type works here")
    places[OWN_DISK] = (next(iter(places.values()))[0], "/var/tmp")
    _report(report, {kind: [] for kind in places}, places, home, rounds, megabytes, files)


def _report(report, samples, places, home, rounds, megabytes, files):
    for number in range(rounds):
        for kind, (name, place) in places.items():
            samples[kind].append(_round(home, name, place, megabytes, files))
            print(f"  round {number + 1}, {kind}: {samples[kind][-1]}", flush=True)
    for step, unit, amount in (
            ("write", "MiB/s", megabytes), ("read", "MiB/s", megabytes), ("create", "files/s", files),
            ("stat", "files/s", files), ("content", "files/s", files), ("remove", "files/s", files)):
        for kind in places:
            rates = sorted(amount / max(one[step], 0.01) for one in samples[kind])
            report.add(f"mounts, {step}", kind, median(rates), unit, note=_note(step, megabytes, files, rounds), samples=rates)


def _note(step, megabytes, files, rounds):
    return f"{megabytes} MiB" if step in ("write", "read") else f"{files} files of a few bytes, {rounds} rounds"


def _round(home, name, place, megabytes, files):
    text = _guest(home, name, f"sudo sh -c {shlex.quote(STEPS)} sh {place} {megabytes} {files}")
    steps = {}
    for line in text.splitlines():
        step, began, ended = line.split()
        steps[step] = round(float(ended) - float(began), 2)
    return steps


def _guest(home, name, script):
    done = subprocess.run(
        ["ssh", "-F", os.path.join(home.path, name, "ssh.config"), f"lima-{name}", script],
        env=home.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=1800)
    if done.returncode != 0:
        raise Failed(f"in {name}: {done.stderr.strip()[-2000:]}")
    return done.stdout
