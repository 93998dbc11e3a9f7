"""`lastcall check` as a command: its exit status, what it writes and where, what it leaves behind, what it keeps to itself.
Whether its verdicts are right is for tests/check."""

import contextlib
import json
import os
import pty
import re
import signal
import stat
import subprocess
import sys
import xml.etree.ElementTree

import pytest

import harness

SERVE = harness.ROOT / "tests/check/serve.py"
BRIEF = ["--trials", "1", "--duration", "500ms", "--grace", "8s"]
SLEEPER = [sys.executable, "-c", "import time; print('asleep', flush=True); time.sleep(1000)"]


def server(name="perfect", *options):
    return [sys.executable, SERVE, "{port}", "--as", name, *options]


def argv(*words, command=None):
    return [str(word) for word in (harness.LASTCALL, "check", *words, *(["--", *command] if command else []))]


def check(*words, command=None, env=None):
    return subprocess.run(
        argv(*words, command=command), capture_output=True, text=True, timeout=120, env={**os.environ, **(env or {})}
    )


def statuses(document):
    return {finding["clause"]: finding["status"] for finding in json.loads(document)["verdicts"][0]["findings"]}


# Exit status


def test_a_server_that_stops_well_passes():
    done = check(*BRIEF, "--duration", "3s", "--slow-path", "/slow", command=server())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASSED" in done.stdout


def test_a_server_that_cuts_work_fails():
    done = check(*BRIEF, "--slow-path", "/slow", command=server("drops-in-flight"))
    assert done.returncode == 1, done.stdout + done.stderr
    assert "LC202" in done.stdout


def test_what_was_never_in_flight_is_inconclusive():
    done = check(*BRIEF, "--ws-path", "/nowhere", "--json", "-", command=server())
    assert done.returncode == 3, done.stdout + done.stderr
    assert statuses(done.stdout)["LC206"] == "inconclusive"


@pytest.mark.parametrize(
    "words, says",
    [
        (["--trails", "3"], "did you mean --trials?"),
        ([], "there is no server to check"),
        (["--pid", "1"], "never signalled"),
        (["--pid", "0"], "never signalled"),
        (["--pid", "99999999"], "there is no process 99999999"),
        (["--profile", "kubernets", "--", "true"], "did you mean kubernetes?"),
        (["--replay", "/nowhere.ndjson"], "No such file"),
        (["--replay", "x", "--", "true"], "--replay runs nothing"),
        (["--replay", "x", "--trials", "5"], "leave --trials away"),
        (["--restarts", "4", "--", "true"], "--behind haproxy or --behind nginx"),
        (["--pid", "4711", "--", "true"], "not both"),
        (["--ready-path", "http://192.0.2.1/readyz", "--", "true"], "is not on this machine"),
        (["--json", "-", "--junit", "-", "--", "true"], "only one"),
        (["--", "no-such-server"], "command not found"),
    ],
)
def test_what_cannot_be_is_a_usage_error(words, says):
    done = check(*words)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stdout == ""


