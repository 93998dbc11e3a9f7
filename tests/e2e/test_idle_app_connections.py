"""Apps that close idle connections after a second: no request may be on its way to them at that moment, else there are
502s in steady state. The load lets the pool's connections be idle for very nearly a second, again and again: above a
steady trickle, bursts come every second, give or take a percent."""

import collections
import sys
from pathlib import Path

import pytest

import harness

APPS = Path(__file__).parent / "apps"

IDLE_S = 1
TRICKLE = 400  # requests per second
BURST = 80  # further ones, together

COMMANDS = {
    "gunicorn": [
        *("gunicorn", "--chdir", APPS, "--bind", "127.0.0.1:{port}", "--log-level", "warning"),
        *("--worker-class", "gthread", "--threads", "100", "--keep-alive", str(IDLE_S), "wsgi:app"),
    ],
    "raw": [sys.executable, APPS / "closes_idle.py"],
}

GET = {"name": "GET"}
POST = {"name": "POST", "path": "/upload", "upload_bytes": 100}


def load(port, requests, in_bursts, folder):
    """A trickle of both methods, and bursts of one."""
    flow = {"kind": "keep-alive", "clients": 200, "timeout_s": 30}
    seconds = 1.05 * requests / (TRICKLE + BURST / IDLE_S)
    scenario = {
        "target": f"127.0.0.1:{port}",
        "before_s": seconds,
        "settle_s": 30,
        "flows": [
            *({**flow, **method, "rate": TRICKLE / 2} for method in (GET, POST)),
            {**flow, **in_bursts, "rate": BURST / IDLE_S, "burst": BURST},
        ],
    }
    return harness.load(scenario, folder, timeout=seconds + 60)


@pytest.mark.parametrize("name", COMMANDS)
def test_an_app_that_closes_idle_connections_makes_no_502(name, start, soak, tmp_path):
    wanted = 100_000 if soak else 10_000
    port = harness.free_port()
    flags = ["--listen", f"127.0.0.1:{port}", "--admin", "off"]
    service = start([harness.LASTCALL, "run", *flags, "--", *COMMANDS[name]])
    service.wait_for_http(port)

    counts, lost = collections.Counter(), []
    for in_bursts in (GET, POST):
        seen = load(port, wanted / 2, in_bursts, tmp_path)
        counts.update(seen["all"])
        lost += seen["lost"] + harness.resets_unasked(seen)
    told = {how: count for how, count in counts.items() if count}
    print(f"\n{name}, which closes idle connections after {IDLE_S} s: {sum(counts.values())} requests, {told}")
    assert lost == []
    assert counts["ok"] == sum(counts.values()) >= wanted
    service.signal()
    assert service.wait() == 0, service
