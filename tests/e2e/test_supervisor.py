"""`lastcall run` as the supervisor of one app: exit statuses, signals, and that nothing is ever left behind."""

import json
import os
import shlex
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

import harness

BEHAVE = ["/usr/bin/python3", str(Path(__file__).parent / "apps/behave.py")]


class Wrapped:
    """An app under `lastcall run`."""

    def __init__(self, start, folder, app, *flags, prefix=(), env=None):
        self.port = harness.free_port()
        self.report_path = Path(folder) / f"report-{self.port}.json"
        common = ["--listen", f"127.0.0.1:{self.port}", "--admin", "off", "--report", self.report_path]
        self.process = start([*prefix, harness.LASTCALL, "run", *common, *flags, "--", *app], env)

    def serving(self):
        self.process.wait_for_http(self.port, "/pid")
        return self

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as response:
            return response.read().decode()

    def get_in_background(self, path):
        """Starts a request and returns once the app has it, with a function that returns its answer or error."""
        outcome = []

        def ask():
            try:
                outcome.append(self.get(path))
            except OSError as error:
                outcome.append(error)

        thread = threading.Thread(target=ask)
        thread.start()
        self.process.wait_for_output(f"serving {path}")

        def answer():
            thread.join(30)
            return outcome[0]

        return answer

    def signal(self, number):
        self.process.signal(number)

    def status(self, timeout=20.0):
        """Its exit status; fails if anything is left of it."""
        status = self.process.wait(timeout)
        assert self.process.living() == {}, f"left behind by {self.process}"
        assert harness.port_is_free(self.port), f"port held after {self.process}"
        return status

    @property
    def report(self):
        return json.loads(self.report_path.read_text())


@pytest.fixture
def wrap(start, tmp_path):
    def make(*app, flags=(), **options):
        return Wrapped(start, tmp_path, [*BEHAVE, *app], *flags, **options)

    return make


def short(app_stop="1s", drain="1s"):
    return ["--drain-timeout", drain, "--app-stop", app_stop, "--reserve", "1s"]


# Exit statuses (LC501).


@pytest.mark.parametrize(
    ("app", "status"),
    [
        ([], 0),  # dies of the signal
        (["on=TERM:exit=0"], 0),
        (["on=TERM:exit=143"], 0),  # says the same as a shell would
        (["on=TERM:exit=3"], 3),
        (["on=TERM:own=0.3"], 0),
    ],
)
def test_the_status_is_clean_if_the_app_ended_as_asked_and_else_its_own(wrap, app, status):
    wrapped = wrap(*app).serving()
    wrapped.signal(signal.SIGTERM)
    assert wrapped.status() == status


def test_an_app_that_ignores_the_signal_is_killed_at_the_deadline(wrap):
    wrapped = wrap("on=TERM:ignore", flags=short()).serving()
    began = time.monotonic()
    wrapped.signal(signal.SIGTERM)
    assert wrapped.status() == 1
    assert time.monotonic() - began >= 2.0
    assert wrapped.report["app"]["killed"]


def test_a_request_beyond_the_drain_deadline_is_cut_and_named(wrap):
    wrapped = wrap(flags=short()).serving()
    answer = wrapped.get_in_background("/slow?20")
    wrapped.signal(signal.SIGTERM)
    assert wrapped.status() == 1
    assert isinstance(answer(), OSError)
    (cut,) = wrapped.report["traffic"]["cuts"]
    assert (cut["method"], cut["path"], cut["client"]) == ("GET", "/slow", "127.0.0.1")
    assert cut["age_ms"] >= 1000


def test_a_request_in_flight_finishes_before_the_app_is_signalled(wrap):
    wrapped = wrap().serving()
    answer = wrapped.get_in_background("/slow?1")
    wrapped.signal(signal.SIGTERM)
    assert wrapped.status() == 0
    assert answer() == "ok"
    assert wrapped.report["app"]["signalled_ms"] >= 500


@pytest.mark.parametrize("how", ["7", "143"])
def test_a_crash_gives_the_apps_own_status(wrap, how):
    wrapped = wrap().serving()
    with pytest.raises((urllib.error.HTTPError, OSError)):
        wrapped.get(f"/crash?{how}")
    assert wrapped.status() == int(how)
    assert wrapped.report["app"]["exited_by_itself"]


