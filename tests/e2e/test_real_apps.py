"""Real apps under `lastcall run`: SIGTERM at random instants in mid-load, and nobody notices.

The load: new connections and busy keep-alive clients at half of what the bare app can do, slow requests, dribbled
uploads, slow large downloads, idle connections, and connections that never sent a byte.
"""

import datetime
import json
import random
import re

import pytest

import harness
from real_apps import ALL, LARGE, with_port

IDLE_GRACE = 1.0  # the default of --idle-grace
SLACK_MS = 3000  # for a busy machine; what would hold the exit otherwise takes ten seconds and more
CLOCK_STEP = 0.02  # what the clocks of two logs may differ by
ANSWERED = re.compile(r"^answered \S+ ([\d.]+)")  # a line of each app's log


def flows(fresh_rate, busy_rate):
    return [
        {"name": "fresh", "kind": "fresh", "clients": 1000, "rate": fresh_rate, "expected_bytes": 2},
        {"name": "busy", "kind": "keep-alive", "clients": 32, "rate": busy_rate, "expected_bytes": 2},
        {"name": "slow", "path": "/slow", "clients": 8, "expected_bytes": 2},
        {
            "name": "upload",
            "path": "/upload",
            "clients": 4,
            "upload_bytes": 40_000,
            "upload": {"bytes": 1000, "every_s": 0.04},
            "expected_bytes": 2,
        },
        {
            "name": "download",
            "path": "/large",
            "clients": 4,
            "download": {"bytes": 512 * 1024, "every_s": 0.05},
            "expected_bytes": LARGE,
        },
        {"name": "idle", "kind": "idle", "clients": 20},
        {"name": "silent", "kind": "silent", "clients": 3},
    ]


@pytest.fixture(params=ALL, ids=lambda app: app.name)
def app(request, soak):
    if request.param.name == "gunicorn-sync" and not soak:
        pytest.skip("two dozen Python processes: in make soak only")
    return request.param


def capacity(app, start, tmp_path):
    """Requests per second of the bare app: {flow: rate}, asked as fast as 48 clients can."""
    port = harness.free_port()
    bare = start(with_port(app.argv(tmp_path), port), env={"PORT": str(port)})
    bare.wait_for_http(port)
    greedy = [
        {"name": "fresh", "kind": "fresh", "clients": 24},
        {"name": "busy", "kind": "keep-alive", "clients": 24},
    ]
    seconds = 2.0
    seen = harness.load({"target": f"127.0.0.1:{port}", "before_s": seconds, "flows": greedy}, tmp_path)
    bare.kill()
    return {flow["name"]: flow["all"]["ok"] / seconds for flow in seen["flows"]}


def wrap(app, start, tmp_path):
    port = harness.free_port()
    report = tmp_path / f"report-{port}.json"
    options = ["--listen", f"127.0.0.1:{port}", "--admin", "off", "--log-format", "text", "--report", report]
    process = start([harness.LASTCALL, "run", *options, "--", *app.argv(tmp_path)])
    process.wait_for_http(port)
    return process, port, report


def check_nothing_left(process, port):
    assert process.living() == {}, "left running"
    assert harness.port_is_free(port)


