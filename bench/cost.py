"""What a request costs, counted and not timed, so that a noisy machine does not matter: system calls, by strace, and
instructions in our own code, by callgrind."""

import re
import signal
import subprocess
import time

from harness import APP_CPU, Invalid, print_table, verdict
from servers import start_app, start_haproxy, start_lastcall, start_nginx

# name, options of the load, options of the app, most system calls a request; strace slows what it watches, so that
# `busy` shows the best batching.
KINDS = [
    ("busy", "", "", 4.2),
    ("1 000/s", "--rate 1000", "", 6.1),
    ("new connection each", "--reconnect", "", 7.0),
    ("100 kB responses", "--connections 8", "--body 100000", 7.3),
]
COUNTED = re.compile(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s.*?\b(\w+)$", re.M)


def syscalls(bench, server, load):
    """System calls a request, by name."""
    bench.load(server, *load, "--seconds", "0.2")
    counts = bench.file("strace")
    pids = [word for pid in server.pids() for word in ("-p", str(pid))]
    strace = bench.start(["strace", "-f", "-c", "-qq", "-o", counts, *pids], {APP_CPU})
    while not is_traced(server):
        time.sleep(0.01)
    requests = bench.load(server, *load, "--seconds", "1")["requests"]
    strace.send_signal(signal.SIGINT)
    strace.wait(10)
    return {name: int(calls) / requests for calls, name in COUNTED.findall(counts.read_text()) if name != "total"}


def is_traced(server):
    with open(f"/proc/{server.pids()[-1]}/status", encoding="ascii") as status:
        return "TracerPid:\t0\n" not in status.read()


def bench_syscalls(bench, quick):
    print("System calls a request, by strace -c")
    rows, holds = [], True
    for name, load, app_options, most in KINDS:
        app = start_app(bench, {APP_CPU}, app_options.split())
        starts = [start_lastcall] if quick else [start_lastcall, start_nginx, start_haproxy]
        seen = [syscalls(bench, start(bench, app), load.split()) for start in starts]
        totals = [sum(calls.values()) for calls in seen]
        holds = holds and totals[0] <= most
        top = ", ".join(f"{call} {count:.2f}" for call, count in sorted(seen[0].items(), key=lambda item: -item[1])
                        if count >= 0.05)
        rows.append([name, *(f"{total:.2f}" for total in totals), most, top])
    print_table(["", "lastcall", *(["nginx", "HAProxy"] if not quick else []), "goal", "lastcall's"], rows)
    verdict(holds, "goal: no more than that, each")



def bench_instructions(bench, quick):
    print("Instructions in our own code a request, by callgrind: the same on every run, to a percent")
    out = bench.file("callgrind")
    runner = ["valgrind", "-q", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={out}"]
    plain, chunked = (start_lastcall(bench, start_app(bench, {APP_CPU}, options), runner=runner)
                      for options in ([], ["--chunked"]))
    rows = []
    for name, server, load in (("32 connections", plain, []), ("heads of a browser", plain, ["--browser"]),
                               ("new connection each", plain, ["--reconnect"]), ("chunked responses", chunked, [])):
        bench.load(server, *load, "--seconds", "0.5")
        control(server, "-z")
        control(server, "-i", "on")
        requests = bench.load(server, *load, "--seconds", "1" if quick else "3")["requests"]
        control(server, "-i", "off")
        control(server, "-d")
        newest = max(out.parent.glob(f"{out.name}*"), key=lambda path: path.stat().st_mtime_ns)
        told = subprocess.run(["callgrind_annotate", newest], stdout=subprocess.PIPE, text=True, check=True).stdout
        total = re.search(r"^\s*([\d,]+).*PROGRAM TOTALS", told, re.M)
        if not total:
            raise Invalid("callgrind_annotate names no total")
        rows.append([name, f"{int(total[1].replace(',', '')) / requests:.0f}"])
    print_table(["", "instructions"], rows)


def control(server, *words):
    subprocess.run(["callgrind_control", *words, str(server.process.pid)], stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=True)
