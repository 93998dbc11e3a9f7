"""The control socket: `lastcall status`, `lastcall drain` and its way back, and whose socket is whose."""

import contextlib
import json
import os
import pty
import signal
import stat
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest

import harness

BEHAVE = ["/usr/bin/python3", str(Path(__file__).parent / "apps/behave.py")]


class Wrapped:
    """An app under `lastcall run`, with its control socket."""

    def __init__(self, start, folder, *flags):
        self.port, self.admin = harness.free_port(), harness.free_port()
        self.socket = folder / f"{self.port}.sock"
        listen = ["--listen", f"127.0.0.1:{self.port}", "--admin", f"127.0.0.1:{self.admin}"]
        self.process = start(
            [harness.LASTCALL, "run", *listen, "--control", self.socket, "--health-path", "/up", *flags, "--", *BEHAVE]
        )
        self.process.wait_for_http(self.port, "/pid")

    def tell(self, *words):
        """Status and output of a sub-command."""
        done = subprocess.run(
            [harness.LASTCALL, *words, "--control", self.socket], capture_output=True, text=True, timeout=30
        )
        return done.returncode, done.stdout + done.stderr

    def wait_out(self, start):
        """A `drain --wait` that waits."""
        waiting = start([harness.LASTCALL, "drain", "--wait", "--control", self.socket])
        waiting.wait_for_output("waiting until")
        return waiting

    def status(self):
        return json.loads(self.tell("status", "--json")[1])

    def ask(self, path, port=None):
        """Status and fields of an answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port or self.port}{path}", timeout=30) as response:
                return response.status, response.headers
        except urllib.error.HTTPError as error:
            return error.code, error.headers

    def ask_slowly(self, seconds):
        """A request that the app has and works on; join() it."""

        def ask():
            with contextlib.suppress(OSError):
                self.ask(f"/slow?{seconds}")

        thread = threading.Thread(target=ask)
        thread.start()
        self.process.wait_for_output(f"serving /slow?{seconds}")
        return thread


@pytest.fixture
def wrapped(start, tmp_path):
    return Wrapped(start, tmp_path)


def test_status_shows_by_route_who_waits_for_what_without_the_query(wrapped):
    requests = [wrapped.ask_slowly(seconds) for seconds in (4, 4.01)]
    code, text = wrapped.tell("status")
    assert code == 0
    assert "phase      serving, ready\nin flight  2 requests" in text
    (row,) = [line.split() for line in text.splitlines() if "/slow" in line]
    assert row[:3] == ["2", "GET", "/slow"]
    assert row[5:7] == ["127.0.0.1", "waiting"]
    assert "?" not in text
    exchanges = wrapped.status()["exchanges"]
    assert [(one["method"], one["path"], one["client"]) for one in exchanges] == [("GET", "/slow", "127.0.0.1")] * 2
    assert exchanges[0]["age_seconds"] >= exchanges[1]["age_seconds"] > 0
    for request in requests:
        request.join()


def test_drain_turns_readiness_red_and_tells_clients_but_serves_whoever_comes_until_it_is_undone(wrapped):
    assert wrapped.tell("drain") == (0, "unready\n")
    assert wrapped.ask("/readyz", wrapped.admin)[0] == 503
    assert wrapped.ask("/livez", wrapped.admin)[0] == 200
    assert wrapped.ask("/up")[0] == 503
    served, fields = wrapped.ask("/pid")
    assert (served, fields["Connection"]) == (200, "close")
    assert wrapped.status()["unready"] is True
    assert wrapped.tell("drain", "--undo") == (0, "ready again\n")
    assert wrapped.ask("/readyz", wrapped.admin)[0] == 200
    assert wrapped.ask("/up")[0] == 200
    assert "got SIG" not in wrapped.process.output, "the app hears nothing of it"


def test_drain_waits_until_nothing_is_in_flight_and_nobody_comes_any_more(wrapped):
    request = wrapped.ask_slowly(1)
    waited = "nothing is in flight, and nobody comes any more\nwaiting until nobody comes any more\n"
    assert wrapped.tell("drain", "--wait") == (0, waited)
    assert wrapped.status()["in_flight"]["requests"] == 0
    request.join()


def test_the_wait_goes_on_while_the_balancer_still_sends(wrapped, start):
    waiting = start([harness.LASTCALL, "drain", "--wait", "--control", wrapped.socket])
    for _ in range(10):  # longer in all than the quiet that it waits for
        wrapped.ask_slowly(0.3).join()
    assert waiting.popen.poll() is None
    assert waiting.wait() == 0


def test_the_wait_shows_on_a_terminal_what_is_still_in_flight(wrapped):
    request = wrapped.ask_slowly(1.5)
    pid, master = pty.fork()
    if pid == 0:
        argv = [harness.LASTCALL, "drain", "--wait", "--control", str(wrapped.socket)]
        os.execve(argv[0], argv, {**os.environ, "TERM": "xterm"})
    shown = b""
    try:
        while b"nothing is in flight" not in shown:
            shown += os.read(master, 4096)
    finally:
        os.close(master)
        _, status = os.waitpid(pid, 0)
    assert b"draining: 1 request" in shown
    assert os.waitstatus_to_exitcode(status) == 0
    request.join()


def test_a_wait_that_is_interrupted_leaves_it_out_of_the_rotation(wrapped, start):
    request = wrapped.ask_slowly(2)
    waiting = wrapped.wait_out(start)
    waiting.signal(signal.SIGINT)
    assert waiting.wait() == 130
    assert wrapped.status()["unready"] is True
    request.join()


def test_a_wait_ends_with_the_shutdown_and_says_how_that_went(wrapped, start):
    request = wrapped.ask_slowly(2)
    waiting = wrapped.wait_out(start)
    wrapped.process.signal(signal.SIGTERM)
    assert waiting.wait() == 0
    assert waiting.output.endswith("it has shut down meanwhile, cleanly\n")
    assert wrapped.process.wait() == 0
    request.join()


def test_a_wait_fails_if_something_was_cut(start, tmp_path):
    wrapped = Wrapped(start, tmp_path, "--drain-timeout", "1s", "--app-stop", "1s", "--reserve", "1s")
    request = wrapped.ask_slowly(20)
    waiting = wrapped.wait_out(start)
    wrapped.process.signal(signal.SIGTERM)
    assert waiting.wait() == 1
    assert "shut down meanwhile, and not cleanly" in waiting.output
    request.join()


def test_a_wait_fails_if_what_it_waits_for_is_killed(wrapped, start):
    request = wrapped.ask_slowly(20)
    waiting = wrapped.wait_out(start)
    wrapped.process.signal(signal.SIGKILL)
    assert waiting.wait() == 1
    assert "without a drain report" in waiting.output
    request.join()


def test_a_signal_after_a_drain_shuts_down_as_ever(wrapped):
    request = wrapped.ask_slowly(4)
    wrapped.tell("drain")
    wrapped.process.signal(signal.SIGTERM)
    wrapped.process.wait_for_output("drain_begin")
    code, text = wrapped.tell("drain", "--undo")
    assert (code, text) == (1, "lastcall: a shutdown is under way, which cannot be taken back\n")
    assert "time left" in wrapped.tell("status")[1]
    assert wrapped.process.wait() == 0
    request.join()
    assert not wrapped.socket.exists()


def test_only_its_own_user_can_open_it_and_no_get_changes_anything(wrapped):
    assert stat.S_IMODE(wrapped.socket.stat().st_mode) == 0o600
    curl = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--unix-socket", wrapped.socket]
    assert subprocess.check_output([*curl, "http://lastcall/drain"], text=True) == "405"
    assert wrapped.status()["unready"] is False


def test_a_running_ones_socket_is_never_taken_and_a_dead_ones_is(wrapped, start):
    again = [harness.LASTCALL, "run", "--listen", "127.0.0.1:0", "--admin", "off", "--control", wrapped.socket]
    second = start([*again, "--", *BEHAVE])
    assert second.wait() == 125
    assert "another process listens there" in second.output
    assert wrapped.status()["phase"] == "serving"
    wrapped.process.signal(signal.SIGKILL)
    wrapped.process.wait()
    assert wrapped.socket.exists()
    third = start([*again, "--", *BEHAVE])
    third.wait_for_output("app_ready")
    assert wrapped.status()["pid"] == third.pid


def test_no_socket_is_left_where_the_app_could_not_be_started(start, tmp_path):
    listen = ["--listen", "127.0.0.1:0", "--admin", "off", "--control", tmp_path / "control.sock"]
    process = start([harness.LASTCALL, "run", *listen, "--", "/no/such/program"])
    assert process.wait() == 127
    assert f'"control":"{tmp_path}/control.sock"' in process.output
    assert not (tmp_path / "control.sock").exists()


# Where nobody names a socket.

INSIDE = """
import json, os, signal, subprocess, sys, time
lastcall, *app = sys.argv[1:]

