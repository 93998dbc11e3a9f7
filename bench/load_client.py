"""The load client of `lastcall check`: what it adds to a known delay, and how much load it can make."""

import json
import os
import subprocess

from harness import LOAD_CPU, PROXY_CPU, TOOLS, Invalid, print_table, verdict
from servers import start_app

ERROR_MEDIAN_TARGET_US, ERROR_P99_TARGET_US = 200, 2000
CAPACITY_TARGET = 20_000


def measured(bench, server, *options):
    argv = [TOOLS / "bench_accuracy", f"127.0.0.1:{server.port}", *options]
    done = subprocess.run([str(word) for word in argv], preexec_fn=lambda: os.sched_setaffinity(0, {LOAD_CPU}),
                          stdout=subprocess.PIPE, check=True)
    result = json.loads(done.stdout)
    if result["failed"] and not result["saturated"]:
        raise Invalid(f"{result['failed']} requests failed")
    return result


def bench_accuracy(bench, quick):
    seconds = "1" if quick else "5"
    print("The load client of lastcall check: what it measured less the known delay, from when each request was due")
    rows, medians, p99s = [], [], []
    for delay in ("0ms", "1ms", "5ms", "50ms"):
        server = start_app(bench, {PROXY_CPU}, ["--hold", delay])
        for kind, options in (("keep-alive", []), ("new connections", ["--fresh"])):
            for rate in ("200", "2000"):
                seen = measured(bench, server, "--path", "/" if delay == "0ms" else "/held", "--delay", delay,
                                "--rate", rate, "--seconds", seconds, *options)
                rows.append([delay, kind, rate, f"{seen['p50_us']:.0f}", f"{seen['p99_us']:.0f}",
                             f"{seen['lag_p99_us']:.0f}", f"{seen['cpu_us']:.1f}"])
                medians.append(seen["p50_us"])
                p99s.append(seen["p99_us"])
        bench.stop(server.process)
    print_table(["delay", "", "req/s", "median error us", "p99 us", "p99 of its lag us", "CPU us/request"], rows)
    server = start_app(bench, {PROXY_CPU})
    floors = [bench.load(server, "--rate", "200", "--seconds", seconds, *options)["p50_us"]
              for options in ([], ["--reconnect"])]
    print(f"  by the benchmarks' own generator, which only sends and receives, at 200/s without a delay: {floors[0]:.0f} us, "
          f"on new connections {floors[1]:.0f} us: what waking two processes costs here")
    verdict(max(medians) <= ERROR_MEDIAN_TARGET_US and max(p99s) <= ERROR_P99_TARGET_US,
            f"worst median {max(medians):.0f} us, worst p99 {max(p99s):.0f} us; targets {ERROR_MEDIAN_TARGET_US} and "
            f"{ERROR_P99_TARGET_US}")

    print("The rate at which it says on one core that it is itself the bottleneck; keep-alive, 256 clients")
    server = start_app(bench, {PROXY_CPU})
    rows, held = [], 0
    for rate in (10_000, 20_000, 40_000, 60_000, 80_000, 100_000, 120_000):
        seen = measured(bench, server, "--rate", rate, "--seconds", "1" if quick else "3")
        rows.append([rate, f"{seen['rate']:.0f}", f"{seen['p50_us']:.0f}", f"{seen['p99_us']:.0f}",
                     f"{seen['cpu_us']:.1f}", "yes" if seen["saturated"] else "no"])
        if seen["saturated"]:
            break
        held = rate
    print_table(["due/s", "answered/s", "median us", "p99 us", "CPU us/request", "bottleneck"], rows)
    verdict(held >= CAPACITY_TARGET, f"{held} requests/s without being the bottleneck; target {CAPACITY_TARGET}")
