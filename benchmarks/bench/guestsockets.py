"""The program that listens in a guest (tests/guest/sockets.c), and talks with it."""
import os
import shutil
import socket
import subprocess
import threading
import time

from .home import Failed

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = "/tmp/sockets"
LIMIT = 60


def build(directory):
    """Compiles it; returns its path."""
    compiler = next((name for name in ("gcc", "clang", "cc") if shutil.which(name)), None)
    if not compiler:
        raise Failed("a C compiler is needed for the program that listens in the guest")
    program = os.path.join(directory, "sockets")
    subprocess.run([compiler, "-O2", "-static", "-o", program, os.path.join(ROOT, "tests", "guest", "sockets.c")], check=True)
    return program


class Server:
    """`sockets serve`, here or in a guest, told what to do line by line."""

    def __init__(self, argv, env=None):
        self._process = subprocess.Popen(argv, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait(LIMIT)

    def tell(self, line):
        """Sends a line and returns at once; `heard` is to follow."""
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def heard(self):
        """Waits until it was obeyed."""
        if (answer := self._process.stdout.readline().strip()) != "ok":
            raise Failed(f"sockets: {answer or 'ended'}")

    def do(self, line):
        """Both."""
        self.tell(line)
        self.heard()


def in_guest(home, name, *words):
    """Arguments that run something in a guest over a connection of its own, as root."""
    config = os.path.join(home.path, name, "ssh.config")
    return ["ssh", "-F", config, "-o", "ControlPath=none", f"lima-{name}", "sudo", *words]


def free_port():
    """A port of loopback that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until_answers(port):
    """Waits until an echo on the port answers."""
    deadline = time.monotonic() + LIMIT
    while True:
        try:
            connect_ms(port)
            return
        except OSError:
            if time.monotonic() > deadline:
                raise Failed(f"nobody answers on port {port}") from None
            time.sleep(0.05)


def until_open(port):
    """Seconds until somebody takes a connection."""
    began = time.perf_counter()
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), LIMIT).close()
            return time.perf_counter() - began
        except ConnectionRefusedError:
            if time.perf_counter() - began > LIMIT:
                raise Failed(f"nobody listens on port {port}") from None
            time.sleep(0.0005)


def connect_ms(port):
    """Milliseconds until a new connection has answered one byte."""
    began = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), LIMIT) as one:
        one.sendall(b"x")
        if one.recv(1) != b"x":
            raise ConnectionResetError("no echo")
        return (time.perf_counter() - began) * 1000


def echoes_ms(port, count):
    """Milliseconds of round trips of 32 bytes on one connection."""
    samples = []
    with socket.create_connection(("127.0.0.1", port), LIMIT) as one:
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(count):
            began = time.perf_counter()
            one.sendall(b"x" * 32)
            _receive(one, 32)
            samples.append((time.perf_counter() - began) * 1000)
    return samples


def download(port, seconds):
    """MiB/s from a `source`."""
    room = bytearray(1 << 20)
    got = 0
    with socket.create_connection(("127.0.0.1", port), LIMIT) as one:
        began = time.perf_counter()
        while (took := time.perf_counter() - began) < seconds:
            got += one.recv_into(room)
    return got / took / (1 << 20)


def upload(port, seconds):
    """MiB/s into a `sink`, up to its word that all has come."""
    block = bytes(1 << 20)
    sent = 0
    with socket.create_connection(("127.0.0.1", port), LIMIT) as one:
        began = time.perf_counter()
        while time.perf_counter() - began < seconds:
            one.sendall(block)
            sent += len(block)
        one.shutdown(socket.SHUT_WR)
        said = one.makefile().readline()
        took = time.perf_counter() - began
    if int(said or 0) != sent:
        raise Failed(f"{sent} bytes were sent and {said.strip() or 'none'} have come")
    return sent / took / (1 << 20)


def at_once_ms(port, count):
    """Milliseconds until that many connections made at the same time have all answered."""
    gate = threading.Barrier(count + 1)
    failed = []

    def one():
        gate.wait()
        try:
            connect_ms(port)
        except OSError as problem:
            failed.append(problem)

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    gate.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    if failed:
        raise Failed(f"{len(failed)} of {count} connections failed: {failed[0]}")
    return (time.perf_counter() - began) * 1000


def _receive(one, count):
    while count:
        got = one.recv(count)
        if not got:
            raise ConnectionResetError("the connection ended")
        count -= len(got)
