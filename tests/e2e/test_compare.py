"""`lastcall check --compare`: the same app on its own and under `lastcall run`, judged alike."""

import json
import signal
from pathlib import Path

import harness

APPS = Path(__file__).parent / "apps"
UNPREPARED = ["node", APPS / "unprepared.js"]
NODE = ["node", APPS / "server.js"]
WORK = ["--slow-path", "/slow", "--upload-path", "/upload"]

PROVED = (0, 3)  # 3 if this machine was too busy to measure on it: what failed is failed even then


def compare(start, tmp_path, *options, command):
    report = tmp_path / "compare.json"
    process = start([harness.LASTCALL, "check", "--compare", "--seed", "1", "--json", report, *options, "--", *command])
    status = process.wait(timeout=120)
    assert report.exists(), process
    document = json.loads(report.read_text())
    assert [one["title"] for one in document["verdicts"]] == ["bare", "lastcall run"]
    assert document["exit_status"] == status
    return status, [{one["clause"]: one["status"] for one in verdict["findings"]} for verdict in document["verdicts"]], process


def test_what_an_unprepared_app_breaks_is_kept_under_lastcall(start, tmp_path):
    """Requests are in flight for a second, and SIGTERM kills the app in an instant."""
    status, (bare, wrapped), process = compare(start, tmp_path, "--trials", "2", *WORK, command=UNPREPARED)
    assert bare["LC202"] == bare["LC501"] == "failed", process
    assert "failed" not in wrapped.values(), process
    assert wrapped["LC103"] != "skipped", "lastcall's own readiness is asked if the app has none"
    assert status in PROVED, process
    assert process.living() == {}


def test_readiness_is_asked_at_the_path_of_the_app(start, tmp_path):
    _, (bare, wrapped), process = compare(start, tmp_path, "--trials", "1", "--ready-path", "/up", command=NODE)
    assert bare["LC103"] != "skipped", process
    assert wrapped["LC103"] not in ("failed", "skipped"), process


def test_clients_that_are_still_routed_are_served_by_the_lame_duck(start, tmp_path):
    options = ["--trials", "1", "--profile", "kubernetes"]
    _, (bare, wrapped), process = compare(start, tmp_path, *options, command=[harness.LASTCALL, "demo", "--app"])
    assert bare["LC104"] == "failed", process
    assert wrapped["LC104"] != "skipped" and "failed" not in wrapped.values(), process


def test_a_server_that_runs_already_cannot_be_compared(start):
    for words in (["--pid", "1234"], ["--replay", "x"], ["--url", "http://127.0.0.1:1"]):
        process = start([harness.LASTCALL, "check", "--compare", *words, "--", "true"])
        assert process.wait() == 2, process


def test_ctrl_c_leaves_nothing_running(start):
    process = start([harness.LASTCALL, "check", "--compare", "--", *UNPREPARED])
    process.wait_for_output("loading")
    process.signal(signal.SIGINT)
    assert process.wait() == 130
    assert process.living() == {}
