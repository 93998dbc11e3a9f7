"""Behind nginx, which learns from nobody that its upstream is going away and goes on sending (LC104)."""

import json
from pathlib import Path

import pytest

import harness

APPS = Path(__file__).parent / "apps"
TINY_HTTP = str(Path(harness.LOAD).with_name("tiny_http"))

LAME_DUCK = ["--lame-duck", "8s", "--lame-duck-min", "1s", "--lame-duck-quiet", "2s"]
QUIET_S, MAX_S = 2, 8
STILL_SENDING_S = 5
REQUESTS_PER_SECOND = 300


@pytest.fixture
def service(start, tmp_path):
    """lastcall around a small app, and the file that its report goes to."""
    port, report = harness.free_port(), tmp_path / "report.json"
    flags = ["--listen", f"127.0.0.1:{port}", "--admin", "off", "--report", report, *LAME_DUCK]
    process = start([harness.LASTCALL, "run", *flags, "--", TINY_HTTP])
    process.wait_for_http(port)
    process.port, process.report = port, report
    return process


@pytest.fixture
def balancer(start, service, tmp_path):
    port = harness.free_port()
    template = (APPS / "balancer.conf.in").read_text()
    for name, value in {"FOLDER": tmp_path, "PORT": port, "UPSTREAM": service.port}.items():
        template = template.replace(f"@{name}@", str(value))
    config = tmp_path / "balancer.conf"
    config.write_text(template)
    process = start(["nginx", "-p", tmp_path, "-c", config])
    process.wait_for_http(port)
    process.port = port
    return process


def test_a_balancer_that_goes_on_sending_for_five_seconds_loses_nothing(service, balancer, tmp_path):
    flow = {"clients": 64, "rate": REQUESTS_PER_SECOND / 2, "timeout_s": 20}
    seen = harness.load(
        {
            "target": f"127.0.0.1:{balancer.port}",
            "before_s": 1.5,
            "after_s": STILL_SENDING_S,
            "pid": service.pid,
            "flows": [
                {**flow, "name": "reads", "kind": "keep-alive"},
                {**flow, "name": "new connections", "kind": "fresh"},
            ],
        },
        tmp_path,
    )
    assert service.wait() == 0, service
    report = json.loads(service.report.read_text())
    lame_duck, traffic = report["lame_duck"], report["traffic"]
    print(
        f"\nbehind nginx: {sum(seen['all'].values())} requests, {sum(seen['after'].values())} of them after SIGTERM; "
        f"not ok: {({how: count for how, count in seen['all'].items() if count and how != 'ok'})}; "
        f"{traffic['accepted']} redials, the last at {traffic['last_connection_ms']:.0f} ms; "
        f"lame duck ended by {lame_duck['ended_by']} at {lame_duck['ended_ms']:.0f} ms; lost_race {traffic['lost_race']}"
    )
    assert seen["lost"] == harness.resets_unasked(seen) == []
    assert seen["all"]["ok"] == sum(seen["all"].values())
    assert seen["after"]["ok"] >= 0.7 * REQUESTS_PER_SECOND * STILL_SENDING_S
    assert "upstream" not in balancer.output, balancer
    assert report["clean"] and traffic["lost_race"] == traffic["failed"] == traffic["refused"] == 0
    assert lame_duck["ended_by"] == "quiet"
    assert 0.9 * STILL_SENDING_S <= traffic["last_connection_ms"] / 1000 <= STILL_SENDING_S + 0.5
    assert traffic["last_connection_ms"] / 1000 + QUIET_S <= lame_duck["ended_ms"] / 1000 + 0.001 < MAX_S