def test_it_does_not_signal_itself(tmp_path):
    # exec keeps the process id.
    script = 'exec "$0" check --url http://127.0.0.1:9 --pid $$'
    done = subprocess.run(["sh", "-c", script, harness.LASTCALL], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "never signalled" in done.stderr


def test_a_server_that_never_starts_says_why():
    failing = [sys.executable, "-c", "print('no database at db:5432'); raise SystemExit(7)"]
    done = check(*BRIEF, command=failing)
    assert done.returncode == 2
    assert "ended before it answered: exit 7" in done.stderr
    assert "no database at db:5432" in done.stderr


def test_a_server_that_listens_elsewhere_is_told_so():
    elsewhere = "import socket, time; s = socket.create_server(('127.0.0.1', 0)); time.sleep(1000)"
    done = check(*BRIEF, "--start-timeout", "1s", command=[sys.executable, "-c", elsewhere])
    assert done.returncode == 2
    assert "it listens on 127.0.0.1:" in done.stderr


def test_a_port_that_is_taken_is_no_server_of_ours(start):
    port = harness.free_port()
    other = start([sys.executable, SERVE, port])
    other.wait_for_http(port)
    done = check(*BRIEF, "--url", f"http://127.0.0.1:{port}", command=server())
    assert done.returncode == 2
    assert "taken by another process" in done.stderr
    assert other.popen.poll() is None


# Nothing is left behind


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_leaves_nothing_running(start, number):
    run = start(argv("--duration", "100s", command=server()))
    run.wait_for_output("loading")
    run.signal(number)
    assert run.wait() == 130
    assert "interrupted" in run.output
    harness.wait_until(lambda: run.living() == {}, run.living)


def test_an_interrupt_while_the_server_starts_leaves_nothing_running(start):
    run = start(argv(command=SLEEPER))
    harness.wait_until(lambda: len(run.living()) >= 3, run.living)
    run.signal(signal.SIGINT)
    assert run.wait() == 130
    harness.wait_until(lambda: run.living() == {}, run.living)


def test_an_interrupt_after_the_signal_leaves_nothing_running(start):
    run = start(argv(*BRIEF, "--grace", "100s", command=server("ignores-sigterm")))
    run.wait_for_output("signalled")
    run.signal(signal.SIGINT)
    assert run.wait() == 130
    harness.wait_until(lambda: run.living() == {}, run.living)


def test_its_own_violent_death_leaves_nothing_running(start):
    run = start(argv("--duration", "100s", command=server()))
    run.wait_for_output("loading")
    run.signal(signal.SIGKILL)
    run.wait()
    harness.wait_until(lambda: run.living() == {}, run.living)


def test_orphans_are_named_and_ended(start, tmp_path):
    run = start(argv(*BRIEF, "--json", tmp_path / "verdict.json", command=server("leaves-an-orphan")))
    assert run.wait() == 1
    assert statuses((tmp_path / "verdict.json").read_text())["LC401"] == "failed"
    harness.wait_until(lambda: run.living() == {}, run.living)


# No shell


def test_the_command_is_executed_as_it_is(tmp_path):
    mark = tmp_path / "mark"
    words = [f"; touch {mark}", f"$(touch {mark})", f"`touch {mark}`", "$HOME", "a  b", "*"]
    done = check(*BRIEF, command=[sys.executable, "-c", "import sys; print(*sys.argv[1:], sep='|')", *words])
    assert done.returncode == 2
    assert "|".join(words) in done.stderr
    assert not mark.exists()


# Results


def test_the_results_are_written_whole_and_for_their_owner_alone(tmp_path):
    files = {kind: tmp_path / f"verdict.{kind}" for kind in ("json", "junit", "html", "record")}
    files["json"].write_text("an older one")
    os.chmod(files["json"], 0o644)
    flags = [word for kind, file in files.items() for word in (f"--{kind}", file)]
    done = check(*BRIEF, *flags, command=server())
    assert done.returncode in (0, 3), done.stdout + done.stderr
    for file in files.values():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(file.name for file in files.values())

    verdict = json.loads(files["json"].read_text())["verdicts"][0]
    assert verdict["status"] == ("passed" if done.returncode == 0 else "inconclusive")
    assert files["html"].read_text().lower().startswith("<!doctype html>")
    suite = xml.etree.ElementTree.parse(files["junit"]).getroot()
    assert {case.get("name").split()[0] for case in suite.iter("testcase")} == set(statuses(files["json"].read_text()))


def test_a_file_that_cannot_be_written_is_refused_before_the_server_is_started(tmp_path):
    mark = tmp_path / "mark"
    done = check("--json", "/proc/nowhere", command=["touch", mark])
    assert done.returncode == 2
    assert "cannot write /proc/nowhere" in done.stderr
    assert not mark.exists()


def test_what_goes_to_stdout_stands_there_alone():
    done = check(*BRIEF, "--json", "-", command=server())
    verdict = json.loads(done.stdout)["verdicts"][0]
    assert verdict["status"].upper() in done.stderr


def test_a_replay_gives_the_verdict_of_the_run(tmp_path):
    record = tmp_path / "run.ndjson"
    ran = check(*BRIEF, "--slow-path", "/slow", "--record", record, "--json", "-", command=server("drops-in-flight"))
    again = check("--replay", record, "--json", "-")
    assert ran.returncode == again.returncode == 1
    assert json.loads(ran.stdout) == json.loads(again.stdout)


def test_a_replay_can_be_judged_by_another_profile(tmp_path):
    record = tmp_path / "run.ndjson"
    ran = check(*BRIEF, "--record", record, "--json", "-", command=server())
    assert statuses(ran.stdout)["LC104"] == "skipped"
    again = check("--replay", record, "--profile", "kubernetes", "--json", "-")
    assert again.returncode == 1
    assert statuses(again.stdout)["LC104"] == "failed"


def test_a_seed_is_shown_as_it_is_taken():
    done = check(*BRIEF, "--seed", "18446744073709551615", command=server())
    assert "seed 18446744073709551615" in done.stdout


@pytest.mark.parametrize("when, coloured", [("always", True), ("auto", False), ("never", False)])
def test_colour_is_for_who_wants_it(tmp_path, when, coloured):
    record = tmp_path / "run.ndjson"
    check(*BRIEF, "--record", record, command=server())
    assert ("\x1b[" in check("--replay", record, "--color", when).stdout) == coloured


# Progress


def on_a_terminal(words):
    """What is said on stderr if that is a terminal."""
    ours, theirs = pty.openpty()
    said = b""
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=theirs, env={**os.environ, "TERM": "xterm"}):
        os.close(theirs)
        with contextlib.suppress(OSError):  # EIO: nobody holds the other end any more
            while piece := os.read(ours, 4096):
                said += piece
    os.close(ours)
    return said.decode()


