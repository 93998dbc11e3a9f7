"""LC204 where it is hard: clients that use their keep-alive connections at the very moment when these are closed.

Over a round trip of 10 ms a request and our FIN cross. Clients that come back within idle-grace lose nothing; of those
that think longer some do, and the report says how many. A few shutdowns each by default; LASTCALL_SOAK=1 makes them 50.
"""

import collections
import concurrent.futures
import contextlib
import itertools
import json
import os
import random
import statistics
import subprocess
import time

import pytest

import network
import servers

SOAK = os.environ.get("LASTCALL_SOAK") == "1"
SHUTDOWNS = 50 if SOAK else 5
SIDE_BY_SIDE = 5
ROUND_TRIP_MS = 10
CLIENTS = 64

ports = itertools.count(20000)  # below the clients' own; the namespaces are ours alone


@pytest.fixture(scope="module")
def hosts():
    if reason := network.why_not():
        pytest.skip(reason)
    with network.two_hosts(str(servers.TOOLS / "netns/delay"), ROUND_TRIP_MS) as pair:
        yield pair


class Sum:
    """What many shutdowns came to, as the clients saw it and as the reports tell it."""

    def __init__(self):
        self.shutdowns = 0
        self.clients = collections.Counter()
        self.ended = collections.Counter()
        self.lost_ms = []
        self.round_trips_ms = []  # as the clients' kernels measured them: on a busy machine longer than the cable's
        self.reports = collections.Counter()

    def add(self, traffic, pool):
        self.shutdowns += 1
        self.clients.update(asked=pool["asked"], answered=pool["answered"], lost=len(pool["lost_ms"]))
        self.ended.update(pool["ended"])
        self.lost_ms += pool["lost_ms"]
        self.round_trips_ms.append(pool["round_trip_ms"])
        self.reports.update({name: traffic[name] for name in ("idle_closed", "lost_race", "cut", "failed", "refused")})

    def report(self, name):
        seen = self.clients
        print(f"\n{name}: {self.shutdowns} shutdowns, {seen['asked']} requests, {seen['answered']} answered")
        print(f"  lost: {seen['lost']} by the clients, {self.reports['lost_race']} by the reports")
        print(f"  connections ended: {({how: count for how, count in self.ended.items() if count})}; {dict(self.reports)}")
        if self.lost_ms:
            print(f"  lost between {min(self.lost_ms):.0f} and {max(self.lost_ms):.0f} ms after the signal")


def one_shutdown(hosts, think, think_ms):
    """Starts lastcall, lets the pool use it, stops it. Its report's traffic, and what the clients saw."""
    server_host, client_host = hosts
    port = next(ports)
    address = f"{network.SERVER_IPV4}:{port}"
    with contextlib.ExitStack() as stack:
        server = servers.Lastcall(server_host, address, port, ())
        stack.callback(server.abandon)
        argv = [str(servers.TOOLS / "netns/keep_alive_pool"), address, str(CLIENTS), think, str(think_ms)]
        pool = client_host.start(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        stack.callback(network.end, pool)
        time.sleep(random.uniform(0.5, 1.0))
        pool.stdin.write("mark\n")
        pool.stdin.flush()
        server.stop()
        output, _ = pool.communicate(timeout=30)
        return server.traffic, json.loads(output)


def shut_down(hosts, think, think_ms):
    result = Sum()
    with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        for done in [threads.submit(one_shutdown, hosts, think, think_ms) for _ in range(SHUTDOWNS)]:
            result.add(*done.result())
    result.report(f"keep-alive clients that think {think} {think_ms} ms")
    ends = {how for how, count in result.ended.items() if count}
    assert ends <= {"ok", "closed_unasked", "eof"}, "a way to end that no server may choose"
    assert sum(result.ended.values()) == CLIENTS * SHUTDOWNS
    return result


def test_clients_that_come_back_within_idle_grace_lose_nothing(hosts):
    result = shut_down(hosts, "uniform", 50)
    assert result.clients["asked"] >= 2 * CLIENTS * SHUTDOWNS
    assert result.clients["answered"] == result.clients["asked"]
    assert result.reports["lost_race"] == result.clients["lost"] == 0
    assert result.ended["ok"] >= 0.9 * CLIENTS * SHUTDOWNS, "nearly everybody was told `Connection: close` and went"


# An idle connection of either kind is used again once a second on average: 1 / mean, and for times that are uniform up to
# 3 s, the mean of 1 / (3 - age) over those that have been idle for 1 s already.
@pytest.mark.parametrize(("think", "think_ms"), [("exponential", 1000), ("uniform", 3000)])
def test_what_slower_clients_lose_is_what_the_report_says(hosts, think, think_ms):
    result = shut_down(hosts, think, think_ms)
    closed = result.reports["idle_closed"]
    round_trip_ms = statistics.mean(result.round_trips_ms)
    expected = 1.0 * round_trip_ms / 1000 * closed
    print(f"  expected: reuse rate 1/s × round trip {round_trip_ms:.1f} ms × {closed} idle connections closed = {expected:.1f}")
    assert result.clients["lost"] == result.reports["lost_race"]
    assert result.ended["closed_unasked"] + result.ended["eof"] == closed >= 5 * SHUTDOWNS
