"""A LIMA_HOME of our own, with everything that runs in it."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

from . import proc, signals


class Failed(Exception):
    """A command did not do what the measurement needs."""


class Home:
    """Short path, because Unix sockets live below it. Use as a context: at its end nothing of it is left."""

    def __init__(self, limactl, cache=None):
        self.limactl = limactl
        self.path = tempfile.mkdtemp(prefix="lb-", dir="/tmp")
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("LIMA_")}
        self.env["LIMA_HOME"] = self.path
        if cache:
            self.env["XDG_CACHE_HOME"] = cache

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with signals.held():
            try:
                self._end_orderly()
            finally:
                self._end_rest()
                shutil.rmtree(self.path, ignore_errors=True)

    def _end_orderly(self):
        # Without a host there is nobody to ask, and asking would start one.
        if self._host_lives():
            for instance in self.instances(quiet=True):
                if instance.get("driverPID"):
                    self.run("stop", "-f", instance["name"], check=False, limit=60)
            self.run("host", "stop", check=False, limit=60)

    def _host_lives(self):
        try:
            return proc.is_alive(self.host_pid)
        except (OSError, ValueError):
            return False

    def _end_rest(self):
        """Whatever carries this home in its arguments or environment; the host first, or it would start again what it misses."""
        for _ in range(3):
            for pid in proc.of_home(self.path):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
                proc.wait_until_gone(pid, 10)

    def run(self, *arguments, check=True, limit=900):
        """Runs limactl and returns what it printed."""
        done = subprocess.run(
            [self.limactl, *arguments], env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=limit)
        if check and done.returncode != 0:
            raise Failed(f"limactl {' '.join(arguments)}: exit {done.returncode}\n{done.stderr.strip()[-2000:]}")
        return done.stdout

    def timed(self, *arguments, limit=900):
        """Wall time of one limactl, in seconds."""
        began = time.perf_counter()
        self.run(*arguments, limit=limit)
        return time.perf_counter() - began

    def instances(self, quiet=False):
        """What `list --json` says."""
        text = self.run("list", "--json", check=not quiet)
        return [json.loads(line) for line in text.splitlines()]

    def instance(self, name):
        """One of them."""
        return next(i for i in self.instances() if i["name"] == name)

    def create(self, name, template):
        """Makes an instance; returns the seconds that it took."""
        return self.timed("create", "--tty=false", f"--name={name}", template)

    def start(self, name):
        """Starts it and waits until it is ready; returns the seconds."""
        return self.timed("start", "--tty=false", name)

    @property
    def host_pid(self):
        """Process id of the host, from its lock."""
        with open(os.path.join(self.path, "_host", "host.lock")) as file:
            return int(file.read())

    def settle(self, seconds):
        """Lets the host come to rest."""
        time.sleep(seconds)

    def disk_bytes(self, name=""):
        """Bytes that a directory takes on the disk."""
        total = 0
        for folder, _, files in os.walk(os.path.join(self.path, name)):
            total += os.lstat(folder).st_blocks * 512
            total += sum(os.lstat(os.path.join(folder, file)).st_blocks * 512 for file in files)
        return total
