"""What /proc tells about one process. Linux only."""
import os
import time

TICKS = os.sysconf("SC_CLK_TCK")


def is_alive(pid):
    """Whether the process runs; one that nobody has buried yet does not."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def argv(pid):
    """The arguments that the process was started with."""
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        return [word.decode() for word in file.read().split(b"\0")[:-1]]


def cpu_seconds(pid):
    """User and system time so far of all threads, also of those that have ended; children not counted."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def scheduled(pid):
    """Seconds that each living thread has been on a processor, to the nanosecond."""
    times = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/schedstat") as file:
                times[thread] = int(file.read().split()[0]) / 1e9
        except OSError:
            continue
    return times


def wakeups(pid):
    """Context switches of each living thread: how often it ran."""
    counts = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/status") as file:
                counts[thread] = sum(int(line.split()[1]) for line in file if "ctxt_switches" in line)
        except OSError:
            continue
    return counts


def memory(pid):
    """
    Resident memory in MiB: all of it; its share of what it shares; what only this process uses (compiled code too, which
    .NET keeps in a file without a name); heaps and stacks alone; files that other processes use too.
    """
    wanted = {"Rss": "rss", "Pss": "pss", "Private_Clean": "private", "Private_Dirty": "private", "Anonymous": "anonymous", "Shared_Clean": "shared"}
    result = dict.fromkeys(wanted.values(), 0)
    with open(f"/proc/{pid}/smaps_rollup") as file:
        for line in file:
            key = line.split(":")[0]
            if key in wanted:
                result[wanted[key]] += int(line.split()[1]) / 1024
    return result


def wait_until_gone(pid, limit):
    """Returns whether the process ended within the limit, in seconds."""
    deadline = time.monotonic() + limit
    while is_alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def of_home(home):
    """Processes that carry a path of this home in their arguments or environment."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                words = file.read()
            with open(f"/proc/{entry}/environ", "rb") as file:
                variables = file.read().split(b"\0")
        except OSError:
            continue
        if (home.encode() + b"/") in words or f"LIMA_HOME={home}".encode() in variables:
            found.append(int(entry))
    return found
