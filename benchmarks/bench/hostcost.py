"""What the host costs while nothing happens, and how fast a new one takes over."""
import os
import signal
import time

from . import proc
from .timing import median

HOST_MIB, VM_MIB = 110, 1.0
IDLE_PERCENT = 0.2
ADOPTION_S = 2.0

# The host gives memory back half a minute after its last work, and again when actors of stopped VMs have left memory.
REST = 40
LONG_REST = 90


def memory(home, report, label, rest=REST, target=HOST_MIB):
    """Resident memory after some seconds of rest; without a target right after work, which is information."""
    home.settle(rest)
    use = proc.memory(home.host_pid)
    report.add("host memory", f"RSS, {label}", use["rss"], "MiB", target,
               f"PSS {use['pss']:.1f}, private {use['private']:.1f} (anonymous {use['anonymous']:.1f}), shared files {use['shared']:.1f}")
    return use


def growth(report, one, many, vms):
    """What each running VM after the first costs: the first brings the code that every other one uses too."""
    report.add("host memory", "growth per running VM", (many["anonymous"] - one["anonymous"]) / (vms - 1), "MiB",
               VM_MIB, f"anonymous memory, from 1 to {vms} running; private memory "
               f"{(many['private'] - one['private']) / (vms - 1):.2f} MiB, with code that was compiled meanwhile")


def adoption(home, report, names, repeats):
    """From the next command after a kill -9 to all of them Running again."""
    times, first = [], []
    for _ in range(repeats):
        host = home.host_pid
        os.kill(host, signal.SIGKILL)
        proc.wait_until_gone(host, 10)
        began = time.perf_counter()
        home.run("list")
        first.append(time.perf_counter() - began)
        while sum(i["status"] == "Running" for i in home.instances() if i["name"] in names) < len(names):
            if time.perf_counter() - began > 60:
                raise RuntimeError("not all VMs are Running a minute after the host was killed")
            time.sleep(0.01)
        times.append(time.perf_counter() - began)
        home.settle(2)
    report.add("adoption", f"kill -9 of the host, {len(names)} VMs, until all are Running", median(times), "s", ADOPTION_S,
               f"from the start of `limactl list`, which starts the host; {repeats} times", times)
    report.add("adoption", "first `limactl list` after it", median(first), "s", samples=first)


def idle(home, report, label, seconds, rest=LONG_REST):
    """Processor time of a host that nobody asks anything."""
    home.settle(rest)
    host = home.host_pid
    cpu, exact, ran = proc.cpu_seconds(host), proc.scheduled(host), proc.wakeups(host)
    time.sleep(seconds)
    used, exactly, after = proc.cpu_seconds(host) - cpu, proc.scheduled(host), proc.wakeups(host)
    report.add("idle", f"CPU of the host, {label}", used / seconds * 100, "% of a core", IDLE_PERCENT,
               f"over {seconds} s, after {rest} s of rest; the kernel counts in steps of 10 ms")
    living = sum(time_on - exact.get(thread, 0) for thread, time_on in exactly.items())
    report.add("idle", f"the same by the scheduler's clock, {label}", living / seconds * 100, "% of a core", IDLE_PERCENT,
               "threads that live at the end")
    woken = sum(count - ran.get(thread, 0) for thread, count in after.items())
    report.add("idle", f"wake-ups, {label}", woken / seconds, "/s", note="context switches of all threads that live at the end")
