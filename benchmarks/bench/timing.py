"""Wall times of short commands, interleaved so that a change in the machine's load hits all alike."""
import os
import statistics
import subprocess
import time

WARM_UP = 3


def once(argv, env):
    """Milliseconds from the start of a process to its end; its output goes nowhere."""
    began = time.perf_counter()
    done = subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=120)
    took = (time.perf_counter() - began) * 1000
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(argv)}: exit {done.returncode}: {done.stderr.decode(errors='replace').strip()[-500:]}")
    return took


def interleaved(commands, rounds, env):
    """Runs each command once a round. `commands`: name to argument list. Returns name to sorted milliseconds."""
    for argv in commands.values():
        for _ in range(WARM_UP):
            once(argv, env)
    samples = {name: [] for name in commands}
    for _ in range(rounds):
        for name, argv in commands.items():
            samples[name].append(once(argv, env))
    return {name: sorted(values) for name, values in samples.items()}


def median(values):
    """Middle of the values."""
    return statistics.median(values)


def ratio(ours, theirs):
    """Quotient of each pair: what one pair met of other work on the machine, both of it met."""
    return [a / b for a, b in zip(ours, theirs, strict=True)]


def machine():
    """What the figures depend on."""
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "unknown")
    return {"cpus": os.cpu_count(), "model": model, "kernel": os.uname().release, "load": round(os.getloadavg()[0], 2)}
