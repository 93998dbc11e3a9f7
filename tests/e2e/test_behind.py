"""`lastcall check --behind`: three replicas of a real app are restarted one after another behind a real balancer. Under
lastcall no user of the balancer notices; what they notice of the same app on its own is printed beside it."""

import json
import signal
from pathlib import Path

import pytest

import harness

APPS = Path(__file__).parent / "apps"

PUMA = ["puma", "--quiet", "-t", "32:32", "-b", "tcp://127.0.0.1:{port}", APPS / "config.ru"]
GUNICORN = ["gunicorn", "--chdir", APPS, "-b", "127.0.0.1:{port}", "-k", "gthread", "-w", "2", "--threads", "32", "wsgi:app"]
NODE = ["node", APPS / "server.js"]
UNPREPARED = ["node", APPS / "unprepared.js"]

WORK = ["--slow-path", "/slow", "--upload-path", "/upload"]


def check(start, tmp_path, *options, command, restarts=3):
    report = tmp_path / "check.json"
    common = ["--restarts", restarts, "--seed", "1", "--json", report]
    process = start([harness.LASTCALL, "check", *common, *options, "--", *command])
    status = process.wait(timeout=60 + restarts * 25)
    assert report.exists(), process
    return status, {one["title"]: one for one in json.loads(report.read_text())["rolling"]}, process


def tell(balancer, app, verdicts):
    for title, one in verdicts.items():
        print(
            f"\n{app} behind {balancer}, {title}: {one['errors']} errors in {one['requests']} requests over "
            f"{len(one['restarts'])} restarts (at most {100 * one['rate_upper_bound_95']:.2g} %)",
            end="",
        )


@pytest.mark.parametrize(
    ("balancer", "app", "always"),
    [
        ("haproxy", "unprepared", True),
        ("nginx", "puma", True),
        ("haproxy", "puma", False),
        ("haproxy", "gunicorn", False),
        ("haproxy", "node", False),
        ("nginx", "unprepared", False),
        ("nginx", "gunicorn", False),
        ("nginx", "node", False),
    ],
)
def test_users_of_replicas_under_lastcall_see_no_error(start, tmp_path, soak, balancer, app, always):
    if not always and not soak:
        pytest.skip("in make soak only")
    command = {"puma": PUMA, "gunicorn": GUNICORN, "node": NODE, "unprepared": UNPREPARED}[app]
    # Node, bare, goes on serving the connections that nginx keeps until it is killed.
    options = ["--behind", balancer, "--compare", "--grace", "10s", "--ready-path", "/up", *WORK]
    status, verdicts, process = check(start, tmp_path, *options, command=command, restarts=20 if soak else 3)
    tell(balancer, app, verdicts)
    wrapped = verdicts["lastcall run"]
    assert wrapped["errors"] == 0, process
    assert wrapped["status"] == "passed" and status == 0, process
    assert all(each["exit"] == "exit 0" for each in wrapped["restarts"]), process
    assert process.living() == {}


def test_users_of_an_app_that_dies_of_its_signal_see_errors(start, tmp_path):
    """Eight users always have a slow request under way, at least two of them on the replica that is restarted."""
    options = ["--behind", "haproxy", "--slow-path", "/slow"]
    status, verdicts, process = check(start, tmp_path, *options, command=UNPREPARED)
    bare = verdicts[""]
    assert status == 1 and bare["status"] == "failed", process
    slow = next(flow for flow in bare["flows"] if flow["name"] == "slow")
    assert bare["errors"] >= slow["errors"] >= slow["outcomes"]["server_error"] > 0
    assert sum(each["errors"] for each in bare["restarts"]) == bare["errors"]
    assert "slow: answered 502" in process.output
    assert [each["exit"] for each in bare["restarts"]] == ["died of SIGTERM"] * 3


def failing(start, *words):
    process = start([harness.LASTCALL, "check", *words])
    return process.wait(), process.output, process


def test_a_replica_that_never_answers_is_a_usage_error_that_shows_its_words(start):
    script = "echo cannot find the database; sleep 60"
    status, output, process = failing(start, "--behind", "haproxy", "--start-timeout", "1s", "--", "sh", "-c", script)
    assert status == 2 and "did not answer in time" in output, output
    assert process.living() == {}


def test_a_replica_that_ends_by_itself_is_told_with_its_last_words(start):
    status, output, process = failing(start, "--behind", "nginx", "--", "sh", "-c", "echo no licence; exit 3")
    assert status == 2 and "ended by itself: exit 3" in output and "no licence" in output, output
    assert process.living() == {}


def test_another_balancer_is_a_usage_error(start):
    status, output, _ = failing(start, "--behind", "envoy", "--", "true")
    assert status == 2 and "haproxy" in output and "nginx" in output, output


@pytest.mark.parametrize(
    "words",
    [["--pid", "1234"], ["--replay", "x"], ["--sse-path", "/events"], ["--html", "x.html"], ["--ready-path", ":9797/readyz"]],
    ids=lambda words: words[0],
)
def test_what_means_nothing_behind_a_balancer_is_refused(start, words):
    command = [] if words[0] == "--pid" else ["--", "true"]
    status, output, _ = failing(start, "--behind", "nginx", *words, *command)
    assert status == 2 and words[0] in output, output


def test_ctrl_c_leaves_nothing_running(start):
    process = start([harness.LASTCALL, "check", "--behind", "haproxy", "--", *UNPREPARED])
    harness.wait_until(lambda: any("haproxy.conf" in words for words in process.living().values()), process)
    process.signal(signal.SIGINT)
    assert process.wait() == 130
    assert process.living() == {}
