"""The load client and a client that shares no code with it see the same: on every server of the family, of as many
attempts of each kind in flight at the signal, as many end in each way."""

import collections
import concurrent.futures
import contextlib
import sys

import pytest

import faults
import harness
import lookalikes
import raw_client
from test_faults import SERVE

AT_A_TIME = 8  # most of it is waiting

# Attempts of each kind: all of them begin before the signal and last beyond it, so that the counts are certain.
ATTEMPTS = {
    "slow": 8,
    "upload": 4,
    "held_upload": 3,
    "expect_continue": 4,
    "download": 4,
    "pipelined": 2,
    "half_head": 4,
    "idle": 6,
    "silent": 3,
    "websocket": 8,
    "event_stream": 4,
}
PATHS = {
    "slow": "/slow",
    "upload": "/upload",
    "held_upload": "/upload",
    "expect_continue": "/upload",
    "download": "/download",
    "pipelined": "/slow",
    "websocket": "/ws",
    "event_stream": "/events",
}
BEFORE = 0.5  # seconds of load before the signal
AFTER = 4.0  # and after it; by then every server has ended every connection
TIMES = "--slow 1.4 --upload 1.2 --download 1.4 --drain 3".split()

# One signal, no load but these attempts, and an end by itself: what these do wrong does not show here.
ELSEWHERE = {"ignores-sigterm", "outlives-the-grace", "waits-forever-for-a-request"}
SERVERS = ["perfect", *sorted(faults.SERVERS.keys() - ELSEWHERE), *sorted(lookalikes.SERVERS)]


def scenario(port, pid):
    def flow(kind, count):
        path = PATHS.get(kind, "/")
        body = 10 if path == "/upload" else 0
        hold = BEFORE + raw_client.SECOND_HALF
        what = {"name": kind, "kind": kind.replace("_", "-"), "path": path, "upload_bytes": body}
        return {**what, "clients": count, "hold_s": [hold, hold], "pipeline": 2}

    flows = [flow(kind, count) for kind, count in ATTEMPTS.items()]
    when = {"pid": pid, "before_s": BEFORE, "after_s": AFTER}
    return {"target": f"127.0.0.1:{port}", "flows": flows, "every_observation": True, **when}


def seen_by_load(port, pid, folder):
    """{kind: {outcome: how many}} of what was begun before the signal and ended after it."""
    seen = collections.defaultdict(collections.Counter)
    for one in harness.load(scenario(port, pid), folder)["observations"]:
        if one["started_ms"] < 0 <= one["ended_ms"]:
            code = f" {one['close_code']}" if one["close_code"] else ""
            seen[one["flow"]][one["outcome"] + code] += 1
    return {kind: dict(counts) for kind, counts in seen.items()}


@contextlib.contextmanager
def serving(name, folder, which):
    port = harness.free_port()
    process = harness.Process([sys.executable, SERVE, port, "--as", name, *TIMES], folder / f"{which}.log")
    try:
        process.wait_for_http(port)
        yield port, process
    finally:
        process.kill()


def both(name, folder):
    with serving(name, folder, "load") as (port, process):
        by_load = seen_by_load(port, process.pid, folder)
    with serving(name, folder, "raw") as (port, process):
        by_raw = raw_client.watch(port, process.pid, ATTEMPTS)
    return by_load, by_raw


@pytest.fixture(scope="module")
def observed(request, tmp_path_factory):
    wanted = [item.callspec.params["name"] for item in request.session.items if item.module is request.module]
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        yield {name: pool.submit(both, name, tmp_path_factory.mktemp("reader")) for name in wanted}


@pytest.mark.parametrize("name", SERVERS)
def test_the_load_client_and_a_raw_client_count_the_same(name, observed):
    by_load, by_raw = observed[name].result()
    assert by_load == by_raw