def run():
    process = subprocess.Popen([lastcall, "run", "--listen", "127.0.0.1:0", "--admin", "off", "--", *app],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    while "app_ready" not in process.stderr.readline():
        pass
    return process

def status():
    done = subprocess.run([lastcall, "status", "--json"], capture_output=True, text=True)
    return done.returncode, done.stdout or done.stderr

said = {"none": status()}
first = run()
said["one"] = status()
second = run()
said["two"] = status()
first.kill()
first.wait()
said["stale"] = os.listdir("/run/lastcall")
third = run()
said["swept"] = os.listdir("/run/lastcall")
for process in (second, third):
    process.terminate()
    process.wait()
said["left"] = os.listdir("/run/lastcall")
said["pids"] = [first.pid, second.pid, third.pid]
print(json.dumps(said))
"""


def test_several_on_one_machine_are_told_apart_and_none_is_guessed(tmp_path):
    """In a /run of the test's own, where no other lastcall is."""
    environment = {name: value for name, value in os.environ.items() if name != "XDG_RUNTIME_DIR"}
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    own_run = ["unshare", *as_root, "--mount", "sh", "-c", 'mount -t tmpfs none /run && exec "$@"', "sh"]
    if subprocess.run([*own_run, "true"], capture_output=True).returncode != 0:
        pytest.skip("needs the right to make a mount namespace")
    (tmp_path / "inside.py").write_text(INSIDE)
    argv = [*own_run, sys.executable, tmp_path / "inside.py", harness.LASTCALL, *BEHAVE]
    said = json.loads(subprocess.check_output(argv, text=True, env=environment, timeout=60))
    first, second, third = said["pids"]
    assert said["none"][0] == 125 and "no `lastcall run` of this user answers" in said["none"][1]
    assert said["one"][0] == 0 and json.loads(said["one"][1])["pid"] == first
    assert said["two"][0] == 2 and f"--control /run/lastcall/{second}.sock  {harness.LASTCALL} run " in said["two"][1]
    assert f"{first}.sock" in said["stale"], "nobody could take it away"
    assert sorted(said["swept"]) == sorted([f"{second}.sock", f"{third}.sock"])
    assert said["left"] == []