def check_order(app, process):
    """The app's own log shows the signal only after its last response."""
    lines = process.output.splitlines()
    answers = [number for number, line in enumerate(lines) if ANSWERED.search(line)]
    signals = [number for number, line in enumerate(lines) if app.signalled in line]
    assert answers and signals, f"nothing of the kind in {process}"
    if app.logs_in_order:
        assert answers[-1] < signals[0], f"{lines[answers[-1]]!r} came after {lines[signals[0]]!r}"
    # Any other may be held up between its response and its line in the log; the time in that line is the response's.
    sent = next(line.split()[0] for line in lines if " app_signalled " in line)
    sent_at = datetime.datetime.strptime(sent, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()
    last = max(float(ANSWERED.search(lines[number])[1]) for number in answers)
    assert last <= sent_at + CLOCK_STEP, f"a response {last - sent_at:.3f} s after the signal in {process}"


def last_answer_ms(seen, names):
    return max(flow.get("last_ok_ms", 0) for flow in seen["flows"] if flow["name"] in names)


def shut_down_in_mid_load(app, rates, start, tmp_path):
    process, port, report_file = wrap(app, start, tmp_path)
    seen = harness.load(
        {
            "target": f"127.0.0.1:{port}",
            "seed": random.randrange(2**32),
            "before_s": random.uniform(0.8, 2.5),
            "patience_s": 5.0,
            "after_s": 4.0,
            "pid": process.pid,
            "flows": flows(rates["fresh"] / 2, rates["busy"] / 2),
        },
        tmp_path,
    )
    status = process.wait()
    report = json.loads(report_file.read_text())
    what = f"report: {json.dumps(report)}\nload: {json.dumps(seen)}\n{process}"

    assert seen["lost"] == harness.resets_unasked(seen) == [], what
    assert seen["unfinished"] == 0 and seen["all"]["unsent"] == 0, what
    assert status == 0, what
    assert report["clean"] and report["traffic"]["cut"] == 0 and report["traffic"]["lost_race"] == 0, what
    refused = min(flow["first_refused_ms"] for flow in seen["flows"] if "first_refused_ms" in flow)
    # Where the host's SYN queues overflowed lately, the SYNs are dropped, not refused: clients learn at their
    # retransmission, a second later.
    assert refused < report["app"]["signalled_ms"] or report["traffic"]["listener_close"] == "filter", what
    check_order(app, process)
    check_nothing_left(process, port)

    # What rests does not hold up the exit: the app is told as soon as the last request is done and the idle
    # connections have had their grace.
    idle_over = refused + IDLE_GRACE * 1000
    busy_over = last_answer_ms(seen, ("fresh", "busy", "slow", "upload", "download"))
    assert report["app"]["signalled_ms"] < max(idle_over, busy_over) + SLACK_MS, what
    return seen


def test_no_client_notices_the_shutdown(app, start, tmp_path, soak, capsys):
    rates = capacity(app, start, tmp_path)
    shutdowns = 20 if soak else 3
    attempts = 0
    in_flight = {}
    lag = 0.0
    for _ in range(shutdowns):
        seen = shut_down_in_mid_load(app, rates, start, tmp_path)
        attempts += sum(seen["all"].values()) - seen["all"]["refused"]
        lag = max(lag, seen["lag_max_ms"])
        for flow in seen["flows"]:
            in_flight.setdefault(flow["name"], []).append(flow["in_flight"])
    with capsys.disabled():
        print(
            f"\n{app.name}: {shutdowns} shutdowns, {attempts} attempts, 0 lost "
            f"(95 % bound: {3e4 / attempts:.2f} of 10 000; of the shutdowns {100 * 3 / shutdowns:.0f} %)"
            f"\n  load: {rates['fresh'] / 2:.0f}/s new connections, {rates['busy'] / 2:.0f}/s keep-alive; "
            f"client at most {lag:.0f} ms late"
            f"\n  in flight at the signal, mean: "
            + ", ".join(f"{sum(counts) / shutdowns:.1f} {name}" for name, counts in in_flight.items())
        )
    for name, counts in in_flight.items():
        assert min(counts) > 0, f"no {name} request was in flight at one of the signals: {counts}"
    assert set(in_flight["idle"]) == {20} and set(in_flight["silent"]) == {3}


def test_the_same_load_on_a_bare_app_does_show_losses(start, tmp_path):
    """What these tests count as nothing is there to be counted: nginx alone drops what is in flight at SIGTERM."""
    bare_nginx = next(app for app in ALL if app.name == "nginx")
    port = harness.free_port()
    bare = start(with_port(bare_nginx.argv(tmp_path), port), env={"PORT": str(port)})
    bare.wait_for_http(port)
    scenario = {"target": f"127.0.0.1:{port}", "before_s": 1.0, "after_s": 0.5, "pid": bare.pid, "flows": flows(200, 200)}
    after = harness.load(scenario, tmp_path)["after"]
    assert after["eof"] + after["reset"] >= 8, after
    assert after["truncated"] >= 1, after


def test_resting_connections_delay_the_exit_by_at_most_the_idle_grace(app, start, tmp_path):
    process, port, report_file = wrap(app, start, tmp_path)
    resting = [flow for flow in flows(1, 1) if flow["name"] in ("idle", "silent")]
    scenario = {"target": f"127.0.0.1:{port}", "before_s": 0.5, "after_s": 3.0, "pid": process.pid, "flows": resting}
    seen = harness.load(scenario, tmp_path)
    assert process.wait() == 0
    report = json.loads(report_file.read_text())
    assert seen["lost"] == harness.resets_unasked(seen) == []
    assert report["app"]["signalled_ms"] < IDLE_GRACE * 1000 + SLACK_MS, report
    assert report["took_ms"] < report["app"]["exited_ms"] + SLACK_MS, report
    check_nothing_left(process, port)
