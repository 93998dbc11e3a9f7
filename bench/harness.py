"""What the benchmarks stand on: processes on a chosen CPU, what they cost, the proxies to compare, tables.

Everything runs on loopback with free ports; every process that was started is ended by its id.
"""

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


class Bench:
    """Owns the processes and the scratch folder of one run."""

    def __init__(self, lastcall):
        self.lastcall = lastcall
        self.folder = Path(tempfile.mkdtemp(prefix="lastcall-bench-"))
        self.processes = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            self.stop(process)
        shutil.rmtree(self.folder, ignore_errors=True)

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

    def serve(self, name, argv, port, cpus, admin_port=None):
        """Starts a server and waits until it listens."""
        process = self.start(argv, cpus)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return Server(name, process, port, admin_port)
            time.sleep(0.01)
        said = (self.folder / "log").read_text(errors="replace").strip()
        raise RuntimeError(f"{name} does not listen on port {port}: {said or 'it says nothing'}")

    def upstream(self, cpus, *options):
        port = free_port()
        argv = [TOOLS / "bench_upstream", "--listen", f"127.0.0.1:{port}", *options]
        return self.serve("no proxy", argv, port, cpus)

    def load(self, server, *options):
        """Runs the generator to its end; returns what it printed."""
        argv = [TOOLS / "bench_generator", f"127.0.0.1:{server.port}", *options]
        done = subprocess.run([str(word) for word in argv], preexec_fn=lambda: os.sched_setaffinity(0, {LOAD_CPU}),
                              stdout=subprocess.PIPE, check=True)
        result = json.loads(done.stdout)
        if result["failed"]:
            ended = server.process.poll()
            state = "still runs" if ended is None else f"has exited with {ended}"
            raise RuntimeError(f"{server.name} ({state}) failed {result['failed']} requests after "
                               f"{result['requests']}: {result['why']}")
        return result


class Server:
    """A process that serves HTTP, and what it costs. Its child processes count, but an app under lastcall."""

    def __init__(self, name, process, port, admin_port=None):
        self.name = name
        self.process = process
        self.port = port
        self.admin_port = admin_port

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


def start_nginx(bench, upstream, cpus=frozenset({PROXY_CPU})):
    port = free_port()
    config = bench.folder / "nginx.conf"
    config.write_text(f"""
{"user root;" if os.geteuid() == 0 else ""}
daemon off; worker_processes 1; worker_rlimit_nofile 20000;
pid {bench.folder}/nginx.pid; error_log stderr crit;
events {{ worker_connections 16000; }}
http {{
  access_log off; keepalive_timeout 75s; keepalive_requests 1000000000;
  client_body_temp_path {bench.folder}/body; proxy_temp_path {bench.folder}/proxy;
  fastcgi_temp_path {bench.folder}/fastcgi; uwsgi_temp_path {bench.folder}/uwsgi; scgi_temp_path {bench.folder}/scgi;
  upstream app {{ server 127.0.0.1:{upstream.port}; keepalive 512; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{
      proxy_pass http://app; proxy_http_version 1.1; proxy_buffers 8 32k;
      proxy_set_header Connection ""; proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host; proxy_set_header X-Request-ID $request_id;
      proxy_set_header X-Request-Start "t=$msec";
    }}
  }}
}}
""")
    return bench.serve("nginx", ["nginx", "-p", bench.folder, "-e", "stderr", "-c", config], port, cpus)


def start_haproxy(bench, upstream, cpus=frozenset({PROXY_CPU})):
    port = free_port()
    config = bench.folder / "haproxy.cfg"
    config.write_text(f"""
global
  nbthread 1
  maxconn 8000
defaults
  mode http
  no log
  http-reuse always
  timeout connect 5s
  timeout client 75s
  timeout server 75s
frontend clients
  bind 127.0.0.1:{port} backlog 4096
  option forwardfor
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Host %[req.hdr(Host)]
  http-request set-header X-Request-ID %[uuid()]
  http-request set-header X-Request-Start t=%[date(0,ms)]
  default_backend app
backend app
  server app 127.0.0.1:{upstream.port}
""")
    return bench.serve("haproxy", ["haproxy", "-db", "-q", "-f", config], port, cpus)


def start_lastcall(bench, upstream, cpus=frozenset({PROXY_CPU}), workers=1, app=("sleep", "infinity"), options=()):
    port, admin_port = free_port(), free_port()
    argv = [bench.lastcall, "run", "--listen", f"127.0.0.1:{port}", "--admin", f"127.0.0.1:{admin_port}",
            "--upstream", f"127.0.0.1:{upstream.port}", "--workers", str(workers), "--log-level", "error",
            "--platform", "none",
            *options, "--", *app]
    server = bench.serve("lastcall", argv, port, cpus, admin_port)
    bench.load(server, "--connections", "1", "--seconds", "0.05")
    return server


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