@pytest.mark.parametrize(("how", "status"), [("exits", 1), ("killed", 128 + signal.SIGKILL)])
def test_what_the_apps_own_end_took_along_is_counted(wrap, how, status):
    wrapped = wrap(flags=["--access-log"]).serving()
    pid = int(wrapped.get("/pid"))
    answers = [wrapped.get_in_background(f"/slow?{seconds}") for seconds in (20, 20.1, 20.2)]
    if how == "killed":
        os.kill(pid, signal.SIGKILL)
    else:
        with pytest.raises(OSError):
            wrapped.get("/crash?0")
    assert wrapped.status() == status
    assert {getattr(answer(), "code", None) for answer in answers} == {502}
    lost = 4 if how == "exits" else 3
    assert wrapped.report["traffic"]["failed"] == lost
    assert not wrapped.report["clean"]
    assert f'"failed":{lost},' in wrapped.process.output
    assert wrapped.process.output.count('"error":"no_answer"') == lost


def test_a_death_by_signal_gives_128_and_the_signal(wrap):
    wrapped = wrap().serving()
    os.kill(int(wrapped.get("/pid")), signal.SIGSEGV)
    assert wrapped.status() == 128 + signal.SIGSEGV


# What cannot start.


def failing(start, tmp_path, *command, flags=()):
    wrapped = Wrapped(start, tmp_path, command, *flags)
    return wrapped.status(), wrapped.process.output


def test_a_command_that_does_not_exist_is_127(start, tmp_path):
    status, output = failing(start, tmp_path, "no-such-command-here")
    assert status == 127
    assert "no-such-command-here" in output


def test_a_command_that_is_not_executable_is_126(start, tmp_path):
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\n")
    status, output = failing(start, tmp_path, script)
    assert status == 126
    assert "chmod +x" in output


def test_an_app_that_is_never_ready_is_125_and_the_log_says_where_it_listens(start, tmp_path):
    elsewhere = harness.free_port()
    app = ["env", f"PORT={elsewhere}", *BEHAVE]
    status, output = failing(start, tmp_path, *app, flags=["--start-timeout", "5s"])
    assert status == 125
    assert f"127.0.0.1:{elsewhere}" in output
    assert "Connection refused" in output


def test_an_app_that_wants_lastcalls_own_port_is_told_so(start):
    port = harness.free_port()
    app = ["/usr/bin/python3", "-m", "http.server", "--bind", "127.0.0.1", str(port)]
    process = start([harness.LASTCALL, "run", "--listen", f"127.0.0.1:{port}", "--admin", "off", "--", *app])
    assert process.wait() == 1
    hint = next(line for line in process.output.splitlines() if "app_ended_early" in line)
    assert "$PORT, {port}" in hint
    assert "it wants lastcall's own" in hint


def test_an_app_that_puts_itself_into_the_background_is_told_so(start, tmp_path):
    background = ["sh", "-c", f"{shlex.join(map(str, BEHAVE))} & exit 0"]
    process = start([harness.LASTCALL, "run", "--listen", "127.0.0.1:0", "--admin", "off", "--", *background])
    assert process.wait() == 1
    hint = next(line for line in process.output.splitlines() if "app_in_background" in line)
    assert '"processes":1' in hint
    assert "daemon off" in hint
    assert "app_ended_early" not in process.output


def test_a_taken_port_is_125_and_the_app_is_not_started(start, tmp_path):
    with harness.socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start([harness.LASTCALL, "run", "--listen", f"127.0.0.1:{port}", "--admin", "off", "--", *BEHAVE])
        assert process.wait() == 125
    assert f"127.0.0.1:{port}" in process.output
    assert "listening" not in process.output.replace("cannot listen", "")


def test_a_stranger_on_the_apps_port_is_not_taken_for_the_app(start):
    with harness.socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        argv = ["run", "--listen", "127.0.0.1:0", "--admin", "off", "--app-port", port, "--", *BEHAVE]
        process = start([harness.LASTCALL, *argv])
        assert process.wait() == 125
    assert f"the app's port is taken: another process listens on 127.0.0.1:{port}" in process.output
    assert "app_ready" not in process.output


