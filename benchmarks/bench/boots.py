"""Second starts and stops through limactl, in turns with raw QEMU on the same disk."""
import os

from . import proc
from .home import Failed
from .rawqemu import RawQemu
from .timing import median, ratio

BOOT_TARGET = 1.05
STOP_TARGET = 2.9
END_LIMIT = 30
UP = 3


def measure(home, report, name, rounds, label):
    """Boots `name`, which was started before and is stopped, `rounds` times each way: raw polled, raw told, ours, raw polled and so on.

    Within a round all find the same disk: raw QEMU gets copies of the files as the last orderly stop left them.
    """
    directory = os.path.join(home.path, name)
    argv = _start(home, name)[1]
    _stop(home, name)
    polled, told, ours, stops = [], [], [], []
    for turn in range(rounds):
        polled.append(RawQemu(argv, directory, f"{home.path}/_raw{turn}").boot(name))
        told.append(RawQemu(argv, directory, f"{home.path}/_raw{turn}").boot(name, told=True))
        os.sync()
        took, _, cpu = _start(home, name)
        ours.append((took, cpu))
        # What a guest starts behind READY, the listener for its power button among it, is no part of a stop.
        home.settle(UP)
        stops.append(_stop(home, name))
        print(f"  {label}, round {turn + 1}: raw {polled[-1].login:.2f} s, raw told {told[-1].login:.2f} s, limactl start {took:.2f} s", flush=True)
    _report(report, label, polled, told, ours)
    report.add(f"stop {label}", "limactl stop", median(stops), "s", STOP_TARGET, f"orderly shutdown of a guest that is up for {UP} s", samples=stops)


def _start(home, name):
    """Seconds to READY, QEMU's arguments, its CPU seconds so far."""
    took = home.start(name)
    qemu = home.instance(name)["driverPID"]
    return took, proc.argv(qemu), proc.cpu_seconds(qemu)


def _stop(home, name):
    """Seconds of an orderly stop; returns when QEMU has let go of the disk."""
    qemu = home.instance(name)["driverPID"]
    took = home.timed("stop", name)
    if not proc.wait_until_gone(qemu, END_LIMIT):
        raise Failed(f"QEMU of `{name}` lives {END_LIMIT} s after limactl stop said it had stopped")
    return took


def _report(report, label, polled, told, ours):
    case = f"boot {label}"
    starts = [took for took, _ in ours]
    report.add(case, "limactl start, second start, to READY", median(starts), "s", note=f"{len(ours)} rounds", samples=starts)
    for raw, how, note in ((polled, "polled", "a connection every 500 ms"), (told, "told", "logs in when the guest says that sshd listens")):
        logins = [boot.login for boot in raw]
        report.add(case, f"raw QEMU, same arguments and disk, {how}, to ssh's answer", median(logins), "s", note=note, samples=logins)
        ratios = ratio(starts, logins)
        report.add(case, f"limactl start / raw QEMU {how}", median(ratios), "x", BOOT_TARGET, "median of the rounds' ratios", ratios)
    if all(boot.ready is not None for boot in told):
        ratios = ratio(starts, [boot.ready for boot in told])
        report.add(case, "limactl start / raw QEMU told and ready", median(ratios), "x", note="the end of the boot scripts waited for too", samples=ratios)
    spent = ratio([cpu for _, cpu in ours], [boot.cpu for boot in told])
    report.add(case, "QEMU's CPU time, ours / raw told", median(spent), "x", note="steadier than wall time", samples=spent)