def test_on_a_terminal_one_line_tells_how_it_goes_and_is_taken_away():
    said = on_a_terminal(argv(*BRIEF, "--slow-path", "/slow", command=server()))
    assert "trial 1/1  loading" in said
    assert re.search(r"trial 1/1  \+\d\.\d s after SIGTERM  .* 8 slow", said)
    assert "\n" not in said
    assert said.endswith("\r\x1b[K")


def test_elsewhere_a_line_tells_what_begins():
    done = check(*BRIEF, "--slow-path", "/slow", command=server())
    lines = done.stderr.splitlines()
    assert lines[:2] == ["trial 1/1: waiting for the server", "trial 1/1: loading"]
    assert lines[2].startswith("trial 1/1: signalled by SIGTERM, ") and "8 slow" in lines[2]
    assert len(lines) == 3


# Secrets


def test_secrets_are_shown_and_kept_nowhere(tmp_path):
    files = {kind: tmp_path / f"verdict.{kind}" for kind in ("json", "junit", "html", "record")}
    flags = [word for kind, file in files.items() for word in (f"--{kind}", file)]
    secrets = {"header": "hunter2-header", "query": "hunter2-query", "flag": "hunter2-flag", "url": "hunter2-url"}
    command = ["env", f"API_TOKEN={secrets['flag']}", f"DB=postgres://me:{secrets['url']}@db/app", *server("drops-in-flight")]
    done = check(
        *BRIEF,
        *flags,
        *("--header", f"Authorization: Bearer {secrets['header']}"),
        *("--slow-path", f"/slow?key={secrets['query']}"),
        command=command,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    texts = [done.stdout, done.stderr, *(file.read_text() for file in files.values())]
    for text in texts:
        for secret in secrets.values():
            assert secret not in text
    assert "API_TOKEN=***" in done.stdout


def test_secrets_in_the_output_of_a_server_that_fails_are_masked():
    echo = [sys.executable, "-c", "print('GET /?key=hunter2: denied'); raise SystemExit(1)"]
    done = check(*BRIEF, "--path", "/?key=hunter2", command=echo)
    assert done.returncode == 2
    assert "denied" in done.stderr
    assert "hunter2" not in done.stderr


# Servers that run already


def test_a_server_that_runs_already_is_signalled_and_watched(start):
    port = harness.free_port()
    running = start([sys.executable, SERVE, port])
    running.wait_for_http(port)
    done = check(*BRIEF, "--pid", running.pid, "--url", f"http://127.0.0.1:{port}", "--json", "-")
    assert done.returncode == 3, done.stdout + done.stderr
    seen = statuses(done.stdout)
    assert seen["LC501"] == "inconclusive"
    assert seen["LC101"] != "failed" and seen["LC301"] != "failed"
    assert running.wait() == 0


def test_where_a_server_listens_is_found_by_its_process(start):
    port = harness.free_port()
    running = start([sys.executable, "-m", "http.server", "--bind", "127.0.0.1", port])
    running.wait_for_http(port)
    done = check(*BRIEF, "--pid", running.pid)
    assert done.returncode in (1, 3), done.stdout + done.stderr
    assert f"http://127.0.0.1:{port}" in done.stdout
    assert running.wait() == -signal.SIGTERM


def test_a_server_that_runs_already_is_never_killed(start):
    port = harness.free_port()
    running = start([sys.executable, SERVE, port, "--as", "ignores-sigterm"])
    running.wait_for_http(port)
    done = check(*BRIEF, "--grace", "1s", "--pid", running.pid, "--url", f"http://127.0.0.1:{port}")
    assert done.returncode == 1, done.stdout + done.stderr
    assert running.popen.poll() is None


# Help


def test_help_names_every_option_and_the_exit_status():
    done = check("--help")
    assert done.returncode == 0, done.stdout + done.stderr
    for words in ("--slow-path PATH", "Examples:", "Exit status: 0 every clause passed"):
        assert words in done.stdout
