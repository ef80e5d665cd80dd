"""The same machine without us: QEMU with the same arguments on copies of the same files, asked by SSH until it answers."""
import os
import re
import shutil
import socket
import subprocess
import time
import uuid
from typing import NamedTuple

from . import proc

POLL = 0.5
GREETING_LIMIT = 1.0
LOOK = 0.01
PORT_LIMIT = 10
BOOT_LIMIT = 600


class Boot(NamedTuple):
    """Seconds to a successful login, to the guest's own word that its boot scripts are done (None: it gives none), QEMU's CPU seconds."""

    login: float
    ready: float | None
    cpu: float


class RawQemu:
    """One boot. The copies are made, and are on the disk, before the clock starts."""

    def __init__(self, argv, directory, scratch):
        self.directory = scratch
        self.port = _free_port()
        shutil.copytree(directory, scratch, symlinks=True, ignore=lambda folder, names: [
            n for n in names if n.endswith((".sock", ".log", ".pid"))])
        os.sync()
        self.argv = [self._own(word, directory) for word in argv]

    def _own(self, word, directory):
        word = word.replace(directory + "/", self.directory + "/")
        word = re.sub(r"hostfwd=tcp:127\.0\.0\.1:\d+-", f"hostfwd=tcp:127.0.0.1:{self.port}-", word)
        # A host knows its machines by this number, and would take this one for its own.
        return re.sub(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", str(uuid.uuid4()), word)

    def boot(self, name, told=False):
        """Runs it until the guest is ready, and ends it. `told`: logs in when the guest says that its SSH server listens, not by polling."""
        began = time.perf_counter()
        with subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as qemu:
            try:
                if not told or not self._await_report(qemu, began, "ssh", "ready"):
                    self._poll(qemu, began)
                self._log_in(name)
                login = time.perf_counter() - began
                ready = time.perf_counter() - began if self._await_report(qemu, began, "ready") else None
                return Boot(login, ready, proc.cpu_seconds(qemu.pid))
            finally:
                qemu.kill()
                qemu.wait()
                shutil.rmtree(self.directory, ignore_errors=True)

    def _poll(self, qemu, began):
        """Opens a connection every half second and takes the first that is greeted.

        Each one that the guest comes to see costs it a process, so there must not be many: one is given up after a second, on a
        machine so busy that this is too short after a tenth of the time waited so far.
        """
        pending = []
        try:
            while True:
                pending.append((self._connect(), time.perf_counter()))
                due = time.perf_counter() + POLL
                while time.perf_counter() < due:
                    waited = self._living(qemu, began)
                    pending = [(s, t) for s, t in pending if time.perf_counter() - t < max(GREETING_LIMIT, waited / 10) or s.close()]
                    if any(_greeted(one) for one, _ in pending):
                        return
                    time.sleep(LOOK)
        finally:
            for one, _ in pending:
                one.close()

    def _connect(self):
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(("127.0.0.1", self.port))
        return one

    def _await_report(self, qemu, began, *kinds):
        """Waits for the first of these words of the guest on its progress port; False when the machine has none."""
        log = os.path.join(self.directory, "progress.log")
        while True:
            self._living(qemu, began)
            if os.path.exists(log):
                with open(log) as file:
                    if any(word in kinds for line in file for word in line.split()[2:3]):
                        return True
            elif time.perf_counter() - began > PORT_LIMIT:
                return False
            time.sleep(LOOK)

    def _living(self, qemu, began):
        if qemu.poll() is not None:
            raise RuntimeError(f"raw QEMU ended with {qemu.returncode}")
        if (waited := time.perf_counter() - began) > BOOT_LIMIT:
            raise RuntimeError(f"raw QEMU's guest was not ready after {BOOT_LIMIT} s")
        return waited

    def _log_in(self, name):
        with open(os.path.join(self.directory, "ssh.config")) as file:
            text = file.read()
        config = os.path.join(self.directory, "raw.config")
        with open(config, "w") as file:
            for line in text.splitlines(keepends=True):
                if not line.strip().startswith("Control"):
                    file.write(re.sub(r"Port \d+", f"Port {self.port}", line))
        subprocess.run(["ssh", "-F", config, f"lima-{name}", "true"], check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)


def _greeted(one):
    try:
        return one.recv(4).startswith(b"SSH")
    except OSError:
        return False


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
