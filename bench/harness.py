"""What the benchmarks stand on: processes on a chosen CPU, what they cost, the proxies to compare, tables.

Everything runs on loopback with free ports; every process that was started is ended by its id.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / "build" / "bench" / "bench"
CPUS = sorted(os.sched_getaffinity(0))
PROXY_CPU, APP_CPU, LOAD_CPU = CPUS[0], CPUS[1 % len(CPUS)], CPUS[-1]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def prefer_over_others():
    """Real-time priority, for this process and what it starts; only root may have it. Other work on the machine must
    not decide who is the bottleneck, nor when we look."""
    if os.geteuid() == 0:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))


class Invalid(Exception):
    """The measurement says nothing."""


class Bench:
    """Owns the processes and the scratch folder of one run."""

    def __init__(self, lastcall):
        self.lastcall = lastcall
        self.folder = Path(tempfile.mkdtemp(prefix="lastcall-bench-"))
        self.processes = []
        self.files = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            self.stop(process)
        shutil.rmtree(self.folder, ignore_errors=True)

    def file(self, name):
        """A path of its own, however often the name is asked for."""
        self.files += 1
        return self.folder / f"{self.files}-{name}"

    def start(self, argv, cpus):
        log = open(self.folder / "log", "ab")
        process = subprocess.Popen([str(word) for word in argv], preexec_fn=lambda: os.sched_setaffinity(0, cpus),
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        self.processes.append(process)
        return process

    def stop(self, process):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process in self.processes:
            self.processes.remove(process)

    def serve(self, name, argv, address, cpus, admin_port=None):
        """Starts a server and waits until it listens."""
        server = Server(name, self.start(argv, cpus), address, admin_port)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and server.process.poll() is None:
            with contextlib.suppress(OSError), server.connect():
                return server
            time.sleep(0.01)
        said = (self.folder / "log").read_text(errors="replace").strip()
        raise RuntimeError(f"{name} does not listen on {address}: {said or 'it says nothing'}")

    def load(self, server, *options):
        """Runs the generator to its end; returns what it printed."""
        argv = [TOOLS / "bench_generator", server.address, *options]
        done = subprocess.run([str(word) for word in argv], preexec_fn=lambda: os.sched_setaffinity(0, {LOAD_CPU}),
                              stdout=subprocess.PIPE, check=True, timeout=60)
        result = json.loads(done.stdout)
        if result["failed"]:
            ended = server.process.poll()
            state = "still runs" if ended is None else f"has exited with {ended}"
            raise RuntimeError(f"{server.name} ({state}) failed {result['failed']} requests after "
                               f"{result['requests']}: {result['why']}")
        return result


class Server:
    """A process that serves HTTP, and what it costs. Its child processes count, but an app under lastcall."""

    def __init__(self, name, process, address, admin_port=None):
        self.name = name
        self.process = process
        self.address = address  # HOST:PORT or unix:PATH
        self.admin_port = admin_port

    @property
    def port(self):
        return int(self.address.rpartition(":")[2])

    def connect(self):
        if not self.address.startswith("unix:"):
            return socket.create_connection(("127.0.0.1", self.port), timeout=10)
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self.address.removeprefix("unix:"))
        return connection

    def pids(self):
        pid = self.process.pid
        if self.admin_port is not None:
            return [pid]
        return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]

    def cpu_ns(self):
        """Run time of every thread, in nanoseconds; softirq work is charged to the thread that it interrupts."""
        return sum(int(task.joinpath("schedstat").read_text().split()[0])
                   for pid in self.pids() for task in Path(f"/proc/{pid}/task").iterdir())

    def pss_bytes(self):
        """User memory: the proportional share of every page."""
        return 1024 * sum(int(re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)[1])
                          for pid in self.pids())

    def metrics(self):
        with socket.create_connection(("127.0.0.1", self.admin_port)) as client:
            client.sendall(b"GET /metrics HTTP/1.1\r\nHost: bench.test\r\nConnection: close\r\n\r\n")
            return client.makefile("rb").read().decode()


# ---- Reading the results


def paired(ours, theirs):
    """Ratios of measurements made in the same round: what disturbs a round disturbs both."""
    ratios = [a / b for a, b in zip(ours, theirs)]
    return statistics.median(ratios), min(ratios), max(ratios)


def spread(values, digits=2):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def print_table(header, rows):
    widths = [max(len(str(row[i])) for row in [header, *rows]) for i in range(len(header))]
    for row in [header, ["-" * width for width in widths], *rows]:
        print("  " + "  ".join(str(cell).ljust(width) if i == 0 else str(cell).rjust(width)
                               for i, (cell, width) in enumerate(zip(row, widths))))


def print_markdown(cells):
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


def verdict(holds, words):
    print(f"  {'PASS' if holds else 'FAIL'}: {words}", flush=True)


def print_machine(lastcall):
    cpu = re.search(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    system = os.uname()
    print(f"{system.sysname} {system.release} {system.machine}, {cpu[1] if cpu else 'unknown CPU'}, "
          f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}")
    for argv in (["nginx", "-v"], ["haproxy", "-v"], [str(lastcall), "--version"]):
        said = subprocess.run(argv, capture_output=True, text=True, check=False)
        print((said.stdout + said.stderr).splitlines()[0])
    print(flush=True)