# Signals (LC101, LC102).


def test_a_second_sigint_forces(wrap):
    wrapped = wrap("on=INT:ignore").serving()
    answer = wrapped.get_in_background("/slow?20")
    wrapped.signal(signal.SIGINT)
    wrapped.process.wait_for_output("drain_begin")
    wrapped.signal(signal.SIGINT)
    assert wrapped.status(timeout=5) == 1
    assert wrapped.report["forced"]
    assert isinstance(answer(), OSError)


def test_a_repeated_sigterm_changes_nothing(wrap):
    wrapped = wrap().serving()
    answer = wrapped.get_in_background("/slow?1.5")
    for _ in range(3):
        wrapped.signal(signal.SIGTERM)
        time.sleep(0.1)
    assert wrapped.status() == 0
    assert answer() == "ok"
    assert wrapped.process.output.count("got SIGTERM") == 0, "the app had the default action, and got one signal"


def test_the_first_sigquit_drains_and_a_second_forces(wrap):
    wrapped = wrap("on=QUIT:exit=0").serving()
    answer = wrapped.get_in_background("/slow?1")
    wrapped.signal(signal.SIGQUIT)
    assert wrapped.status() == 0
    assert answer() == "ok"

    wrapped = wrap("on=QUIT:exit=0").serving()
    wrapped.get_in_background("/slow?20")
    wrapped.signal(signal.SIGQUIT)
    wrapped.process.wait_for_output("drain_begin")
    wrapped.signal(signal.SIGQUIT)
    assert wrapped.status(timeout=5) == 1


@pytest.mark.parametrize("app", [["boot=60"], ["on=TERM:own=0.5", "boot=60"]])
def test_sigterm_while_booting_takes_no_longer_than_the_app_itself(wrap, app):
    wrapped = wrap(*app)
    wrapped.process.wait_for_output("booting")
    began = time.monotonic()
    wrapped.signal(signal.SIGTERM)
    assert wrapped.status() == 0
    assert time.monotonic() - began < 10.0


def test_a_signal_in_the_first_instant_is_not_lost(wrap):
    for _ in range(10):
        wrapped = wrap("boot=60")
        harness.wait_until(lambda w=wrapped: blocks_sigterm(w.process.pid), "SIGTERM blocked")
        wrapped.signal(signal.SIGTERM)
        assert wrapped.status() == 0


