"""Second starts and stops through limactl, in turns with raw QEMU."""
import os

from . import proc
from .rawqemu import RawQemu
from .timing import median

BOOT_TARGET = 1.05
STOP_TARGET = 2.9


def measure(home, report, name, rounds, label):
    """Boots `name`, which has been started before and is stopped, `rounds` times each way."""
    ours, logins, readies, stops, our_cpu, raw_cpu = [], [], [], [], [], []
    directory = os.path.join(home.path, name)
    for turn in range(rounds):
        ours.append(home.start(name))
        qemu = home.instance(name)["driverPID"]
        our_cpu.append(proc.cpu_seconds(qemu))
        argv = proc.argv(qemu)
        stops.append(home.timed("stop", name))
        proc.wait_until_gone(qemu, 30)
        login, ready, cpu = RawQemu(argv, directory, f"{home.path}/_raw{turn}").boot(name)
        logins.append(login)
        readies.append(ready)
        raw_cpu.append(cpu)
    case = f"boot {label}"
    report.add(case, "limactl start, second start, to READY", median(ours), "s", note=f"{rounds} rounds, in turns with raw QEMU", samples=ours)
    report.add(case, "raw QEMU, same arguments, to ssh's answer", median(logins), "s", note="polled every 100 ms", samples=logins)
    report.add(case, "ratio", median(ours) / median(logins), "x", BOOT_TARGET, "limactl start / raw QEMU + ssh")
    if all(ready is not None for ready in readies):
        report.add(case, "raw QEMU, to the guest's boot scripts done", median(readies), "s", note="what READY also waits for", samples=readies)
        report.add(case, "ratio to the same point", median(ours) / median(readies), "x", note="work done by the host")
    report.add(case, "QEMU's CPU time, ours / raw", median(our_cpu) / median(raw_cpu), "x", note="steadier than wall time", samples=our_cpu + raw_cpu)
    report.add(f"stop {label}", "limactl stop", median(stops), "s", STOP_TARGET, "orderly shutdown of the guest", samples=stops)
