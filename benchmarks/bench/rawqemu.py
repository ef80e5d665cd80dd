"""The same machine without us: QEMU with the same arguments on copies of the same files, asked by SSH until it answers."""
import os
import re
import shutil
import socket
import subprocess
import time
import uuid

from . import proc

POLL = 0.1
GREETING_LIMIT = 2.0
BOOT_LIMIT = 600


class RawQemu:
    """One boot. The copies are made before the clock starts."""

    def __init__(self, argv, directory, scratch):
        self.directory = scratch
        self.port = _free_port()
        shutil.copytree(directory, scratch, symlinks=True, ignore=lambda folder, names: [
            n for n in names if n.endswith((".sock", ".log", ".pid"))])
        self.argv = [self._own(word, directory) for word in argv]

    def _own(self, word, directory):
        word = word.replace(directory + "/", self.directory + "/")
        word = re.sub(r"hostfwd=tcp:127\.0\.0\.1:\d+-", f"hostfwd=tcp:127.0.0.1:{self.port}-", word)
        # A host knows its machines by this number, and would take this one for its own.
        return re.sub(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", str(uuid.uuid4()), word)

    def boot(self, name):
        """Seconds to a successful login, seconds to the guest's own word that its boot scripts are done, QEMU's CPU seconds."""
        began = time.perf_counter()
        with subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as qemu:
            try:
                self._await_greeting(qemu, began)
                self._log_in(name)
                login = time.perf_counter() - began
                ready = self._await_ready(began)
                return login, ready, proc.cpu_seconds(qemu.pid)
            finally:
                qemu.kill()
                qemu.wait()
                shutil.rmtree(self.directory, ignore_errors=True)

    def _await_greeting(self, qemu, began):
        """Opens a connection every 100 ms and takes the first that is greeted; those without an answer are given up after 2 s."""
        pending = []
        while True:
            if qemu.poll() is not None:
                raise RuntimeError(f"raw QEMU ended with {qemu.returncode}")
            if time.perf_counter() - began > BOOT_LIMIT:
                raise RuntimeError("raw QEMU: no SSH")
            due = time.perf_counter() + POLL
            pending = [(s, t) for s, t in pending if time.perf_counter() - t < GREETING_LIMIT or s.close()]
            pending.append((socket.socket(), time.perf_counter()))
            pending[-1][0].setblocking(False)
            pending[-1][0].connect_ex(("127.0.0.1", self.port))
            while time.perf_counter() < due:
                for one, since in list(pending):
                    try:
                        said = one.recv(4)
                    except BlockingIOError:
                        continue
                    except OSError:
                        said = b""
                    if said.startswith(b"SSH"):
                        for other, _ in pending:
                            other.close()
                        return
                    one.close()
                    pending.remove((one, since))
                time.sleep(0.005)

    def _log_in(self, name):
        with open(os.path.join(self.directory, "ssh.config")) as file:
            text = file.read()
        config = os.path.join(self.directory, "raw.config")
        with open(config, "w") as file:
            for line in text.splitlines(keepends=True):
                if not line.strip().startswith("Control"):
                    file.write(re.sub(r"Port \d+", f"Port {self.port}", line))
        subprocess.run(["ssh", "-F", config, f"lima-{name}", "true"], check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)

    def _await_ready(self, began):
        while time.perf_counter() - began < BOOT_LIMIT:
            try:
                with open(os.path.join(self.directory, "progress.log")) as file:
                    if any(line.split()[2:3] == ["ready"] for line in file):
                        return time.perf_counter() - began
            except OSError:
                return None
            time.sleep(0.02)
        return None


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