def blocks_sigterm(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    blocked = next(line for line in status.splitlines() if line.startswith("SigBlk"))
    return int(blocked.split()[1], 16) & (1 << (signal.SIGTERM - 1))


def test_the_stop_signal_can_be_chosen(wrap):
    wrapped = wrap("on=TERM:ignore", "on=USR1:exit=0", flags=["--stop-signal", "USR1"]).serving()
    wrapped.signal(signal.SIGTERM)
    assert wrapped.status() == 0
    assert "got SIGUSR1" in wrapped.process.output


def test_a_group_is_signalled_once_also_when_its_shell_ends_first(start, tmp_path):
    script = f"{shlex.join(BEHAVE)} on=TERM:own=0.3 & wait"
    wrapped = Wrapped(start, tmp_path, ["sh", "-c", script], "--signal-target", "group").serving()
    wrapped.signal(signal.SIGTERM)
    wrapped.status()
    assert wrapped.process.output.count("got SIGTERM") == 1


def test_other_signals_are_only_forwarded(wrap):
    names = ["HUP", "USR1", "USR2", "WINCH"]
    wrapped = wrap(*[f"on={name}:ignore" for name in names]).serving()
    for name in names:
        wrapped.signal(getattr(signal, f"SIG{name}"))
        wrapped.process.wait_for_output(f"got SIG{name}")
    assert wrapped.get("/pid")
    wrapped.signal(signal.SIGTERM)
    assert wrapped.status() == 0


@pytest.mark.parametrize("app", [[], ["on=TERM:exit=0"]])
def test_an_app_signalled_by_others_is_told_of_with_what_it_took_along(wrap, app):
    wrapped = wrap(*app).serving()
    answer = wrapped.get_in_background("/slow?5")
    wrapped.signal(signal.SIGTERM)
    wrapped.process.wait_for_output("drain_begin")
    os.kill(pid_of_app(wrapped), signal.SIGTERM)
    assert wrapped.status() == 1
    answer()
    assert not wrapped.report["clean"]
    assert "KillMode=mixed" in wrapped.process.output
    assert wrapped.report["app"]["signalled_by_others"]


def pid_of_app(wrapped):
    return next(pid for pid, command in wrapped.process.living().items() if command.startswith(BEHAVE[0]))


# Nothing is left behind (LC401).


@pytest.mark.parametrize("left", ["child", "daemon"])
def test_what_the_app_leaves_behind_is_ended(wrap, left):
    wrapped = wrap(left, "on=TERM:exit=0").serving()
    wrapped.signal(signal.SIGTERM)
    wrapped.status()
    assert wrapped.report["app"]["descendants_killed"] == (1 if left == "daemon" else 0)


@pytest.mark.parametrize("app", [[], ["on=TERM:ignore", "child", "daemon"]])
def test_sigkill_of_lastcall_leaves_nothing(wrap, app):
    wrapped = wrap(*app).serving()
    wrapped.signal(signal.SIGKILL)
    wrapped.process.wait()
    harness.wait_until(lambda: not wrapped.process.living(), lambda: f"the end of {wrapped.process.living()}", 5)
    assert harness.port_is_free(wrapped.port)


def test_sigkill_of_the_keeper_ends_the_app_and_all_it_started(wrap):
    wrapped = wrap("child", "daemon").serving()
    keeper = next(pid for pid, command in wrapped.process.living().items() if command.startswith("lastcall: keeper"))
    os.kill(keeper, signal.SIGKILL)
    assert wrapped.status() == 128 + signal.SIGKILL


# As PID 1.


@pytest.fixture
def pid1(wrap):
    """Wraps an app with lastcall as PID 1 of a PID namespace of its own; its pid outside is `wrapped.pid1`."""
    prefix = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
    if subprocess.run([*prefix, "true"], capture_output=True).returncode != 0:
        pytest.skip("needs the right to make a PID namespace")

    def make(*app, **options):
        wrapped = wrap(*app, prefix=prefix, **options).serving()
        children = Path(f"/proc/{wrapped.process.pid}/task/{wrapped.process.pid}/children").read_text()
        wrapped.pid1 = int(children.split()[0])
        wrapped.signal = lambda number: os.kill(wrapped.pid1, number)
        return wrapped

    return make


@pytest.mark.parametrize(("app", "status"), [([], 0), (["on=TERM:exit=3", "daemon"], 3), (["on=TERM:ignore"], 1)])
def test_pid_1_drains_and_ends(pid1, app, status):
    wrapped = pid1(*app, flags=short(drain="4s"))
    answer = wrapped.get_in_background("/slow?0.5")
    wrapped.signal(signal.SIGTERM)
    assert wrapped.status() == status
    assert answer() == "ok"


def test_pid_1_reaps_orphans_of_others(pid1):
    wrapped = pid1()
    # A process from outside the app's tree whose parent dies at once, as `docker exec` makes them.
    entered = ["nsenter", "--target", str(wrapped.pid1), "--pid", "--mount"]
    script = "sleep 1 >/dev/null 2>&1 & echo $!"
    pid = subprocess.run([*entered, "sh", "-c", script], capture_output=True, text=True, check=True).stdout.strip()
    orphan = Path(f"/proc/{wrapped.pid1}/root/proc/{pid}")
    assert "PPid:\t1\n" in (orphan / "status").read_text()
    harness.wait_until(lambda: not orphan.exists(), f"the end of orphan {pid}", 5)
    wrapped.signal(signal.SIGTERM)
    assert wrapped.status() == 0


def test_a_second_sigint_forces_pid_1(pid1):
    wrapped = pid1("on=INT:ignore")
    wrapped.get_in_background("/slow?20")
    wrapped.signal(signal.SIGINT)
    wrapped.process.wait_for_output("drain_begin")
    wrapped.signal(signal.SIGINT)
    assert wrapped.status(timeout=5) == 1
