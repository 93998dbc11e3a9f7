"""CPU and latency of a proxied request beside nginx, HAProxy and no proxy at all: the table ROWS, a row at a time."""

import statistics
import time
from dataclasses import dataclass

from harness import APP_CPU, CPUS, PROXY_CPU, Bench, Invalid, paired, print_markdown
from servers import ONE_CPU, start_all, start_app

SATURATED_GOAL, PACED_GOAL, P99_GOAL, FLOOR_GOAL = 0.80, 0.95, 1.05, 1.10
MIN_UTILISATION = 0.95
TRIES = 4
BREATH_S = 0.1
ROUNDS, QUICK_ROUNDS = 9, 2
SECONDS, QUICK_SECONDS = "0.5", "0.3"


@dataclass
class Row:
    name: str
    load: str  # options of bench_generator
    app: str = ""  # options of bench_upstream
    unix: bool = False  # the app listens on a Unix socket
    goal: float = SATURATED_GOAL
    saturates: bool = False  # a round counts only if the proxy was the bottleneck
    app_cpu: int = APP_CPU
    workers: int = 1
    floor_load: str | None = None  # of the hop to the app, where that is another than the client's


ROWS = [
    Row("1 connection", "--connections 1", goal=PACED_GOAL),
    Row("32 connections", "--connections 32", saturates=True),
    Row("256 connections", "--connections 256", saturates=True),
    Row("unix, 1 connection", "--connections 1", unix=True, goal=PACED_GOAL),
    Row("unix, 32 connections", "--connections 32", unix=True, saturates=True),
    Row("unix, 256 connections", "--connections 256", unix=True, saturates=True),
    # Where the load costs more than a proxy, the app is on the proxy's CPU: beside the load it would be the bottleneck, and
    # each proxy would be woken for next to every request.
    Row("new connection each", "--reconnect", app_cpu=PROXY_CPU, floor_load=""),
    Row("new connection each, 4 000/s", "--reconnect --rate 4000", goal=PACED_GOAL, floor_load="--rate 4000"),
    Row("10 kB responses", "", "--body 10000", saturates=True),
    Row("100 kB responses", "", "--body 100000"),
    Row("10 kB uploads", "--upload 10000", "--upload 10000"),
    Row("100 kB uploads", "--upload 100000", "--upload 100000", app_cpu=PROXY_CPU),
    Row("heads of a browser", "--browser", saturates=True),
    Row("4 000/s", "--rate 4000 --connections 64", goal=PACED_GOAL),
    Row("20 000/s", "--rate 20000 --connections 64", goal=PACED_GOAL),
    Row("two workers", "--connections 64", workers=2),
]


class Round:
    """What one server did in one round."""

    def __init__(self, bench, server, load):
        before = server.cpu_ns()
        seen = bench.load(server, *load)
        cpu_ns = server.cpu_ns() - before
        self.us = cpu_ns / 1000 / seen["requests"]
        self.utilisation = cpu_ns / 1e9 / seen["seconds"]
        self.p99 = seen["p99_us"]


def measure(bench, server, load, seconds, saturates):
    """One round; where the proxy is to be the bottleneck and was not, again, at most TRIES times."""
    for _ in range(TRIES):
        time.sleep(BREATH_S)  # for other work, which the scheduler would else let in while we measure
        bench.load(server, *load, "--seconds", "0.1")
        one = Round(bench, server, [*load, "--seconds", seconds])
        if not saturates or one.utilisation >= MIN_UTILISATION:
            break
    return one


def interleaved(bench, measured, rounds, seconds):
    """Every one of `measured`, pairs of a server and its load, once a round, in rotated order: lists of Round."""
    seen = [[] for _ in measured]
    for turn in range(rounds):
        for i in range(len(measured)):
            i = (i + turn) % len(measured)
            server, load, saturates = measured[i]
            seen[i].append(measure(bench, server, load, seconds, saturates))
    return seen


def hops(bench, row, app_options):
    """What the floor is made of: the hop from the client, and the one to the app, each without a proxy."""
    if row.workers > 1:
        return []
    load = row.load.split()
    direct = start_app(bench, ONE_CPU, app_options)
    if not row.unix and row.floor_load is None:
        return [(direct, load, False)]
    behind = start_app(bench, ONE_CPU, app_options, row.unix)
    return [(direct, load, False), (behind, load if row.floor_load is None else row.floor_load.split(), False)]


def column(rounds, what):
    return [getattr(one, what) for one in rounds]


def judged(value, goal):
    return f"{value:.2f} {'PASS' if value <= goal else 'FAIL'}"


def measure_row(bench, row, quick):
    app_options = row.app.split()
    cpus = frozenset(CPUS) if row.workers > 1 else ONE_CPU
    app = start_app(bench, frozenset(CPUS) if row.workers > 1 else {row.app_cpu}, app_options, row.unix)
    proxies = [(server, row.load.split(), row.saturates) for server in start_all(bench, app, cpus, row.workers)]
    floor = hops(bench, row, app_options)
    rounds, seconds = (QUICK_ROUNDS, QUICK_SECONDS) if quick else (ROUNDS, SECONDS)
    nginx, haproxy, ours, *direct = interleaved(bench, [*proxies, *floor], rounds, seconds)

    if row.saturates and min(column(nginx + haproxy + ours, "utilisation")) < MIN_UTILISATION:
        raise Invalid(f"{row.name}: a proxy used less than {MIN_UTILISATION} of its core in a round: the load was the "
                      "bottleneck, or other work took their time")
    ratios = [paired(column(ours, "us"), column(theirs, "us")) for theirs in (nginx, haproxy)]
    worse = max(ratios, key=lambda ratio: ratio[0])
    p99 = max(paired(column(ours, "p99"), column(theirs, "p99"))[0] for theirs in (nginx, haproxy))
    cells = [row.name,
             *(f"{statistics.median(column(rounds, 'us')):.2f}" for rounds in (ours, nginx, haproxy)),
             f"{judged(worse[0], row.goal)} ({worse[1]:.2f}-{worse[2]:.2f})",
             " / ".join(f"{statistics.median(column(rounds, 'p99')):.0f}" for rounds in (ours, nginx, haproxy)),
             judged(p99, P99_GOAL)]
    if not direct:
        return [*cells, "-"]
    least = [sum(pair) for pair in zip(column(direct[0], "us"), column(direct[-1], "us"))]
    return [*cells, judged(paired(column(ours, "us"), least)[0], FLOOR_GOAL)]


def bench_proxies(bench, quick, wanted=None):
    print(f"CPU in us a request and p99 in us. Goals: CPU {SATURATED_GOAL:.2f} of the better of nginx and HAProxy, "
          f"{PACED_GOAL:.2f} where a proxy waits more than it works; p99 {P99_GOAL:.2f}; {FLOOR_GOAL:.2f} of two hops "
          "without a proxy.\nRatios are medians of paired rounds, with their range.\n")
    header = ["", "lastcall", "nginx", "HAProxy", "CPU: of the better", "p99: lastcall / nginx / HAProxy",
              "p99: of the better", "CPU: of two direct hops"]
    print_markdown(header)
    print_markdown(["---"] * len(header))
    invalid = []
    for row in ROWS:
        if wanted and wanted not in row.name:
            continue
        try:
            with Bench(bench.lastcall) as of_the_row:
                print_markdown(measure_row(of_the_row, row, quick))
        except Invalid as problem:
            invalid.append(str(problem))
    if invalid:
        raise Invalid("; ".join(invalid))
